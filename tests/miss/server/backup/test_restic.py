"""Locks of a real restic repository: those of the dead are let go of, those of the living are waited for."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from miss.server.backup.model import Part
from miss.server.backup.restic import Repository
from tests.conditions import LOOK_S, WAIT_S

pytestmark = pytest.mark.long

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text("secret")
    return file


@pytest.fixture
def repository(tmp_path: Path, password: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    monkeypatch.setenv("RESTIC_CACHE_DIR", str(tmp_path / "cache"))
    return Repository(str(tmp_path / "repository"), password, Part.DATA)


@contextmanager
def _at_work(repository: Repository, password: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another restic in the midst of a backup: it has taken its lock."""
    environment = {**os.environ, "RESTIC_REPOSITORY": repository.address, "RESTIC_PASSWORD_FILE": str(password)}
    command = ["restic", "backup", "--quiet", "--stdin"]
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as other:
        for _ in range(int(WAIT_S / LOOK_S)):
            if list(Path(repository.address, "locks").iterdir()):
                break
            try:
                other.wait(LOOK_S)
            except subprocess.TimeoutExpired:
                continue
            raise AssertionError(other.communicate())
        yield other


async def test_what_a_killed_backup_had_locked_is_let_go_of(repository: Repository, password: Path) -> None:
    await _put_twice(repository, password)
    with _at_work(repository, password) as other:
        other.kill()
    assert await repository.forget(days=2)
    assert [one.moment for one in await repository.list_()] == [NOON]


async def test_while_somebody_is_at_work_nothing_is_deleted_and_nothing_fails(
    repository: Repository, password: Path
) -> None:
    await _put_twice(repository, password)
    with _at_work(repository, password) as other:
        assert not await repository.forget(days=2)
        assert len(await repository.list_()) == 2
        other.communicate(b"done")
        assert other.returncode == 0
    assert await repository.forget(days=2)
    assert [one.moment for one in await repository.list_()] == [NOON]


async def _put_twice(repository: Repository, password: Path) -> None:
    await repository.ensure()
    for moment in (NOON - timedelta(days=4), NOON):
        await repository.put(password.parent, [password.name], moment)
