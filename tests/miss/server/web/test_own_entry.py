"""« Ma fiche »: what is there, what is proposed, and what came of it."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from miss.directory.practitioners import AcceptedFormat, DirectoryEntry
from miss.server.web.own_absences import today
from tests.miss.server.web.visitors import Place, opened

ENTRY = "/compte/fiche"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path, doors=False) as place:
        yield place


async def test_the_page_shows_what_the_register_and_the_platform_say(place: Place) -> None:
    anne, house = place.anne, place.server.house
    page = await anne.see(ENTRY)
    assert "99900000011" in page
    assert "anne.modele@ch-fictif.mssante.example" in page
    assert "texte avec en-tête HPRIM" in page
    assert "Vos propositions" not in page
    entry = DirectoryEntry(is_red_listed=True, phone="0327009999", formats=frozenset())
    await house.practitioners.describe(anne.practitioner.id, entry, by="test")
    day = today(house.clock.now())
    await house.own.absences.add(anne.account, day, day + timedelta(days=3), "", "", today=day)
    page = await anne.see(ENTRY)
    assert "0327009999" in page
    assert "Absence affichée en ce moment" in page
    assert 'value="hprim_text">' in page
    assert 'name="is_red_listed" value="1" checked' in page
    english = await anne.see(ENTRY, "en")
    assert "What the national register says" in english
    assert "Absence shown at the moment" in english


async def test_a_proposal_waits_is_shown_and_can_be_taken_back(place: Place) -> None:
    anne, own = place.anne, place.server.house.own
    form = {
        "phone": "+33 3 27 00 99 99",
        "mailbox": "anne.modele@ch-fictif.mssante.example",
        "formats": ["xdm", "hprim_text", "inconnu"],
        "is_proxy": "1",
        "remark": "Mon second prénom <manque>.",
    }
    answer = await anne.send(ENTRY, form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ENTRY}?fait=propose")
    [made] = await own.proposals.list_open()
    assert made.change.phone == "+33327009999"
    assert made.change.formats == frozenset({AcceptedFormat.XDM, AcceptedFormat.HPRIM_TEXT})
    assert (made.change.is_proxy, made.change.is_red_listed) == (True, None)
    page = await anne.see(f"{ENTRY}?fait=propose")
    assert "Un technicien la vérifie" in page
    assert "Mon second prénom <manque>." in page
    assert "Proposer ce changement" not in page
    raw = (await anne.http.get(ENTRY)).text
    assert "&lt;manque&gt;" in raw
    answer = await anne.send(f"{ENTRY}/retrait")
    assert (answer.status_code, await own.proposals.count_open()) == (303, 0)
    assert "retirée" in await anne.see(f"{ENTRY}?fait=retire")
    gone = await anne.send(f"{ENTRY}/retrait")
    assert gone.status_code == 404


async def test_what_cannot_be_proposed_comes_back_with_what_was_typed(place: Place) -> None:
    anne = place.anne
    all_formats = [one.value for one in AcceptedFormat]
    nothing = await anne.send(ENTRY, {"formats": all_formats})
    assert nothing.status_code == 400
    assert 'role="alert"' in nothing.text
    assert "Rien ne change" in nothing.text
    wrong = await anne.send(ENTRY, {"formats": ["xdm"], "phone": "quand <vous> voulez", "remark": "mot"})
    assert wrong.status_code == 400
    assert "quand &lt;vous&gt; voulez" in wrong.text
    assert ">mot</textarea>" in wrong.text
    assert 'value="xdm" checked' in wrong.text
    assert 'value="attachments" checked' not in wrong.text
    other = await anne.send(ENTRY, {"formats": all_formats, "mailbox": "paul.exemple@medecin.mssante.example"})
    assert other.status_code == 400
    assert (await place.server.house.own.proposals.list_own(anne.uid)) == []
