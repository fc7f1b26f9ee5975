"""What arrives in a folder is taken in, once a day, by a process of its own."""

import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.imports.daily import KIND, QUIET_FOR, DailyImport, arrived, next_look
from miss.directory.practitioners import Practitioners
from miss.directory.sample import open_register
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.jobs.tables import JobRow


@pytest.mark.parametrize(
    ("now", "due"), [("2026-11-20T03:59", "2026-11-20T04:00"), ("2026-11-20T04:00", "2026-11-21T04:00")]
)
def test_when_the_next_look_is(now: str, due: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_look(at, 4) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_what_arrived_since_and_has_settled(tmp_path: Path, clock: MovableClock) -> None:
    now = clock.now()
    for name, age in (
        ("b.zip", timedelta(hours=2)),
        ("a.TXT", timedelta(hours=3)),
        ("old.txt", timedelta(days=2)),
        ("arriving.txt", QUIET_FOR / 2),
        ("notes.md", timedelta(hours=1)),
    ):
        (tmp_path / name).touch()
        written_at = (now - age).timestamp()
        os.utime(tmp_path / name, (written_at, written_at))
    since = now - timedelta(days=1)
    assert [path.name for path in arrived(tmp_path, since, now)] == ["a.TXT", "b.zip"]
    assert [path.name for path in arrived(tmp_path, None, now)] == ["old.txt", "a.TXT", "b.zip"]
    assert arrived(tmp_path / "nowhere", None, now) == []


async def test_a_look_starts_an_import_and_plans_the_next(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, jobs: JobRunner, tmp_path: Path
) -> None:
    folder, seen = tmp_path / "arrivals", tmp_path / "seen"
    folder.mkdir()
    command = (
        sys.executable,
        "-c",
        "import os, sys; open(sys.argv[1], 'a').write(f'{os.nice(0)} {sys.argv[2:]}')",
        str(seen),
    )
    practitioners = Practitioners(db, clock, random_bytes)
    daily = DailyImport(practitioners.imports, db, clock, random_bytes, folder=folder, hour=4, command=command)
    jobs.register(daily.job_handler())
    await daily.start()
    assert await jobs.run_due() == 0

    clock.advance(timedelta(days=1))
    assert await jobs.run_due() == 1
    await daily.settled()
    assert not seen.exists()

    file = folder / "register.txt"
    with open_register() as lines:
        file.write_bytes(lines.read())
    an_hour_ago = (clock.now() + timedelta(hours=23)).timestamp()
    os.utime(file, (an_hour_ago, an_hour_ago))
    clock.advance(timedelta(days=1))
    assert await jobs.run_due() == 1
    await daily.settled()
    assert str([str(file)]) in seen.read_text()
    async with db.snapshot() as tx:
        (job,) = (await tx.exec(select(JobRow).where(JobRow.kind == KIND))).all()
    assert job.due_at == next_look(clock.now(), 4)


async def test_without_a_folder_nothing_is_planned(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, jobs: JobRunner
) -> None:
    practitioners = Practitioners(db, clock, random_bytes)
    daily = DailyImport(practitioners.imports, db, clock, random_bytes, folder=None, hour=4, command=("false",))
    jobs.register(daily.job_handler())
    await daily.start()
    clock.advance(timedelta(days=3))
    assert await jobs.run_due() == 0
