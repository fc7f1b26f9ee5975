"""Own entries on the fictive register."""

import pytest

from miss.base.clock import MovableClock
from miss.directory.exports import OwnEntries
from miss.directory.practitioners import Practitioners
from miss.storage import Database


@pytest.fixture
def entries(db: Database, clock: MovableClock, practitioners: Practitioners) -> OwnEntries:
    """Nobody yet: each test says who has an account, or is published."""
    return OwnEntries(db, clock, practitioners)
