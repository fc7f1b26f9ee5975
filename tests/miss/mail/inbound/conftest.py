"""The fictive directory, an intake that remembers, and a door that anybody may knock at."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.directory.practitioners import Practitioners
from miss.mail.inbound import Intakes, MailDoor
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.databases import sqlite_database
from tests.miss.mail.inbound.kit import RememberingIntake, door_of, fictive_directory, intakes_on


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """SQLite: no query here is one of a dialect; the tests of tele-expertise run them on PostgreSQL too."""
    database = Database(await sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()


@pytest.fixture
def intake() -> RememberingIntake:
    return RememberingIntake()


@pytest.fixture
async def practitioners(db: Database, clock: MovableClock) -> Practitioners:
    return await fictive_directory(db, clock)


@pytest.fixture
def intakes(
    db: Database,
    keystore: KeyStore,
    practitioners: Practitioners,
    jobs: JobRunner,
    clock: MovableClock,
    intake: RememberingIntake,
) -> Intakes:
    intakes = intakes_on(db, keystore, practitioners, jobs, clock)
    intakes.register(intake)
    jobs.register(intakes.job_handler())
    return intakes


@pytest.fixture
async def door(intakes: Intakes) -> AsyncIterator[MailDoor]:
    door = door_of(intakes)
    await door.open()
    yield door
    await door.close()
