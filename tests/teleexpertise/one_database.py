"""One database kind for the many mails of this room; `tests/teleexpertise/test_house.py` goes over both."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from miss.storage import Database


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    """A real SQLite database."""
    database = Database(f"sqlite:///{tmp_path}/miss.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    yield database
    await database.close()
