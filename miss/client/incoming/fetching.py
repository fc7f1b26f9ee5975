"""What is missing of the logs, fetched in order: the most recently active conversation first.  protocol §7

What arrives beyond the next place of a conversation is held for a moment (processes of the server may overtake each
other by a little), then the gap is pulled.  Nothing counts as fetched before it is stored.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import Final

from miss.base.errors import MissError
from miss.base.ids import ConversationId
from miss.client.connection import Connection
from miss.client.incoming.intake import Intake
from miss.client.store import Store
from miss.protocol.limits import MAX_PAGE_ITEMS
from miss.protocol.wire.frames import Err, Item, Msg, Page, Pull

HOLD_S: Final = 0.1
"""How long a message that came too early waits for those before it."""
RETRY_S: Final = 5.0
PULLS_AT_ONCE: Final = 4
MAX_AGAIN: Final = 20
"""Refused places of one conversation that are asked for again on a new connection."""


class Fetching:
    """One client's gaps; `Sync` is the only task that calls it."""

    def __init__(
        self,
        store: Store,
        connection: Connection,
        intake: Intake,
        *,
        check_later: Callable[[ConversationId, float], None],
        kept: Callable[[ConversationId], None],
        waits: Callable[[ConversationId], bool],
    ) -> None:
        """`check_later(cid, delay_s)` has `fill(cid)` called; `kept(cid)` is told of what was stored; `waits(cid)`: it
        has to be reconciled with a restored server first, nothing of it is taken."""
        self._store = store
        self._connection = connection
        self._intake = intake
        self._check_later = check_later
        self._kept = kept
        self._waits = waits
        self._wanted: dict[ConversationId, int] = {}
        """Up to where to fetch, in the order to do it."""
        self._pulling: set[ConversationId] = set()
        self._early: defaultdict[ConversationId, dict[int, Item]] = defaultdict(dict)
        self._doubtful: dict[ConversationId, tuple[int, int]] = {}
        """Where something was refused: it may be shown as it is this time."""
        self._asked_again: set[tuple[ConversationId, int, int]] = set()
        """Pulls of such places: they say nothing of how far the log goes."""
        self._had: dict[ConversationId, int] = {}
        """Up to where the server had given us each log before this connection."""

    @property
    def is_done(self) -> bool:
        """True if nothing is known to be missing."""
        return not self._wanted and not self._pulling and not self._doubtful

    def forget(self) -> None:
        """The connection is gone, and with it every answer it owed."""
        self._wanted.clear()
        self._pulling.clear()
        self._early.clear()
        self._doubtful.clear()
        self._asked_again.clear()

    def repeat(self) -> None:
        """The answers owed will not come."""
        self._pulling.clear()

    def begin(self) -> None:
        """A new connection: go on where the last one stopped."""
        records = self._store.conversations.list_()
        self._had = {record.cid: record.synced_seq for record in records}
        for record in records:
            if self._waits(record.cid):
                continue
            if record.synced_seq < record.last_seq:
                self._want(record.cid, record.last_seq)
            self._doubt(record.cid)
        self.pull()

    def rebase(self, cid: ConversationId) -> None:
        """A conversation was brought together with a restored server's: its log goes on from where it stands now."""
        record = self._store.conversations.get(cid)
        self._had[cid] = record.synced_seq
        self._early.pop(cid, None)
        self._doubtful.pop(cid, None)
        self._wanted.pop(cid, None)

    def ask_again(self, *cids: ConversationId) -> None:
        """Secrets may have come since: what was refused for want of them is looked at once more."""
        for cid in cids:
            if not self._waits(cid):
                self._doubt(cid)
        self.pull()

    def _doubt(self, cid: ConversationId) -> None:
        """Ask again for what was refused."""
        if refused := self._store.messages.refused(cid, MAX_AGAIN):
            self._doubtful[cid] = refused[0], refused[-1]

    def take_head(self, cid: ConversationId, last_seq: int) -> None:
        """The server tells how far a log goes: no less than what it gave us before this connection."""
        if last_seq < self._had.get(cid, 0):
            self._intake.note_rollback(cid, last_seq)
            self._doubt(cid)

    async def take_msg(self, msg: Msg) -> None:
        """An envelope of a conversation that is known here."""
        self._store.conversations.advance(msg.cid, last_seq=msg.seq)
        self._early[msg.cid][msg.seq] = Item(msg.seq, msg.env, msg.ts)
        await self._take_early(msg.cid)

    async def _take_early(self, cid: ConversationId) -> None:
        """Store the messages at hand that follow without a gap; look after the others in a moment."""
        early = self._early[cid]
        following: list[Item] = []
        seq = self._store.conversations.get(cid).synced_seq
        while (item := early.get(seq + 1)) is not None:
            following.append(item)
            seq += 1
        if following:
            await self._keep(cid, following, seq)
        reached = self._store.conversations.get(cid).synced_seq
        known = [early.pop(seq) for seq in sorted(early) if seq <= reached]
        if known:
            await self._keep(cid, known, 0)  # the same again, or what the server had said was not there
        if early:
            self._check_later(cid, HOLD_S)

    async def _keep(self, cid: ConversationId, items: list[Item], up_to: int) -> None:
        try:
            await self._intake.take(cid, items, up_to)
        except MissError:
            # The server has it still: fetch it again when what it takes to open it can be had.
            self._check_later(cid, RETRY_S)
            raise
        self._kept(cid)

    async def take_page(self, request: Pull, page: Page) -> None:
        """The answer to a pull."""
        self._pulling.discard(page.cid)
        items = [item for item in page.items if request.from_seq <= item.seq <= request.to_seq]
        up_to = items[-1].seq if page.more and items else request.to_seq
        await self._keep(page.cid, items, 0 if self._is_again(request) else up_to)
        await self._take_early(page.cid)
        self.pull()

    async def take_refusal(self, request: Pull, refusal: Err) -> None:
        """The answer to a pull, if it is none."""
        self._pulling.discard(request.cid)
        if refusal.code == "not_found":
            # Nothing in that range is ours to read: the person had not joined yet, or has left.
            await self._keep(request.cid, [], 0 if self._is_again(request) else request.to_seq)
            await self._take_early(request.cid)
        else:
            self._wanted.pop(request.cid, None)
            self._check_later(request.cid, refusal.retry_after_s or RETRY_S)
        self.pull()

    def _is_again(self, request: Pull) -> bool:
        asked = request.cid, request.from_seq, request.to_seq
        is_again = asked in self._asked_again
        self._asked_again.discard(asked)
        return is_again

    def heard_of(self, cid: ConversationId, seq: int) -> bool:
        """The log reaches `seq`; False if that is no news.  What is missing is probably on its way."""
        record = self._store.conversations.find(cid)
        if record is None or record.synced_seq >= seq or self._waits(cid):
            return False
        self._store.conversations.advance(cid, last_seq=seq)
        self._check_later(cid, HOLD_S)
        return True

    def fill(self, cid: ConversationId) -> None:
        """Fetch what is still missing of a conversation."""
        record = self._store.conversations.find(cid)
        if record is not None and record.synced_seq < record.last_seq and not self._waits(cid):
            self._want(cid, record.last_seq)
            self.pull()

    def _want(self, cid: ConversationId, seq: int) -> None:
        self._wanted[cid] = max(seq, self._wanted.get(cid, 0))

    def pull(self) -> None:
        """Ask for the next ranges, in the order they are wanted."""
        for cid, (first, last) in tuple(self._doubtful.items()):
            if cid not in self._pulling and len(self._pulling) < PULLS_AT_ONCE:
                del self._doubtful[cid]
                self._asked_again.add((cid, first, last))
                self._connection.pull(cid, first, last, MAX_PAGE_ITEMS)
                self._pulling.add(cid)
        for cid, target in tuple(self._wanted.items()):
            if cid in self._pulling:
                continue
            synced_seq = self._store.conversations.get(cid).synced_seq
            if synced_seq >= target:
                del self._wanted[cid]
            elif len(self._pulling) < PULLS_AT_ONCE:
                self._connection.pull(cid, synced_seq + 1, target, MAX_PAGE_ITEMS)
                self._pulling.add(cid)
