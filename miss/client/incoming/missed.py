"""Deletions that did not come when they could be applied.  protocol §7, Deleting

Those of the time this device was away are asked for at each connection: a pull says nothing of places that are held
already.  One that comes before what it deletes waits for it.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from miss.base.ids import ConversationId
from miss.client.api import ServerApi
from miss.client.errors import DeletionsWithoutEnd
from miss.client.store import Store
from miss.protocol.wire.frames import Del

MARGIN: Final = timedelta(minutes=1)
"""Asked for beyond the last time all was here: the server's processes have clocks of their own."""
MAX_PAGES: Final = 100
"""Of one connection, 1,000 deletions each."""
MAX_EARLY: Final = 1000
"""Deletions that wait for what they delete."""


class MissedDeletions:
    """One client's; `Sync` is the only task that calls it."""

    def __init__(self, store: Store, api: ServerApi) -> None:
        self._store = store
        self._api = api
        self._early: dict[tuple[ConversationId, int], Del] = {}
        self._since_ms = 0
        self._cursor = ""
        self._pages = 0
        self.is_done = False
        """True if the server has nothing more to tell of the time before this connection."""
        self.is_late = False
        """True if it did not answer: it is asked again, and nothing else waits for that."""

    def begin(self) -> None:
        """A new connection: what happened since all was here is to be asked for."""
        self._early.clear()
        resume_ms = self._store.device.resume() or 0
        self._since_ms = max(0, resume_ms - MARGIN // timedelta(milliseconds=1))
        self._cursor, self._pages = "", 0
        self.is_late = False
        self.is_done = not self._store.conversations.list_(limit=1)  # where nothing is held nothing is to be deleted

    def give_up(self) -> None:
        """The server will not say, on this connection."""
        self.is_done = True

    async def fetch(self) -> Sequence[Del]:
        """The next page.

        Raises DeletionsWithoutEnd for a list that does not come to one, ServerRefused, ServerUnreachable.
        """
        answer = await self._api.fetch_deletions(self._since_ms, self._cursor)
        self._pages += 1
        if answer.more and (self._pages >= MAX_PAGES or not answer.deletions or answer.cursor == self._cursor):
            raise DeletionsWithoutEnd
        self._cursor, self.is_done = answer.cursor, not answer.more
        return [Del(cid, seq, tombstone) for cid, seq, tombstone in answer.deletions]

    def keep_early(self, deletion: Del) -> None:
        """Remember it if what it deletes is not here yet; if that never comes here it is asked for again."""
        place = deletion.cid, deletion.seq
        if self._store.conversations.find(deletion.cid) is None or self._store.messages.has(*place):
            return
        if len(self._early) < MAX_EARLY:
            self._early[place] = deletion

    def take_due(self, cid: ConversationId) -> list[Del]:
        """Those of a conversation whose place is here by now."""
        due = [place for place in self._early if place[0] == cid and self._store.messages.has(*place)]
        return [self._early.pop(place) for place in due]
