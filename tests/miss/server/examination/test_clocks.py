"""A clock that is behind what was written, and one that nobody keeps right."""

from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.directory.audit import AuditLog, Subject
from miss.server.errors import ClockBehind
from miss.server.examination.clocks import examine_clock, is_synchronised
from miss.server.examination.model import Grade
from miss.server.premises import require_clock
from miss.server.settings import Settings
from miss.storage import Database
from tests.databases import sqlite_database


async def test_a_clock_behind_the_access_log_is_found_and_refused(tmp_path: Path, clock: MovableClock) -> None:
    db = Database(await sqlite_database(tmp_path / "miss.db"))
    ahead = MovableClock(clock.now() + timedelta(hours=1))
    await require_clock(db, clock)
    await AuditLog(db, ahead).record(actor="test", act="test.looked", subject=Subject("row", "1"))
    await require_clock(db, ahead)
    with pytest.raises(ClockBehind) as refused:
        await require_clock(db, clock)
    assert "retarde de 60 min" in refused.value.sentence()
    await db.close()
    found = [one for one in await examine_clock(Settings(data_dir=tmp_path), clock) if one.grade is Grade.PROBLEM]
    assert ["retarde de 60 min" in one.sentence() for one in found] == [True]


def test_the_kernel_is_only_asked() -> None:
    assert is_synchronised() in {True, False, None}
