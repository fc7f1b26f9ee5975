"""The operator's statements of restores: fetched when the server tells of others than are known, verified, pinned.

Without one that holds nothing is reconciled: a server that goes back is caught as ever.  protocol §5, Restoration
"""

from miss.client.api import ServerApi
from miss.client.errors import RestorationForked, RestorationWithdrawn
from miss.client.events import Announcer, ServerRestored
from miss.client.model import SERVER_RESTORED
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.protocol.crypto.restorations import Restoration, verify_restorations
from miss.protocol.wire.frames import Ready

MARGIN_MS = 2 * 60 * 1000
"""Clocks of the server's processes differ, and an envelope is dated before it is stored."""


class RestorationNotices:
    """What this device has been told of restores."""

    def __init__(
        self, store: Store, root_public: bytes, api: ServerApi, time: ServerTime, announcer: Announcer
    ) -> None:
        self._store = store
        self._root_public = root_public
        self._api = api
        self._time = time
        self._announcer = announcer

    async def take(self, ready: Ready) -> int | None:
        """The server says how many restores it has seen; if there are new ones that hold, since when things may be
        lost (milliseconds since 1970), else None.

        Raises RestorationWithdrawn, RestorationForked, a RestorationError if what it says does not hold;
        ServerRefused, ServerUnreachable.
        """
        known = self._store.restorations.last()
        if (ready.store_epoch, ready.store_head) == ((known.epoch, known.hash) if known else (0, b"")):
            return None
        return await self.look(ready)

    async def look(self, told: Ready | None = None) -> int | None:
        """Fetch what is new.  Returns and raises as `take`."""
        known = self._store.restorations.last()
        epoch = known.epoch if known else 0
        if told is not None and told.store_epoch < epoch:
            raise RestorationWithdrawn(known=epoch, shown=told.store_epoch)
        if told is not None and told.store_epoch == epoch:
            raise RestorationForked(epoch=epoch)
        raws = await self._api.fetch_restorations(epoch)
        found = verify_restorations(raws, self._root_public, self._time.now_ms(), known)
        if told is not None and (not found or told.store_head not in {one.hash for one in found}):
            raise RestorationForked(epoch=told.store_epoch)
        return self._accept(found) if found else None

    def last_since(self) -> int | None:
        """Since when the last restore that is known may have lost something."""
        last = self._store.restorations.last()
        return None if last is None else last.restored_to_ms - MARGIN_MS

    def _accept(self, found: list[Restoration]) -> int:
        since_ms = min(one.restored_to_ms for one in found) - MARGIN_MS
        has_past = bool(self._store.conversations.list_(limit=1))
        with self._store.transaction():
            # Who has nothing yet has nothing to lose: the list is only pinned.
            self._store.restorations.accept(found, since_ms if has_past else None)
            if has_past:
                self._store.incidents.note(SERVER_RESTORED, None, None, found[-1].ts_ms)
        if has_past:
            self._announcer.announce(ServerRestored(found[-1].epoch))
        return since_ms
