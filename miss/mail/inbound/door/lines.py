"""How many sessions each sender holds at once: one sender must not occupy every line (RFC 5321 §4.5.4).  Pure.

A session counts from its first recipient to the end of its mail, for the server that brings it and for the domain that
it writes for: a laboratory behind ten servers is still one sender.
"""

from collections import Counter
from collections.abc import Iterable


class Lines:
    """The lines of this process."""

    def __init__(self, each: int, everybody: int) -> None:
        """At most `each` for one server or domain, `everybody` in all."""
        self._each = each
        self._everybody = everybody
        self._held: Counter[str] = Counter()
        self._all = 0

    @property
    def busy(self) -> int:
        """Lines in use."""
        return self._all

    def take(self, whose: Iterable[str]) -> tuple[str, ...] | None:
        """A line for all of `whose`; None if one of them has as many as it may.  Give back what is returned."""
        names = tuple(sorted({name for name in whose if name}))
        if self._all >= self._everybody or any(self._held[name] >= self._each for name in names):
            return None
        self._held.update(names)
        self._all += 1
        return names

    def give_back(self, names: tuple[str, ...]) -> None:
        """The mail is over."""
        self._held.subtract(names)
        for name in names:
            if self._held[name] <= 0:
                del self._held[name]
        self._all -= 1
