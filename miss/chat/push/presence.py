"""Which devices are connected to this process, told to the others by the database: whoever is connected is not woken.

Nothing is asked while messages pass: a device that comes, leaves or falls silent is noted in memory and written down
within a second, with all others.  A process that dies takes its devices with it once LEASE is over.
"""

from collections.abc import Callable, Collection
from enum import Enum, auto

from miss.base.clock import Clock
from miss.base.ids import DeviceId
from miss.chat.push import store
from miss.storage import Database


class _Change(Enum):
    HERE = auto()
    GONE = auto()
    SILENT = auto()


class Presence:
    """Those of this process."""

    def __init__(self, db: Database, clock: Clock, list_here: Callable[[], Collection[DeviceId]]) -> None:
        """`list_here`: the devices whose sockets this process holds."""
        self._db = db
        self._clock = clock
        self._list_here = list_here
        self._changes: dict[DeviceId, _Change] = {}

    def came(self, did: DeviceId) -> None:
        """A device has opened its socket."""
        self._changes[did] = _Change.HERE

    def answered(self, did: DeviceId) -> None:
        """A device that was silent has acknowledged what it was sent."""
        self._changes[did] = _Change.HERE

    def fell_silent(self, did: DeviceId) -> None:
        """A device was sent something, and has not acknowledged it in time."""
        self._changes[did] = _Change.SILENT

    def left(self, did: DeviceId, *, is_owed: bool) -> None:
        """A device's socket has ended; `is_owed`: it has not acknowledged what it was sent last."""
        self._changes[did] = _Change.SILENT if is_owed else _Change.GONE

    async def flush(self) -> bool:
        """Write down what has changed; True if a device is to be woken.  Kept for the next time if it cannot be."""
        changes, self._changes = self._changes, {}
        if not changes:
            return False
        now = self._clock.now()
        try:
            async with self._db.transaction() as tx:
                await store.note_here(tx, _those(changes, _Change.HERE), now)
                await store.note_gone(tx, _those(changes, _Change.GONE), now)
                return await store.note_silent(tx, _those(changes, _Change.SILENT), now)
        except BaseException:
            self._changes = changes | self._changes
            raise

    async def renew(self) -> None:
        """Say of all that are connected that they still are."""
        here = set(self._list_here()) - self._changes.keys()
        if here:
            async with self._db.transaction() as tx:
                await store.note_still_here(tx, here, self._clock.now())


def _those(changes: dict[DeviceId, _Change], change: _Change) -> list[DeviceId]:
    return sorted(did for did, one in changes.items() if one is change)
