"""Every entitled device reads exactly what it is entitled to, whatever happened: some random stories, always the same.

python -m tests.e2e.entitlement.long --seconds 600       others, for as long as asked
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from tests.databases import postgresql_database
from tests.e2e.entitlement.machine import Stories
from tests.e2e.entitlement.stories import STORIES, sqlite
from tests.e2e.entitlement.world import Tally


def test_on_sqlite() -> None:
    tally = Tally()
    few = settings(STORIES, derandomize=True, max_examples=6, stateful_step_count=20)
    run_state_machine_as_test(lambda: Stories(sqlite, tally), settings=few)  # type: ignore[arg-type]  # a factory will do
    assert tally.acts > 60
    assert tally.readings > 1000


def test_on_postgresql(postgresql_url: str) -> None:
    @asynccontextmanager
    async def postgresql(_: Path) -> AsyncIterator[str]:
        async with postgresql_database(postgresql_url) as url:
            yield url

    few = settings(STORIES, derandomize=True, max_examples=2, stateful_step_count=10)
    run_state_machine_as_test(lambda: Stories(postgresql), settings=few)  # type: ignore[arg-type]
