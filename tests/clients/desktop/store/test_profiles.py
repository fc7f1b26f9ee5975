"""The accounts of a machine."""

from pathlib import Path

from clients.desktop.store.lock import NoKeyring
from clients.desktop.store.profiles import Profiles, data_folder
from miss.base.clock import MovableClock
from miss.base.random import RandomBytes

PIN = "azertY-92-tournesol"


def test_an_account_counts_once_it_is_linked(tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes) -> None:
    profiles = Profiles(tmp_path, NoKeyring(), clock, random_bytes)
    begun = profiles.begin()
    assert profiles.list_() == []
    profiles.lock_of(begun).create(PIN)
    kept = profiles.keep(begun, "Anne MODÈLE", "https://miss.example")
    assert profiles.list_() == [kept]
    assert kept.folder.stat().st_mode & 0o077 == 0
    profiles.remove(kept)
    assert profiles.list_() == []
    assert not kept.folder.exists()


def test_what_was_given_up_and_left_open_is_swept(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    profiles = Profiles(tmp_path, NoKeyring(), clock, random_bytes)
    given_up, kept = profiles.begin(), profiles.keep(profiles.begin(), "Anne", "")
    kept.opened_path.mkdir()
    (kept.opened_path / "compte-rendu.pdf").write_bytes(b"%PDF-")
    profiles.sweep()
    assert not given_up.folder.exists()
    assert not kept.opened_path.exists()
    assert profiles.list_() == [kept]


def test_a_damaged_account_does_not_hide_the_others(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    profiles = Profiles(tmp_path, NoKeyring(), clock, random_bytes)
    broken, kept = profiles.keep(profiles.begin(), "A", ""), profiles.keep(profiles.begin(), "B", "")
    (broken.folder / "about.json").write_text("{")
    assert profiles.list_() == [kept]


def test_where_data_lives() -> None:
    assert data_folder({"MISS_DESKTOP_HOME": "/srv/x"}) == Path("/srv/x")
    assert data_folder({"XDG_DATA_HOME": "/x"}, "linux") == Path("/x/miss-desktop")
    assert str(data_folder({"LOCALAPPDATA": "L"}, "win32")).startswith("L")
