"""Who looked: everybody else's acts and looks, in plain words; one's own on demand; never a stranger's."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.directory.audit import Subject, practitioner_actor
from tests.miss.server.web.visitors import PAUL, Place, opened

LOOKED = "/compte/consultations"
ROW = re.compile(r"<tr><th scope=\"row\">[^<]+</th><td>([^<]*)</td><td>([^<]*)</td></tr>")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path, doors=False) as place:
        yield place


async def test_looks_at_account_and_entry_are_one_list_in_plain_words(place: Place) -> None:
    audit, anne, marc = place.server.house.audit, place.anne, place.marc
    account, entry = Subject.account(anne.uid), Subject.practitioner(anne.practitioner.id)
    await audit.record(actor=marc.uid.hex(), act="account.read", subject=account)
    await audit.record(actor=practitioner_actor(place.paul.practitioner.id), act="directory.read", subject=entry)
    await audit.record(actor="cli:ops{0}", act="account.suspend", subject=account)
    await audit.record(actor="establishment:59{x}", act="directory.invented{y}", subject=entry)
    await audit.record(actor="", act="account.code_wrong", subject=account)
    await audit.record(actor="ab" * 16, act="directory.read", subject=entry)
    await audit.record(actor=marc.uid.hex(), act="account.read", subject=Subject.account(place.paul.uid))
    rows = ROW.findall(await anne.see(LOOKED))
    assert rows[:6] == [
        ("Une personne qui n’est plus dans l’annuaire", "a consulté votre fiche"),
        ("Quelqu’un qui n’était pas identifié", "a donné un code d’activation inexact"),
        ("Un logiciel (establishment:59{x})", "autre acte\N{NO-BREAK SPACE}: directory.invented{y}"),
        ("L’exploitant de la plateforme", "a suspendu votre compte"),
        (place.paul.practitioner.display_name, "a consulté votre fiche"),
        (marc.practitioner.display_name, "a consulté votre compte"),
    ]
    assert "Vous" not in {who for who, _ in rows}
    english = ROW.findall(await anne.see(LOOKED, "en"))
    assert english[4] == (place.paul.practitioner.display_name, "looked at your entry")
    with_own = ROW.findall(await anne.see(f"{LOOKED}?tout=1"))
    assert ("Vous", "s’est connecté à votre compte") in with_own
    assert len(with_own) > len(rows)


async def test_older_lines_are_on_further_pages_without_a_gap(place: Place) -> None:
    audit, anne = place.server.house.audit, place.anne
    for number in range(120):
        subject = Subject.account(anne.uid) if number % 3 else Subject.practitioner(anne.practitioner.id)
        await audit.record(actor=f"cli:{number}", act=f"test.{number}", subject=subject)
    told, path = [], LOOKED
    while path:
        page = await anne.see(path)
        told += [int(what.partition(": test.")[2]) for _, what in ROW.findall(page) if ": test." in what]
        following = re.search(rf'rel="next" href="({LOOKED}\?[^"]+)"', page)
        path = following[1] if following else ""
    assert told == list(range(119, -1, -1))
    assert (await anne.http.get(f"{LOOKED}?avant=x")).status_code == 400
    assert "Rien de plus ancien." in await anne.see(f"{LOOKED}?avant=1")


async def test_the_blocked_learn_nothing_here(place: Place) -> None:
    await place.anne.send("/compte/blocages", {"whom": PAUL, "reason": "other"})
    assert "bloqué un correspondant" not in await place.paul.see(f"{LOOKED}?tout=1")
    assert "a bloqué un correspondant" in await place.anne.see(f"{LOOKED}?tout=1")
