"""The accounts of this machine: one folder each, under the person's data folder.

In clear stand a person's name, for the list they choose themselves from, and which server they are on.  Everything
else in a folder is sealed: `chat.db` (miss.client), `desk.db` (SQLCipher), `opened/` while a file is open elsewhere.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from clients.desktop.store.lock import FolderLock, Keyring, write_whole
from miss.base.clock import Clock
from miss.base.random import RandomBytes

ABOUT: Final = "about.json"
_PENDING: Final = "linking"


@dataclass(frozen=True, slots=True)
class Profile:
    """One account of this machine."""

    id: str
    folder: Path
    name: str
    server_url: str

    @property
    def chat_path(self) -> Path:
        """The sealed store of `miss.client`."""
        return self.folder / "chat.db"

    @property
    def desk_path(self) -> Path:
        """The search index and the settings."""
        return self.folder / "desk.db"

    @property
    def opened_path(self) -> Path:
        """Files that another program shows."""
        return self.folder / "opened"


def data_folder(environment: dict[str, str], platform: str = sys.platform) -> Path:
    """Where this person's programs keep their data; `MISS_DESKTOP_HOME` names another folder."""
    if chosen := environment.get("MISS_DESKTOP_HOME"):
        return Path(chosen)
    if platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "MiSS"
    if platform == "darwin":
        return Path.home() / "Library/Application Support/MiSS"
    return Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "miss-desktop"


class Profiles:
    """Every account of this machine."""

    def __init__(self, root: Path, keyring: Keyring, clock: Clock, random_bytes: RandomBytes) -> None:
        self.folder = root
        """Of this installation: what belongs to no account lies there."""
        self._root = root / "profiles"
        self._keyring = keyring
        self._clock = clock
        self._random_bytes = random_bytes
        self._root.mkdir(parents=True, exist_ok=True)
        if os.name == "posix":
            root.chmod(0o700)

    def list_(self) -> list[Profile]:
        """By name; what was begun and never linked is left out."""
        found = [self._read(path.parent) for path in self._root.glob(f"*/{ABOUT}")]
        return sorted((one for one in found if one is not None), key=lambda one: (one.name.casefold(), one.id))

    def begin(self) -> Profile:
        """A folder for an account that is about to be linked; `keep` makes it count."""
        profile_id = self._random_bytes(8).hex()
        folder = self._root / profile_id
        folder.mkdir(mode=0o700)
        (folder / _PENDING).touch()
        return Profile(profile_id, folder, "", "")

    def keep(self, profile: Profile, name: str, server_url: str) -> Profile:
        """The account is linked: it stands in the list from now on."""
        about = {"name": name, "server_url": server_url}
        write_whole(profile.folder / ABOUT, json.dumps(about, ensure_ascii=False).encode())
        (profile.folder / _PENDING).unlink(missing_ok=True)
        return Profile(profile.id, profile.folder, name, server_url)

    def remove(self, profile: Profile) -> None:
        """Delete the folder; its key first, so that what a cut leaves behind is noise."""
        self.lock_of(profile).forget()
        shutil.rmtree(profile.folder, ignore_errors=True)

    def sweep(self) -> None:
        """Folders whose linking was given up, and files left open by a crash."""
        for path in self._root.glob(f"*/{_PENDING}"):
            if not (path.parent / "chat.db").exists():
                shutil.rmtree(path.parent, ignore_errors=True)
        for folder in self._root.glob("*/opened"):
            shutil.rmtree(folder, ignore_errors=True)

    def lock_of(self, profile: Profile) -> FolderLock:
        """The lock of an account's folder."""
        return FolderLock(profile.folder, profile.id, self._keyring, self._clock, self._random_bytes)

    def _read(self, folder: Path) -> Profile | None:
        try:
            about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
            return Profile(folder.name, folder, str(about["name"]), str(about["server_url"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None
