"""How old the last backup is, and whether PostgreSQL's log came with it."""

from datetime import timedelta
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.text import Language
from miss.server.backup.service import STAGING, note_taken
from miss.server.examination.machine import examine_backups
from miss.server.examination.model import Grade
from miss.server.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / STAGING).mkdir()
    return Settings(
        data_dir=tmp_path,
        backup_repository="/backups/data",
        backup_password_file=tmp_path / "data.password",
        backup_keys_repository="/backups/keys",
        backup_keys_password_file=tmp_path / "keys.password",
    )


def test_no_backup_at_all_is_a_problem_only_where_some_are_expected(settings: Settings, clock: MovableClock) -> None:
    assert [one.grade for one in examine_backups(settings, clock)] == [Grade.PROBLEM]
    assert [one.grade for one in examine_backups(Settings(data_dir=settings.data_dir), clock)] == [Grade.REMARK]


def test_an_old_backup_is_a_problem_with_its_age(settings: Settings, clock: MovableClock) -> None:
    note_taken(settings, clock.now())
    clock.advance(timedelta(minutes=59))
    assert examine_backups(settings, clock) == []
    clock.advance(timedelta(hours=4))
    (found,) = examine_backups(settings, clock)
    assert "date de 5 h" in found.sentence()


def test_a_log_that_does_not_come_any_more_is_a_problem_until_it_does(settings: Settings, clock: MovableClock) -> None:
    settings = settings.model_copy(update={"backup_wal_dir": Path("/var/lib/miss-wal")})
    note_taken(settings, clock.now(), log_comes=False)
    (found,) = examine_backups(settings, clock)
    assert found.grade is Grade.PROBLEM
    assert "n’arrive plus dans /var/lib/miss-wal" in found.sentence()
    assert "does not arrive in /var/lib/miss-wal" in found.sentence(Language.EN)
    note_taken(settings, clock.now())
    assert examine_backups(settings, clock) == []
