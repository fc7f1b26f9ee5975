"""One database kind for the many mails of this room; `tests/teleexpertise/test_house.py` goes over both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.storage import Database
from tests.databases import sqlite_database


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A real SQLite database."""
    database = Database(await sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()
