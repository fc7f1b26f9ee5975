"""A PostgreSQL that keeps what it acknowledges, and one that does not."""

from datetime import timedelta
from pathlib import Path

import asyncpg

from miss.base.clock import Clock, MovableClock, SystemClock
from miss.server.examination.databases import examine_database
from miss.server.examination.model import Grade
from miss.storage import Database
from miss.storage.migrate import keystore_schema, migrate
from tests.databases import postgresql_database


async def _examine(url: str, clock: Clock) -> list[str]:
    found = await examine_database("MISS_KEYSTORE_URL", url, keystore_schema(), clock)
    assert all(one.grade is Grade.PROBLEM for one in found)
    return [one.sentence() for one in found]


async def test_settings_that_lose_what_was_acknowledged_and_a_clock_that_is_off(postgresql_url: str) -> None:
    async with postgresql_database(postgresql_url, empty=True) as url:
        (missing,) = await _examine(url, SystemClock())
        assert "miss migrate" in missing
        db = Database(url)
        await migrate(db, keystore_schema())
        await db.close()
        # The server of the tests runs without fsync: exactly what has to be found.
        (unsafe,) = await _examine(url, SystemClock())
        assert "« fsync = off »" in unsafe
        admin = await asyncpg.connect(url)
        await admin.execute(f"ALTER DATABASE {url.rsplit('/', 1)[1]} SET synchronous_commit = off")
        await admin.close()
        clock = MovableClock(SystemClock().now() + timedelta(hours=1))
        said = await _examine(url, clock)
        assert len(said) == 3
        assert any("« synchronous_commit = off »" in one for one in said)
        assert any("diffèrent de 3600 s" in one or "diffèrent de 3599 s" in one for one in said)


async def test_a_database_that_does_not_answer_is_named(clock: MovableClock) -> None:
    (found,) = await _examine("postgresql://miss@127.0.0.1:1/nobody", clock)
    assert "127.0.0.1:1" in found


async def test_sqlite_has_nothing_to_be_asked(tmp_path: Path, clock: MovableClock) -> None:
    url = f"sqlite:///{tmp_path}/keys.db"
    db = Database(url)
    await migrate(db, keystore_schema())
    await db.close()
    assert await _examine(url, clock) == []
