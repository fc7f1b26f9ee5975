"""What ROOT has signed about restores, kept beside its key."""

from pathlib import Path

import pytest

from miss.base.clock import MovableClock, to_ms
from miss.base.random import RandomBytes
from miss.directory.signer import RootLedger, load_or_create_signer
from miss.directory.signer.errors import OperatorKeysUnusable
from miss.protocol.crypto.restorations import verify_restorations
from miss.protocol.errors import RestorationError


@pytest.fixture
def ledger(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> RootLedger:
    signer = load_or_create_signer(tmp_path, clock, random_bytes)
    return RootLedger(tmp_path / "root.key", signer.root_public, clock)


def test_the_list_outlives_a_database_that_was_restored_twice(ledger: RootLedger, tmp_path: Path) -> None:
    [first] = ledger.declare(1000)
    # The second restore took the database back behind the first statement: the list beside the key knows it.
    assert [one.epoch for one in ledger.declare(500, [])] == [1, 2]
    assert [one.epoch for one in ledger.declare(700, [first.raw])] == [1, 2, 3]
    assert len((tmp_path / "restorations").read_text().split()) == 3
    assert (tmp_path / "restorations").stat().st_mode & 0o777 == 0o600


def test_a_crash_before_the_database_had_it_signs_nothing_new(ledger: RootLedger) -> None:
    first = ledger.declare(1000)
    assert ledger.declare(1000) == first
    # Once the database has it, the same time again is another restore.
    assert len(ledger.declare(1000, [first[0].raw])) == 2


def test_a_list_that_is_longer_in_the_database_is_taken_over(
    ledger: RootLedger, tmp_path: Path, clock: MovableClock
) -> None:
    [first] = ledger.declare(1000)
    (tmp_path / "restorations").unlink()
    assert [one.epoch for one in ledger.declare(2000, [first.raw])] == [1, 2]
    key = (tmp_path / "restorations").read_text().split()
    assert len(key) == 2


def test_a_foreign_list_or_key_is_refused(ledger: RootLedger, tmp_path: Path, clock: MovableClock) -> None:
    with pytest.raises(OperatorKeysUnusable, match=r"root\.pub"):
        RootLedger(tmp_path / "root.key", b"r" * 32, clock)
    with pytest.raises(OperatorKeysUnusable):
        RootLedger(tmp_path / "missing" / "root.key", b"r" * 32, clock)
    with pytest.raises(RestorationError):
        ledger.declare(1000, [b"nonsense"])
    statements = ledger.declare(1000)
    public = RootLedger(tmp_path / "root.key", ledger._root_public, clock)._root_public
    assert verify_restorations([one.raw for one in statements], public, to_ms(clock.now()))
