"""What an establishment imposes on its people's devices, and what holds for who works for several.  Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from miss.directory.establishments.workstations.errors import LockRefused

LEAST_MIN: Final = 1
MOST_MIN: Final = 60


@dataclass(frozen=True, slots=True)
class Imposed:
    """The names are those of the desktop client's policy: who is under both is under the stricter."""

    lock_after_min_max: int | None = None
    """The longest that a device may stay open with nobody at it, minutes; None: as its owner likes."""


FREE: Final = Imposed()


def strictest(imposed: Iterable[Imposed]) -> Imposed:
    """What holds for somebody who is under all of it."""
    limits = [one.lock_after_min_max for one in imposed if one.lock_after_min_max is not None]
    return Imposed(min(limits, default=None))


def parse_imposed(lock_after_min_max: str) -> Imposed:
    """What a form says; empty: nothing.  Raises LockRefused."""
    digits = "".join(lock_after_min_max.split())
    if not digits:
        return FREE
    is_number = digits.isascii() and digits.isdigit() and len(digits) <= len(str(MOST_MIN))
    if not is_number or not LEAST_MIN <= int(digits) <= MOST_MIN:
        raise LockRefused(least=LEAST_MIN, most=MOST_MIN)
    return Imposed(int(digits))
