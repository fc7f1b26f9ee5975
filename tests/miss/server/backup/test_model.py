"""Which copies a restore takes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.server.backup.errors import NoSuchBackup
from miss.server.backup.model import Part, Snapshot, choose, moment_tag, parse_moment

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def snapshots(part: Part, *minutes: int) -> list[Snapshot]:
    return [Snapshot(f"{part}-{minute}", part, NOON + timedelta(minutes=minute)) for minute in minutes]


def test_the_latest_data_that_is_old_enough_with_the_latest_keys() -> None:
    data, keys = snapshots(Part.DATA, 0, 5, 10), snapshots(Part.KEYS, 0, 5, 10)
    assert [one.id for one in choose(data, keys, None)] == ["data-10", "keys-10"]
    assert [one.id for one in choose(data, keys, NOON + timedelta(minutes=7))] == ["data-5", "keys-10"]


def test_keys_older_than_the_data_do_not_open_them() -> None:
    # A backup cut short between its halves: the data of minute 10 have no keys yet.
    with pytest.raises(NoSuchBackup):
        choose(snapshots(Part.DATA, 10), snapshots(Part.KEYS, 5), None)


def test_a_backup_that_was_cut_short_before_its_keys_hides_no_whole_one() -> None:
    data, keys = snapshots(Part.DATA, 5, 10), snapshots(Part.KEYS, 0, 5)
    assert [one.id for one in choose(data, keys, None)] == ["data-5", "keys-5"]
    assert [one.id for one in choose(data, keys, NOON + timedelta(minutes=12))] == ["data-5", "keys-5"]


def test_nothing_that_old() -> None:
    with pytest.raises(NoSuchBackup):
        choose(snapshots(Part.DATA, 5), snapshots(Part.KEYS, 5), NOON)


@given(st.integers(0, 2**32))
def test_a_moment_is_read_back_from_its_tag(seconds: int) -> None:
    whole = datetime.fromtimestamp(seconds, UTC)
    assert parse_moment(moment_tag(whole)) == whole
