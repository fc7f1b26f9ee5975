"""What processes count together: token buckets they share, and how many of something each of them holds.

Nothing here is a truth, and nobody waits long for it: a count that is lost is one that each process makes for itself
(ADR 28).  Keys are digests: no name, no address, no account number reaches the broker.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple, Protocol

HELD_FOR_S = 10.0
"""What a holder holds is forgotten when it has said nothing for that long: its process was killed."""


class CountsAway(Exception):
    """The shared counts cannot be had now: each process counts for itself.  Never told to anybody."""


@dataclass(frozen=True, slots=True)
class Spend:
    """Tokens out of a bucket that holds `burst` and regains `per_s` a second."""

    key: bytes
    burst: float
    per_s: float
    tokens: float = 1.0
    is_spent: bool = False
    """True: they are gone already, and are taken below zero if need be, down to `-burst`.

    False: they are taken if they are there, else none of them.
    """


class Balance(NamedTuple):
    """What a bucket holds after a spend; below zero, what is owed."""

    taken: bool
    tokens: float


class Counts(Protocol):
    """The counts of all processes of an installation."""

    async def spend(self, spends: Sequence[Spend]) -> list[Balance]:
        """Take from shared buckets, each at once; an unknown bucket is full.  Raises CountsAway."""
        ...

    async def hold(self, holder: bytes, held: Mapping[bytes, int], changed: Collection[bytes]) -> dict[bytes, int]:
        """Say what `holder` holds; of each key in `changed`, how many all holders hold.

        `held`: all of it; the keys that are not in `changed` are read only if the counts have forgotten the holder.
        Again within `HELD_FOR_S`, be it with nothing changed, or the holder is forgotten.  Raises CountsAway.
        """
        ...

    async def let_go(self, holder: bytes) -> None:
        """`holder` holds nothing any more.  Raises CountsAway."""
        ...

    async def close(self) -> None:
        """Nothing more is counted."""
        ...


def key_of(kind: str, subject: bytes) -> bytes:
    """The key under which `kind` of something is counted for `subject`, a device, an account or an address."""
    return blake2b(kind.encode() + b"\0" + subject, digest_size=16, person=b"miss.counts").digest()
