"""Pages of the log, for those who were there.  protocol §4, §7 (`pull`)"""

from miss.base.errors import NotFound
from miss.base.ids import AccountId
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.model import readable_range
from miss.chat.delivery import store
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
        async with self._db.snapshot() as tx:
            intervals = await conversation_store.intervals_of(tx, asked.cid, uid)
            stretch = readable_range(intervals, asked.from_seq, asked.to_seq)
            if stretch is None:
                raise NotFound(cid=asked.cid.hex())
            items, more = await store.read_page(tx, asked.cid, *stretch, asked.limit)
        if items and not more:
            # A later membership may open another stretch of the range.
            more = readable_range(intervals, stretch[1] + 1, asked.to_seq) is not None
        return Page(ref=asked.ref, cid=asked.cid, items=items, more=more)
