"""The short form of the soak: every fault once on each store, real processes, everything judged by the oracle.

Two faults wait for somebody's patience to end and are left to the long form, `python3 run.py soak`;
`tests/miss/storage/test_silence.py` has the one that concerns the store.
"""

from pathlib import Path

import pytest

from tests.faults.control import copy_that_acknowledges_first, kill_after_acks
from tests.faults.drill import drill, one_of_each
from tests.faults.machinery import small_disk
from tests.faults.oracle import Kind
from tests.faults.platform import Style
from tests.faults.scene import Plan, Store
from tests.faults.small_world import GROUPS

AT_ONCE = 3
STYLE = Style(window=1, think_s=0.2)

EVERYWHERE = {
    "server killed (-9)",
    "server restarted",
    "server stopped (SIGSTOP)",
    "server's clock jumps",
    "everybody reconnects",
    "slow reader",
}
ONLY = {
    Store.SQLITE: {"writes fail", "disk full"},
    Store.POSTGRESQL: {
        "PostgreSQL restarted (immediate)",
        "PostgreSQL cut off from a server",
        "PostgreSQL held from a server",
        "PostgreSQL slow",
        "senders repeat elsewhere",
        "Valkey killed (-9)",
        "Valkey flushed",
        "Valkey cut off from a server",
        "Valkey held from a server",
        "Valkey lost without a word",
        "Valkey stopped (SIGSTOP)",
    },
}


@pytest.mark.long
@pytest.mark.parametrize("store", Store)
async def test_every_promise_is_kept_whatever_fails(store: Store, seed: Path, folder: Path) -> None:
    plan = Plan(store, groups=GROUPS, style=STYLE)
    outcome = await drill(plan, seed, folder, one_of_each(AT_ONCE))
    assert set(outcome.recoveries_s) == (EVERYWHERE | ONLY[store]) - _impossible(folder)
    assert outcome.violations == dict.fromkeys(Kind, 0), outcome.examples
    assert outcome.problems == {}
    # Something was at stake: clients lost connections, repeated, and were told that it was there already.
    assert outcome.acked > 100
    assert outcome.events["repeated"] > 0
    assert outcome.answered_again > 0


def _impossible(folder: Path) -> set[str]:
    """What cannot be done here; the next test says so, and CI takes that for a failure."""
    with small_disk(folder / "probe", 1) as disk:
        return set() if disk else {"disk full"}


def test_a_disk_that_is_full_takes_nothing_more_until_there_is_space(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        if disk is None:
            pytest.skip("only root has a file system to fill")
        disk.fill()
        with pytest.raises(OSError, match="No space left"):
            (disk.folder / "more").write_bytes(b"x")
        disk.free()
        (disk.folder / "more").write_bytes(b"x")


@pytest.mark.long
async def test_a_server_that_acknowledges_before_it_commits_is_caught(seed: Path, folder: Path) -> None:
    package = copy_that_acknowledges_first(folder / "control")
    plan = Plan(Store.SQLITE, groups=4, style=STYLE, package=package, settle_s=1)
    outcome = await drill(plan, seed, folder, kill_after_acks)
    assert outcome.violations[Kind.LOST] > 0
