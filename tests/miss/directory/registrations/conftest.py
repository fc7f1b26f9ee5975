"""Sign-up on both databases, with the sample register in it."""

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.sample import open_mailboxes, open_register
from miss.storage import Database
from miss.storage.sealed import KeyStore
from tests.miss.directory.registrations.applications import Rooms, build_rooms


@pytest.fixture
async def rooms(db: Database, clock: MovableClock, random_bytes: RandomBytes, keystore: KeyStore) -> Rooms:
    """One technician decides."""
    return await _with_register(build_rooms(db, clock, random_bytes, keystore))


@pytest.fixture
async def careful(db: Database, clock: MovableClock, random_bytes: RandomBytes, keystore: KeyStore) -> Rooms:
    """Two technicians decide."""
    return await _with_register(build_rooms(db, clock, random_bytes, keystore, four_eyes=True))


async def _with_register(rooms: Rooms) -> Rooms:
    with open_register() as lines:
        await rooms.practitioners.import_register(lines)
    with open_mailboxes() as lines:
        await rooms.practitioners.import_mailboxes(lines)
    return rooms
