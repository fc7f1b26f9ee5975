"""A key that brings MiSS to the front from within any other program, as it is written: « Ctrl+Alt+M ».  Pure."""

import re
from dataclasses import dataclass
from typing import Final

FORBIDDEN: Final = "none"
"""What a policy says where nobody may choose one."""
_KEY: Final = re.compile(r"[A-Z0-9]|F[1-9]|F1[0-2]|Space")


@dataclass(frozen=True, slots=True)
class GlobalKey:
    """One key and what is held with it; names as Qt writes them."""

    key: str
    """A letter, a digit, F1 to F12 or Space."""
    ctrl: bool = False
    alt: bool = False
    shift: bool = False
    meta: bool = False
    """The key of Windows, Super."""


def parse_global_key(text: str) -> GlobalKey:
    """« Ctrl+Alt+M »: two held keys at least, or one with F1 to F12, as nothing that other programs use may be taken
    from them; Shift alone is none.  Raises ValueError for anything else."""
    *held, key = text.split("+")
    if not _KEY.fullmatch(key) or len(set(held)) != len(held) or not set(held) <= {"Ctrl", "Alt", "Shift", "Meta"}:
        raise ValueError(text)
    if not set(held) - {"Shift"} or (len(held) < 2 and not re.fullmatch(r"F\d+", key)):
        raise ValueError(text)
    return GlobalKey(key, "Ctrl" in held, "Alt" in held, "Shift" in held, "Meta" in held)
