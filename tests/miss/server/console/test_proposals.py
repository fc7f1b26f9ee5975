"""The technician's queue of proposals, side by side with the entry; each outcome is mailed and recorded."""

import html
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from miss.directory.preferences import NotificationLevel
from miss.directory.proposals import ProposalState
from miss.server.demo.mailbox import text_of
from tests.miss.server.web.visitors import Place, opened

QUEUE = "/console/propositions"
FORM = {
    "formats": ["hprim_text", "attachments", "xdm"],
    "phone": "0327009999",
    "is_red_listed": "1",
    "remark": "Mon adresse a <changé>.",
}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path, doors=False) as place:
        yield place


async def proposed(place: Place) -> str:
    """The page of Anne's proposal."""
    await place.anne.send("/compte/fiche", FORM)
    [made] = await place.server.house.own.proposals.list_open()
    return f"{QUEUE}/{made.id}"


async def test_what_waits_is_counted_listed_and_shown_side_by_side(place: Place) -> None:
    marc = place.marc
    assert "Aucune proposition n'attend." in await marc.see(QUEUE)
    page_path = await proposed(place)
    assert "Propositions de changement de fiche" in await marc.see("/console")
    assert page_path in await marc.see(QUEUE)
    page = await marc.see(page_path)
    assert place.anne.practitioner.display_name in page
    assert "0327009999" in page
    assert "Mon adresse a <changé>." in page
    assert "Adresse à publier" not in page, "a field that does not change"
    assert "What is said to be wrong in the register" in await marc.see(page_path, "en")
    # The person sees who looked.
    assert "a consulté votre proposition de changement" in await place.anne.see("/compte/consultations")
    for visitor in (place.anne, place.paul):
        assert (await visitor.http.get(page_path)).status_code == 403
        assert (await visitor.send(f"{page_path}/acceptation")).status_code == 403


async def test_accepted_it_is_the_entry_and_the_person_is_told(place: Place) -> None:
    page_path = await proposed(place)
    answer = await place.marc.send(f"{page_path}/acceptation")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{QUEUE}?fait=acceptee")
    assert "la personne en est avertie" in await place.marc.see(f"{QUEUE}?fait=acceptee")
    page = await place.anne.see("/compte/fiche")
    assert "acceptée" in page
    entry = (await place.server.house.practitioners.get(place.anne.practitioner.id)).entry
    assert (entry.phone, entry.is_red_listed) == ("0327009999", True)
    [raw] = await place.mails()
    mail = message_from_bytes(raw, policy=default)
    assert mail["Subject"] == "Votre fiche dans l’annuaire MiSS"
    assert "anne.modele@" in mail["To"]
    assert "acceptée" in text_of(mail)
    again = await place.marc.send(f"{page_path}/refus", {"reason": "trop tard"})
    assert again.status_code == 409
    assert "n’est plus à l’étude" in again.text


async def test_refused_the_reason_goes_to_the_person(place: Place) -> None:
    page_path = await proposed(place)
    empty = await place.marc.send(f"{page_path}/refus", {"reason": "  "})
    assert empty.status_code == 400
    assert "Indiquez le motif du refus" in empty.text
    assert (await place.marc.send(f"{page_path}/refus", {"reason": "C’est le standard."})).status_code == 303
    [own] = await place.server.house.own.proposals.list_own(place.anne.uid)
    assert (own.state, own.reason) == (ProposalState.REFUSED, "C’est le standard.")
    assert "C’est le standard." in await place.anne.see("/compte/fiche")
    [raw] = await place.mails()
    assert "C’est le standard." in text_of(message_from_bytes(raw, policy=default))


@pytest.mark.parametrize(("level", "count"), [(NotificationLevel.DISCREET, 1), (NotificationLevel.NONE, 0)])
async def test_the_mail_says_as_much_as_the_person_lets_it(place: Place, level: NotificationLevel, count: int) -> None:
    await place.server.house.own.preferences.choose_level(place.anne.uid, level)
    page_path = await proposed(place)
    await place.marc.send(f"{page_path}/refus", {"reason": "SECRET"})
    mails = await place.mails()
    assert len(mails) == count
    for raw in mails:
        words = text_of(message_from_bytes(raw, policy=default))
        assert "SECRET" not in words
        assert "Du nouveau vous attend" in words


async def test_nobody_judges_their_own(place: Place) -> None:
    await place.marc.send("/compte/fiche", FORM)
    [made] = await place.server.house.own.proposals.list_open()
    page_path = f"{QUEUE}/{made.id}"
    page = await place.marc.see(page_path)
    assert "un autre technicien doit la juger" in page
    assert "Accepter" not in page
    refused = await place.marc.send(f"{page_path}/acceptation")
    assert refused.status_code == 403
    assert "votre propre proposition" in html.unescape(refused.text)
    assert (await place.marc.http.get(f"{QUEUE}/x")).status_code == 404
