"""Which devices are connected to this process, told to the others by the database: whoever is connected is not woken.

Nothing is asked while messages pass: a device that comes, leaves or falls silent is noted in memory and written down
within a second, with all others.  A process that dies takes its devices with it once LEASE is over.
"""

from collections.abc import Callable, Collection
from datetime import datetime
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
        self._changes: dict[DeviceId, tuple[_Change, datetime]] = {}

    def came(self, did: DeviceId) -> None:
        """A device has opened its socket."""
        self._note(did, _Change.HERE)

    def answered(self, did: DeviceId) -> None:
        """A device that was silent has acknowledged what it was sent."""
        self._note(did, _Change.HERE)

    def fell_silent(self, did: DeviceId) -> None:
        """A device was sent something, and has not acknowledged it in time."""
        self._note(did, _Change.SILENT)

    def left(self, did: DeviceId, *, is_owed: bool) -> None:
        """A device's socket has ended; `is_owed`: it has not acknowledged what it was sent last."""
        self._note(did, _Change.SILENT if is_owed else _Change.GONE)

    def _note(self, did: DeviceId, change: _Change) -> None:
        # When it happened and not when it is written down: what is deposited between the two has to wake.
        self._changes[did] = change, self._clock.now()

    async def flush(self) -> bool:
        """Write down what has changed; True if a device is to be woken.  Kept for the next time if it cannot be."""
        changes, self._changes = self._changes, {}
        if not changes:
            return False
        # Read before anything is waited for: whoever leaves meanwhile leaves after it.
        now = self._clock.now()
        here, gone, silent = (_those(changes, change) for change in _Change)
        try:
            async with self._db.transaction() as tx:
                await store.note_here(tx, here, now)
                await store.note_gone(tx, gone)
                return await store.note_silent(tx, silent, now)
        except BaseException:
            self._changes = changes | self._changes
            raise

    async def renew(self) -> None:
        """Say of all that are connected that they still are."""
        here, now = set(self._list_here()) - self._changes.keys(), self._clock.now()
        if here:
            async with self._db.transaction() as tx:
                await store.note_still_here(tx, here, now)


def _those(changes: dict[DeviceId, tuple[_Change, datetime]], change: _Change) -> dict[DeviceId, datetime]:
    return {did: at for did, (one, at) in changes.items() if one is change}
