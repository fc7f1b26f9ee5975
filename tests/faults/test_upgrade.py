"""Two versions side by side, behind each proxy of `deploy/`: today's and a made-up next one.

A target of its own (mark `upgrade`: minutes, and Debian's nginx and HAProxy).  `python3 run.py soak --upgrade COMMIT`
takes an earlier version out of git's history instead.
"""

from pathlib import Path

import pytest

from tests.faults.drill import drill
from tests.faults.oracle import Kind
from tests.faults.platform import Style
from tests.faults.scene import Plan, Store
from tests.faults.small_world import GROUPS, PEOPLE
from tests.faults.upgrade import HAND_OVER, LOCK_WAIT, upgrade_to
from tests.faults.versions import copy_tree, make_next

DEADLOCK_S = 1.0
"""PostgreSQL's `deadlock_timeout`; `soak --upgrade` holds the wait to `LOCK_S`, on a machine that is quiet."""

pytestmark = [pytest.mark.upgrade, pytest.mark.timeout(3_600)]


@pytest.mark.parametrize("front", ["nginx.conf", "haproxy.cfg"])
async def test_the_next_version_takes_over_and_nothing_is_lost_or_refused(front: str, seed: Path, folder: Path) -> None:
    (folder / "run").mkdir()
    today, following = copy_tree(folder / "today"), make_next(folder / "next")
    plan = Plan(Store.POSTGRESQL, groups=GROUPS, style=Style(1, 0.2), package=today, front=front)
    outcome = await drill(plan, seed, folder / "run", upgrade_to(following))
    assert outcome.violations == dict.fromkeys(Kind, 0), outcome.examples
    assert outcome.problems == {}
    # A machine that starves its servers for longer than they bear with a silent database (seen once, beside four other
    # runs) fails here: this target wants a quiet one.
    assert [event for event in outcome.events if event.startswith("refused")] == []
    assert len(outcome.recoveries_s[HAND_OVER]) == 2
    assert outcome.recoveries_s[LOCK_WAIT][0] < DEADLOCK_S, "the migration gives way before PostgreSQL has to choose"
    assert outcome.events.get("connections lost", 0) > 0, "everybody was handed over"
    assert outcome.acked > 5 * PEOPLE
