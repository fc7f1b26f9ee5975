"""What every run of the stories has in common."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

from tests.databases import sqlite_database

STORIES = settings(
    database=None,
    deadline=None,
    # A story takes seconds, and a failing one tells what happened: it is not told again to be made shorter.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
    stateful_step_count=25,
)


@asynccontextmanager
async def sqlite(folder: Path) -> AsyncIterator[str]:
    """A SQLite database in the story's folder."""
    yield await sqlite_database(folder / "miss.db")
