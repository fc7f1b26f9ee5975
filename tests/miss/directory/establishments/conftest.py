"""An establishment with a list, on the fictive register."""

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.departments import Departments
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.uploads import Uploads
from miss.directory.practitioners import Practitioners
from miss.storage import Database

LILLE, ARRAS = OrganizationId("F599990009"), OrganizationId("F629990003")


@pytest.fixture
async def establishments(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Establishments:
    """Two hospitals with a record and nobody on their lists."""
    rooms = Establishments(db, clock, random_bytes)
    for identifier, name, finess in ((LILLE, "CH fictif de Lille", "599990009"), (ARRAS, "CH fictif d’Arras", "")):
        await rooms.open(
            Establishment(id=identifier, name=name, kind=EstablishmentKind.HOSPITAL, finess=finess, town="Lille"),
            "cli:test",
        )
    return rooms


@pytest.fixture
def roster(
    establishments: Establishments,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
) -> Roster:
    return Roster(db, clock, random_bytes, practitioners)


@pytest.fixture
def departments(roster: Roster, db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Departments:
    return Departments(db, clock, random_bytes, roster)


@pytest.fixture
def uploads(
    roster: Roster, practitioners: Practitioners, db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> Uploads:
    return Uploads(db, clock, random_bytes, practitioners, roster)
