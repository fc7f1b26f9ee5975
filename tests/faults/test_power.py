"""The power goes while people write: whatever was acknowledged had reached the disk.  security.md §3, row 4"""

from pathlib import Path

import pytest

from tests.faults.control import copy_that_does_not_sync
from tests.faults.drill import drill
from tests.faults.oracle import Kind
from tests.faults.platform import Style
from tests.faults.power import powered_disk
from tests.faults.scene import Plan, Store
from tests.faults.small_world import GROUPS
from tests.faults.strikes.power import CUTS, cut_power

pytestmark = [pytest.mark.power, pytest.mark.timeout(3_600)]
STYLE = Style(window=1, think_s=0.02)


def test_what_was_not_synced_is_gone(tmp_path: Path) -> None:
    with powered_disk(tmp_path / "disk", 16) as disk:
        (disk.folder / "synced").write_bytes(b"kept")
        disk.sync()
        (disk.folder / "written").write_bytes(b"lost")
        disk.cut()
        with pytest.raises(OSError, match="Input/output error"):
            (disk.folder / "later").write_bytes(b"refused")
        disk.power_on()
        assert [path.name for path in disk.folder.iterdir() if path.is_file()] == ["synced"]
        assert (disk.folder / "synced").read_bytes() == b"kept"


@pytest.mark.parametrize("store", Store)
async def test_what_was_acknowledged_outlives_the_power(store: Store, seed: Path, folder: Path) -> None:
    outcome = await drill(Plan(store, groups=GROUPS, style=STYLE, is_powered=True), seed, folder, cut_power)
    assert outcome.events["power cut"] == CUTS
    assert outcome.violations == dict.fromkeys(Kind, 0), outcome.examples
    assert outcome.problems == {}, outcome.events
    assert outcome.acked > 100


async def test_a_store_that_does_not_sync_is_caught(seed: Path, folder: Path) -> None:
    package = copy_that_does_not_sync(folder / "control")
    plan = Plan(Store.SQLITE, groups=GROUPS, style=STYLE, package=package, is_powered=True, settle_s=1)
    outcome = await drill(plan, seed, folder, cut_power)
    assert outcome.violations[Kind.LOST] > 0
