"""Appointments between two clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from miss.base.ids import PractitionerId
from miss.base.text import Language
from miss.directory.practitioners import Practitioner
from miss.directory.practitioners.model import Coding, PractitionerRole
from teleexpertise.availability.places import METROPOLE, ZONES, Clocks, place_of, zone_of

REUNION, TAHITI = ZONES["974"], ZONES["987"]


@pytest.mark.parametrize(
    ("clocks", "at", "told"),
    [
        (
            Clocks(REUNION, METROPOLE), (2026, 11, 20, 9),
            "vendredi 20 novembre 2026 à 13:00 (La Réunion), 10:00 (Paris)",
        ),
        (Clocks(METROPOLE, REUNION), (2026, 7, 3, 9), "vendredi 3 juillet 2026 à 11:00 (Paris), 13:00 (La Réunion)"),
        (Clocks(METROPOLE, METROPOLE), (2026, 7, 3, 9), "vendredi 3 juillet 2026 à 11:00 (Paris)"),
        (
            Clocks(METROPOLE, TAHITI), (2026, 7, 3, 7),
            "vendredi 3 juillet 2026 à 09:00 (Paris), jeudi 2 juillet 2026 à 21:00 (Tahiti)",
        ),
    ],
)  # fmt: skip
def test_both_sides_read_both_hours(clocks: Clocks, at: tuple[int, int, int, int], told: str) -> None:
    assert clocks.moment(datetime(*at, tzinfo=UTC)) == told


def test_the_other_side_reads_its_own_first() -> None:
    noon = datetime(2026, 11, 20, 9, tzinfo=UTC)
    told = Clocks(REUNION, METROPOLE).turned.moment(noon, Language.EN)
    assert told == "Friday 20 November 2026 at 10:00 (Paris), 13:00 (Réunion)"


def test_every_territory_has_a_clock_and_a_name() -> None:
    assert place_of(ZoneInfo("Indian/Reunion"), Language.FR) == "La Réunion"
    assert len({place_of(zone, Language.FR) for zone in ZONES.values()}) == len(ZONES)


@pytest.mark.parametrize(("departments", "zone"), [((), METROPOLE), (("59",), METROPOLE), (("974", "59"), REUNION)])
def test_the_clock_is_that_of_the_first_practice(departments: tuple[str, ...], zone: ZoneInfo) -> None:
    roles = tuple(PractitionerRole(None, None, "", "", "", department) for department in departments)
    somebody = Practitioner(
        id=PractitionerId("p"), family="Exemple", given="Paul", civility="", profession=Coding("10", "Médecin"),
        roles=roles, mailboxes=(),
    )  # fmt: skip
    assert zone_of(somebody) == zone
