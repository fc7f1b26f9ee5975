"""The key of a folder: under a PIN, and under what the machine's keyring holds."""

from datetime import timedelta
from pathlib import Path

import pytest

from clients.desktop.store import lock as lock_module
from clients.desktop.store.errors import DeskError, KeyringChanged, TooManyPins, WeakPin, WrongPin
from clients.desktop.store.lock import FILE_NAME, FREE_TRIES, FolderLock, NoKeyring, require_strong
from miss.base.clock import MovableClock
from miss.base.random import RandomBytes

PIN = "azertY-92-tournesol"


@pytest.fixture(autouse=True)
def lighter(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer megabytes for each PIN: what is tested here is who opens what."""
    monkeypatch.setattr(lock_module, "MEMORY_BYTES", 1024 * 1024)


class MemoryKeyring:
    """A keyring that lasts as long as the test."""

    def __init__(self) -> None:
        self.secrets: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def put(self, name: str, secret: bytes) -> bool:
        self.secrets[name] = secret
        return True

    def remove(self, name: str) -> None:
        self.secrets.pop(name, None)


def test_a_pin_opens_what_it_closed(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> None:
    lock = FolderLock(tmp_path, "a", NoKeyring(), clock, random_bytes)
    key = lock.create(PIN)
    assert lock.open(PIN) == key
    assert key not in (tmp_path / FILE_NAME).read_bytes()
    lock.change(PIN, "un-autre-code-42")
    assert lock.open("un-autre-code-42") == key
    with pytest.raises(WrongPin):
        lock.open(PIN)


def test_a_pin_alone_opens_nothing_where_there_is_a_keyring(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    keyring = MemoryKeyring()
    lock = FolderLock(tmp_path, "a", keyring, clock, random_bytes)
    key = lock.create("719264")  # shorter, as it is not alone
    assert lock.open("719264") == key
    part = keyring.secrets.pop("a")
    with pytest.raises(KeyringChanged):
        lock.open("719264")
    keyring.secrets["a"] = bytes(32)
    with pytest.raises(WrongPin):
        lock.open("719264")
    keyring.secrets["a"] = part
    assert lock.open("719264") == key


def test_wrong_pins_cost_time_after_a_restart_too(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    key = FolderLock(tmp_path, "a", NoKeyring(), clock, random_bytes).create(PIN)
    for _rank in range(FREE_TRIES - 1):
        with pytest.raises(WrongPin):
            FolderLock(tmp_path, "a", NoKeyring(), clock, random_bytes).open("faux")
    with pytest.raises(TooManyPins):
        FolderLock(tmp_path, "a", NoKeyring(), clock, random_bytes).open("faux")
    lock = FolderLock(tmp_path, "a", NoKeyring(), clock, random_bytes)
    with pytest.raises(TooManyPins):
        lock.open(PIN)
    assert lock.waits_until()
    clock.advance(timedelta(seconds=31))
    assert lock.open(PIN) == key
    assert lock.waits_until() == ""


@pytest.mark.parametrize("pin", ["12345", "111111", "121212", "123456", "987654"])
def test_weak_pins(pin: str) -> None:
    with pytest.raises(WeakPin):
        require_strong(pin, 6)


def test_a_weak_pin_leaves_nothing_behind(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> None:
    keyring = MemoryKeyring()
    with pytest.raises(WeakPin):
        FolderLock(tmp_path, "a", keyring, clock, random_bytes).create("111111")
    assert keyring.secrets == {}
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "{}", '{"salt": "é"}'])
def test_a_damaged_file_is_named(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes, content: str) -> None:
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(DeskError):
        FolderLock(tmp_path, "a", NoKeyring(), clock, random_bytes).open(PIN)
