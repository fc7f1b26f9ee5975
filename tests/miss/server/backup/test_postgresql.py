"""What a base lets go of in its log, and how a restored cluster is told to replay it."""

from pathlib import Path

import pytest

from miss.server.backup.postgresql import address_of, forget_log, prepare_recovery

LABEL = """START WAL LOCATION: 0/5000028 (file 000000010000000000000005)
CHECKPOINT LOCATION: 0/5000080
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Path:
    base = tmp_path / "postgresql"
    base.mkdir()
    (base / "backup_label").write_text(LABEL)
    (base / "postgresql.auto.conf").write_text("max_connections = 20\n")
    return base


def test_segments_before_the_base_go_and_those_it_needs_stay(cluster: Path, tmp_path: Path) -> None:
    log = tmp_path / "wal"
    log.mkdir()
    names = [f"00000001000000000000000{number}" for number in range(3, 8)]
    for name in (*names[:-1], f"{names[-1]}.partial", "00000002.history"):
        (log / name).touch()
    assert forget_log(cluster, log) == 2
    assert sorted(one.name for one in log.iterdir()) == sorted(
        [*names[2:-1], f"{names[-1]}.partial", "00000002.history"]
    )


def test_the_segment_under_way_is_replayed_under_its_whole_name(cluster: Path, tmp_path: Path) -> None:
    log = tmp_path / "wal"
    log.mkdir()
    (log / "000000010000000000000007.partial").touch()
    prepare_recovery(cluster, log)
    assert [one.name for one in log.iterdir()] == ["000000010000000000000007"]
    assert (cluster / "recovery.signal").exists()
    configuration = (cluster / "postgresql.auto.conf").read_text()
    assert configuration.startswith("max_connections = 20\n")
    assert f'cp "{log}/%f" "%p" || exit 255' in configuration


def test_a_password_goes_into_the_environment_and_never_onto_a_command_line() -> None:
    address, environment = address_of("postgresql://miss:s%40cret@db.example:5433/miss")
    assert address == "postgresql://miss@db.example:5433/miss"
    assert environment == {"PGPASSWORD": "s@cret"}
    assert address_of("postgresql://miss@db.example/miss") == ("postgresql://miss@db.example/miss", {})


def test_a_segment_that_was_copied_twice_is_replayed_whole(cluster: Path, tmp_path: Path) -> None:
    log = tmp_path / "wal"
    log.mkdir()
    (log / "000000010000000000000007").write_text("whole")
    (log / "000000010000000000000007.partial").write_text("its beginning")
    prepare_recovery(cluster, log)
    assert {one.name: one.read_text() for one in log.iterdir()} == {"000000010000000000000007": "whole"}
