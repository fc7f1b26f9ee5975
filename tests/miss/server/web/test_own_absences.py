"""Absences, said and taken back on their page."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from miss.chat.search import find_people
from miss.server.web.own_absences import today
from tests.miss.server.web.visitors import MARC, Place, opened

ABSENCES = "/compte/absences"


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    async with opened(tmp_path, doors=False) as place:
        yield place


def test_the_day_is_that_of_the_pages_zone() -> None:
    assert today(datetime(2026, 11, 20, 22, 59, tzinfo=UTC)).isoformat() == "2026-11-20"
    assert today(datetime(2026, 11, 20, 23, 0, tzinfo=UTC)).isoformat() == "2026-11-21"


async def test_an_absence_is_added_shown_and_removed(place: Place) -> None:
    anne, day = place.anne, today(place.clock.now())
    assert "Aucune absence prévue." in await anne.see(ABSENCES)
    form = {
        "first_day": day.isoformat(),
        "last_day": (day + timedelta(days=5)).isoformat(),
        "message": "En congé <3",
        "colleague": MARC,
    }
    answer = await anne.send(ABSENCES, form)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ABSENCES}?fait=ajout")
    page = await anne.see(ABSENCES)
    assert "en cours" in page
    assert "En congé <3" in page
    assert f"Confrère\N{NO-BREAK SPACE}: {place.marc.practitioner.display_name}" in page
    assert "Colleague: " in await anne.see(ABSENCES, "en")
    entry = await place.paul.see(f"/annuaire/{anne.practitioner.id}")
    assert "En congé <3" in entry
    assert f'href="/annuaire/{place.marc.practitioner.id}">{place.marc.practitioner.display_name}' in entry
    assert "Away until" in await place.paul.see(f"/annuaire/{anne.practitioner.id}", "en")
    [remove] = re.findall(rf"{ABSENCES}/[0-9a-f-]+/retrait", page)
    assert (await place.paul.send(remove)).status_code == 404
    assert (await anne.send(remove)).headers["location"] == f"{ABSENCES}?fait=retrait"
    assert "Aucune absence prévue." in await anne.see(ABSENCES)
    assert "En congé" not in await place.paul.see(f"/annuaire/{anne.practitioner.id}")


async def test_the_picker_of_the_chat_says_until_when(place: Place) -> None:
    house, chat, now = place.server.house, place.server.chat, today(place.clock.now())
    [before] = await find_people(chat, "Anne Modele", 5)
    assert "away_until" not in before
    for first, last in ((0, 3), (10, 12)):
        days = (now + timedelta(days=first), now + timedelta(days=last))
        await house.own.absences.add(place.anne.account, *days, "", "", today=now)
    [found] = await find_people(chat, "Anne Modele", 5)
    assert found["away_until"] == (now + timedelta(days=3)).isoformat()


async def test_what_is_wrong_comes_back_with_what_was_typed(place: Place) -> None:
    day = today(place.clock.now()).isoformat()
    good = {"first_day": day, "last_day": day, "message": "mot", "colleague": ""}
    for wrong, said in (
        ({"first_day": "demain"}, "Cette date n’est pas lisible"),
        ({"last_day": ""}, "Cette date n’est pas lisible"),
        ({"last_day": "2020-01-01"}, "précède le premier"),
        ({"colleague": "personne"}, "Aucun confrère visible"),
    ):
        answer = await place.anne.send(ABSENCES, good | wrong)
        assert answer.status_code == 400
        assert said in answer.text
        assert ">mot</textarea>" in answer.text
