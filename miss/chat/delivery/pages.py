"""Pages of the log and lists of what was deleted in it, for those who were there.  protocol §4, §7 (`pull`)"""

from miss.base.errors import NotFound
from miss.base.ids import AccountId
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.model import readable_range
from miss.chat.delivery import store
from miss.chat.delivery.model import Cursor, Grave
from miss.protocol.wire.frames import Page, Pull
from miss.storage import Database


class Pages:
    """Reads the log."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def pull(self, uid: AccountId, asked: Pull) -> Page:
        """What the memberships of `uid` open of the range, from the first readable envelope on.

        Raises NotFound if they open nothing of it, as for a conversation that does not exist.
        """
        async with self._db.hot_reads() as tx:
            intervals = await conversation_store.intervals_of(tx, asked.cid, uid)
            stretch = readable_range(intervals, asked.from_seq, asked.to_seq)
            if stretch is None:
                raise NotFound(cid=asked.cid.hex())
            items, more = await store.read_page(tx, asked.cid, *stretch, asked.limit)
        if items and not more:
            # A later membership may open another stretch of the range.
            more = readable_range(intervals, stretch[1] + 1, asked.to_seq) is not None
        return Page(ref=asked.ref, cid=asked.cid, items=items, more=more)

    async def list_deletions(
        self, uid: AccountId, since_ms: int, after: Cursor | None, limit: int
    ) -> tuple[list[Grave], bool]:
        """Deletions the server took at `since_ms` or later, of places that `uid` may read, in order; more?

        For a device that was away: a pull says nothing of places that it has read already.
        """
        async with self._db.snapshot() as tx:
            graves = await store.list_graves(tx, uid, since_ms, after, limit + 1)
        return graves[:limit], len(graves) > limit
