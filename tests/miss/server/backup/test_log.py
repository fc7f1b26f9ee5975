"""Whether the log of a real PostgreSQL came: received, cut off, with a hole; and copies of it while it is written."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from miss.server.backup.log import add_survivors, continues, copy_log, is_received, segments
from miss.server.backup.postgresql import forget_log, prepare_recovery, take_base
from tests.conditions import WAIT_S
from tests.e2e.restoring import PASSWORD, Receiving, readable_above
from tests.servers import postgresql, postgresql_client_programs, postgresql_on


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A cluster of its own: it is switched from segment to segment."""
    monkeypatch.setenv("PATH", f"{postgresql_client_programs()}:{os.environ['PATH']}")
    with postgresql() as url:
        yield url


@pytest.fixture
def log(tmp_path: Path) -> Path:
    folder = tmp_path / "wal"
    folder.mkdir()
    return folder


async def test_what_is_committed_has_come_while_the_receiver_runs_and_only_then(server: str, log: Path) -> None:
    url = f"{server}/postgres"
    assert not await is_received(url, log, "before", patience_s=1.0)
    with Receiving(server, log) as receiving:
        assert await is_received(url, log, "meanwhile", WAIT_S)
        assert "pg_receivewal" in receiving.command_line
        assert PASSWORD not in receiving.command_line
    assert not await is_received(url, log, "afterwards", patience_s=1.0)
    assert not await is_received("postgresql://miss@127.0.0.1:1/postgres", log, "away", patience_s=WAIT_S)


async def test_a_log_continues_its_base_until_a_segment_is_missing(server: str, log: Path, tmp_path: Path) -> None:
    url, base = f"{server}/postgres", tmp_path / "base"
    with Receiving(server, log):
        assert await is_received(url, log, "first", WAIT_S)
        await take_base(url, base)
        for number in range(3):
            _switch(url, number)
        assert await is_received(url, log, "last", WAIT_S)
    assert continues(base, log)
    forget_log(base, log)
    assert continues(base, log), "what the base needs is still there"

    copies = tmp_path / "copies"
    copy_log(log, copies)
    [one for one in sorted(segments(log)) if one.suffix != ".partial"][-1].unlink()
    assert not continues(base, log), "a hole"
    add_survivors(copies, log)
    assert continues(base, log)
    for one in segments(log):
        one.rename(log / f"00000002{one.name[8:]}")
    assert not continues(base, log), "another timeline"


def test_a_log_of_another_time_does_not_continue_a_base(tmp_path: Path, log: Path) -> None:
    base = tmp_path / "base"
    (base / "pg_wal").mkdir(parents=True)
    (base / "backup_label").write_text("START WAL LOCATION: 0/5000028 (file 000000010000000000000005)\n")
    assert not continues(base, log), "nothing came"
    for number in (5, 6):
        (base / "pg_wal" / f"00000001000000000000000{number}").write_bytes(bytes(1 << 24))
    assert continues(base, log), "it carries its own beginning"
    (log / "000000010000000000000008.partial").write_bytes(bytes(1 << 24))
    assert not continues(base, log)
    (log / "000000010000000000000007").write_bytes(bytes(1 << 24))
    assert continues(base, log)


def test_a_segment_that_is_completed_while_it_is_copied_is_copied_whole(
    log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (log / "000000010000000000000007.partial").write_bytes(b"all of it")
    copy = shutil.copy2

    def completed_before(source: Path, target: Path) -> None:
        if source.suffix and source.exists():
            source.rename(source.with_suffix(""))
        copy(source, target)

    monkeypatch.setattr(shutil, "copy2", completed_before)
    copy_log(log, tmp_path / "copies")
    assert (tmp_path / "copies/000000010000000000000007").read_bytes() == b"all of it"


async def test_a_base_that_was_taken_because_the_log_stopped_is_recovered_without_it(
    server: str, log: Path, tmp_path: Path
) -> None:
    url, base = f"{server}/postgres", tmp_path / "base"
    with Receiving(server, log):
        assert await is_received(url, log, "first", WAIT_S)
    _switch(url, 7)
    await take_base(url, base)
    forget_log(base, log)
    with TemporaryDirectory(prefix="miss-copies-") as above:  # where PostgreSQL's account may come to
        copies = Path(above) / "wal"
        copy_log(log, copies)
        prepare_recovery(base, copies)
        with readable_above(copies), postgresql_on(base) as restored:
            found = await asyncpg.connect(f"{restored}/postgres")
            try:
                assert await found.fetchval("SELECT count(*) FROM of_7") == 0
            finally:
                await found.close()


def _switch(url: str, number: int) -> None:
    statement = f"CREATE TABLE of_{number} (id integer); SELECT pg_switch_wal()"
    subprocess.run(
        [postgresql_client_programs() / "psql", "-XqAt", "-d", url, "-c", statement], check=True, capture_output=True
    )
