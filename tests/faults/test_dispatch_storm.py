"""The short form of `run.py soak --dispatch`: processes claim the same requests, one is killed in the middle."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.dispatch.judge import worst_gap
from bench.dispatch.world import Place
from tests.faults.dispatch_soak import Storm, make_databases, storm
from tests.faults.scene import Store
from tests.servers import postgresql

SHORT = {
    Store.SQLITE: Storm(requests=12, processes=1, claims=8, kills=1),
    Store.POSTGRESQL: Storm(requests=12, processes=2, claims=8, kills=1),
}
"""On SQLite one process serves; the long form lets several fight for the file."""


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[tuple[Place, Store]]:
    """Where an installation may be made, on the store that the test names."""
    with tempfile.TemporaryDirectory(prefix="miss-dispatch-") as folder:
        if request.param is Store.SQLITE:
            yield Place(Path(folder)), request.param
            return
        with postgresql() as url:
            yield Place(Path(folder), url), request.param


@pytest.mark.parametrize("place", Store, indirect=True)
async def test_one_expert_each_and_one_turn_apart_whoever_is_killed(place: tuple[Place, Store]) -> None:
    where, store = place
    if store is Store.POSTGRESQL:
        await make_databases(where.postgresql)
    verdict = await storm(where, SHORT[store])
    assert verdict.is_right, verdict
    assert verdict.assigned == SHORT[store].requests


def test_the_worst_gap_is_the_worst_there_ever_was() -> None:
    assert worst_gap("abc", "") == 0
    assert worst_gap("abc", "abcabc") == 1
    assert worst_gap("abc", "aabcbc") == 2
    assert worst_gap("ab", "aaabbb") == 3
