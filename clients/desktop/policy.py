"""What an IT department imposes, by a file or a registry key that only it may write.  Pure but for its readers.

    Windows  %ProgramData%\\MiSS\\policy.json      macOS  /Library/Application Support/MiSS/policy.json
    Linux    /etc/miss/policy.json                 no variable names another: what is imposed is imposed
    Windows, before the file    HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\MiSS, as group policies write it

JSON, every key optional; in the registry the same names, true and false as 1 and 0.  A key that is unknown or of the
wrong kind is refused by name, as an installation that silently protects less than was asked for is worse than one
that does not start.  docs/desktop-it.md
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from clients.desktop.state.global_key import FORBIDDEN, parse_global_key
from clients.desktop.state.model import NoticeLevel, Settings
from miss.base.errors import MissError
from miss.base.text import Text

REGISTRY_KEY: Final = r"SOFTWARE\Policies\MiSS"


class PolicyRefused(MissError):
    """The file of the IT department cannot be followed."""

    code = "desktop_policy_refused"
    text = Text(
        fr="Les réglages imposés par votre service informatique sont illisibles ({where}). MiSS ne démarre pas sans "
        "eux : prévenez ce service.",
        en="The settings imposed by your IT department cannot be read ({where}). MiSS does not start without them: "
        "tell them.",
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """Nothing imposed, by default."""

    server_url: str = ""
    """The only server that an account may be linked to."""
    fingerprint: str = ""
    """Of that server's root, so that nobody has to type it."""
    shared_workstation: bool = False
    """Locking closes the account: nothing of it stays in memory, nothing arrives meanwhile."""
    kiosk: bool = False
    """Full screen, and no way to quit."""
    lock_after_min_max: int = 0
    """The longest anybody may choose; 0: as they like."""
    notice_level_max: NoticeLevel = NoticeLevel.NAME_AND_TEXT
    allow_export: bool = True
    """Whether a conversation may be printed, or saved as PDF, and files saved."""
    authority_file: str = ""
    """PEM of the authorities to believe that a server is the server, in place of the public ones."""
    update_notice: bool = True
    """Whether people are told that a later version is out."""
    report_folder: str = ""
    """Where answers go as HPRIM files; nobody may choose another."""
    global_key: str = ""
    """The key that brings MiSS to the front, « Ctrl+Alt+M »; `none`: nobody may choose one."""

    def impose(self, settings: Settings) -> Settings:
        """`settings` as far as they are allowed."""
        if self.lock_after_min_max:
            settings = replace(settings, lock_after_min=min(settings.lock_after_min, self.lock_after_min_max))
        levels = list(NoticeLevel)
        if levels.index(settings.notices) > levels.index(self.notice_level_max):
            settings = replace(settings, notices=self.notice_level_max)
        if self.global_key:
            settings = replace(settings, global_key="" if self.global_key == FORBIDDEN else self.global_key)
        return replace(settings, report_folder=self.report_folder) if self.report_folder else settings

    def under(self, lock_limit: int | None) -> "Policy":
        """With the longest delay that the person's establishments allow, minutes; the stricter of both holds."""
        limits = [one for one in (self.lock_after_min_max, lock_limit or 0) if one]
        return replace(self, lock_after_min_max=min(limits, default=0))


def parse_policy(text: str, registry: Mapping[str, object] | None = None) -> Policy:
    """The policy of a file, and of what the registry says over it.  Raises PolicyRefused, naming the key."""
    try:
        said = json.loads(text)
    except ValueError:
        raise PolicyRefused(where="JSON") from None
    if not isinstance(said, dict):
        raise PolicyRefused(where="JSON")
    return _checked({**said, **_from_registry(registry or {})})


def _from_registry(values: Mapping[str, object]) -> dict[str, object]:
    """The registry has no booleans: 1 and 0 stand for them."""
    flags = {name for name in values if isinstance(getattr(Policy(), name, None), bool)}
    return {name: bool(value) if name in flags and value in (0, 1) else value for name, value in values.items()}


def _checked(said: Mapping[str, object]) -> Policy:
    plain = Policy()
    values: dict[str, Any] = {}
    for name, value in said.items():
        default = getattr(plain, name, None)
        if default is None or name.startswith("_") or callable(default):
            raise PolicyRefused(where=name)
        if isinstance(default, NoticeLevel):
            if not isinstance(value, str) or value not in set(NoticeLevel):
                raise PolicyRefused(where=name)
            value = NoticeLevel(value)
        elif type(value) is not type(default) or (isinstance(value, int) and value < 0):
            raise PolicyRefused(where=name)
        if name == "global_key" and value not in ("", FORBIDDEN):
            _check_key(str(value))
        values[name] = value
    return replace(plain, **values)


def _check_key(text: str) -> None:
    try:
        parse_global_key(text)
    except ValueError:
        raise PolicyRefused(where="global_key") from None


def policy_path(environment: dict[str, str], platform: str = sys.platform) -> Path:
    """Where the file would be."""
    if platform == "win32":
        return Path(environment.get("PROGRAMDATA", "C:\\ProgramData")) / "MiSS/policy.json"
    if platform == "darwin":
        return Path("/Library/Application Support/MiSS/policy.json")
    return Path("/etc/miss/policy.json")


def read_policy(path: Path, registry: Mapping[str, object] | None = None) -> Policy:
    """What is imposed; nothing if there is neither file nor registry key.  Raises PolicyRefused."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        text = "{}"
    except (OSError, UnicodeError):
        raise PolicyRefused(where=path.name) from None
    return parse_policy(text, registry)


def registry_values() -> dict[str, object]:
    """What group policies say on this machine; nothing on other systems than Windows.  Raises PolicyRefused."""
    if sys.platform != "win32":
        return {}
    import winreg

    found: dict[str, object] = {}
    try:
        with winreg.OpenKey(
            winreg.HKEY_LOCAL_MACHINE, REGISTRY_KEY, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY
        ) as key:
            for rank in range(winreg.QueryInfoKey(key)[1]):
                name, value, _kind = winreg.EnumValue(key, rank)
                found[name] = value
    except FileNotFoundError:
        return {}
    except OSError:
        raise PolicyRefused(where=REGISTRY_KEY) from None
    return found
