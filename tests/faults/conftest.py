"""A small world, and a folder to run it in."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.peers.seeds import find_or_make
from bench.seed import Plan as SeedPlan
from tests.faults.small_world import GROUP, PEOPLE


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty people in conversations of five."""
    return find_or_make(tmp_path_factory.mktemp("seeds"), SeedPlan(people=PEOPLE, group=GROUP, payload_bytes=100))


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that PostgreSQL's user may enter."""
    with tempfile.TemporaryDirectory(prefix="miss-faults-", ignore_cleanup_errors=True) as made:
        Path(made).chmod(0o755)
        yield Path(made)
