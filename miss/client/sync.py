"""Keeping up with the server's log: heads first, then what is missing, most recent conversation first.  protocol §7

One task takes everything the connection brings, in order.  What arrives beyond the next place of a conversation is
held for a moment (processes of the server may overtake each other by a little), then the gap is pulled.  A step
that fails for want of an answer is taken again later; nothing counts as fetched before it is stored.
"""

import asyncio
import logging
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from miss.base.errors import MissError
from miss.base.ids import ConversationId
from miss.client.api import ServerApi
from miss.client.connection import Connection
from miss.client.epochs import Epochs
from miss.client.events import Announcer, CommitRefused, Synced
from miss.client.identity import Identities
from miss.client.intake import Intake
from miss.client.markers import Markers
from miss.client.reports import Reports
from miss.client.sending import Sending
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.errors import NotConnected, ProtocolError
from miss.protocol.limits import MAX_PAGE_ITEMS
from miss.protocol.session.events import Answered, ClientEvent, Lagged
from miss.protocol.wire.frames import (
    EpochChanged,
    Err,
    Head,
    Heads,
    Item,
    LinkAdded,
    Msg,
    Page,
    Pull,
    Read,
    Ready,
    Recv,
    Send,
)

HOLD_S: Final = 0.1
"""How long a message that came too early waits for those before it."""
RETRY_S: Final = 5.0
PULLS_AT_ONCE: Final = 4

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """The connection of the events before is gone, and with it every answer it owed."""


@dataclass(frozen=True, slots=True)
class CheckGap:
    """Time to see whether a conversation still misses something."""

    cid: ConversationId


@dataclass(frozen=True, slots=True)
class Retry:
    """Time to take a head again that the network kept from being taken."""

    head: Head


Inbox = asyncio.Queue[ClientEvent | ConnectionLost | CheckGap | Retry]


@dataclass(frozen=True, slots=True)
class Parts:
    """What catching up relies on."""

    store: Store
    device: DeviceRecord
    api: ServerApi
    connection: Connection
    identities: Identities
    epochs: Epochs
    intake: Intake
    sending: Sending
    reports: Reports
    markers: Markers
    announcer: Announcer


class Sync:
    """One client's catching up; `run` is the only task that touches its state."""

    def __init__(self, inbox: Inbox, parts: Parts) -> None:
        self._inbox = inbox
        self._parts = parts
        self._store = parts.store
        self._wanted: dict[ConversationId, int] = {}
        """Up to where to fetch, in the order to do it."""
        self._pulling: set[ConversationId] = set()
        self._early: defaultdict[ConversationId, dict[int, Item]] = defaultdict(dict)
        self._postponed: set[ConversationId] = set()
        self._ready_ts: int | None = None
        self._has_heads = False
        self._left_behind = False
        """Something could not be taken: the next connection starts from complete heads again."""
        self.synced = asyncio.Event()

    async def run(self) -> None:
        """Take events as they come."""
        while True:
            event = await self._inbox.get()
            try:
                await self._take(event)
            except NotConnected:
                # The next connection begins with `ready`, hence with everything that is missing.
                continue
            except MissError as error:
                self._left_behind = True
                _log.warning("set aside: %s", error.code)
            self._check_synced()

    async def _take(self, event: ClientEvent | ConnectionLost | CheckGap | Retry) -> None:
        parts = self._parts
        match event:
            case Ready():
                await self._take_ready(event)
            case Heads(items=heads):
                await self._take_heads(heads)
                self._has_heads |= len(heads) < MAX_PAGE_ITEMS
            case Msg():
                await self._take_msg(event)
            case Answered(request=Send() as request, answer=answer) if not isinstance(answer, Page):
                reaches = await parts.sending.take_answer(request, answer)
                self._heard_of(request.cid, reaches)
            case Answered(request=Pull() as request, answer=Page() as page):
                await self._take_page(request, page)
            case Answered(request=Pull() as request, answer=Err() as refusal):
                await self._take_pull_refused(request, refusal)
            case CheckGap(cid=cid):
                self._fill(cid)
            case Retry(head=head) if head.cid in self._postponed:
                await self._take_heads((head,))
            case Lagged():
                self._pulling.clear()
                parts.sending.restart()
                await self._take_heads(tuple(await parts.api.fetch_heads()))
            case EpochChanged():
                await self._take_commit(event)
                parts.sending.wake()
            case LinkAdded(uid=uid, link=link):
                await parts.identities.take_link(uid, link)
            case Recv():
                parts.markers.take_received(event)
            case Read():
                await parts.markers.take_read(event)
            case ConnectionLost():
                self._forget_connection()

    # A connection begins and ends

    def _forget_connection(self) -> None:
        self._wanted.clear()
        self._pulling.clear()
        self._early.clear()
        self._postponed.clear()
        self._ready_ts = None
        self._has_heads = False
        self._left_behind = False
        self.synced.clear()

    async def _take_ready(self, ready: Ready) -> None:
        self._forget_connection()
        self._ready_ts = ready.server_ts
        self._parts.api.take_token(ready.http_token)
        for record in self._store.conversations.list_():
            if record.synced_seq < record.last_seq:
                self._want(record.cid, record.last_seq)
        self._parts.sending.restart()
        self._parts.reports.restart()
        own = self._parts.identities.find(self._parts.device.uid)
        if own is None or own.head != ready.link_head:
            await self._parts.identities.refresh(self._parts.device.uid)

    def _check_synced(self) -> None:
        if self._ready_ts is None or not self._has_heads or self.synced.is_set():
            return
        if self._wanted or self._pulling or self._postponed or not self._inbox.empty():
            return
        if not self._left_behind:
            self._store.device.set_resume(self._ready_ts)
        self.synced.set()
        self._parts.announcer.announce(Synced())

    # Heads and commits

    async def _take_heads(self, heads: tuple[Head, ...]) -> None:
        for head in heads:
            self._postponed.discard(head.cid)
            try:
                await self._take_head(head)
            except NotConnected:
                raise
            except MissError as error:
                self._left_behind = True
                if error.temporary:
                    self._postponed.add(head.cid)
                    asyncio.get_running_loop().call_later(RETRY_S, self._inbox.put_nowait, Retry(head))
                else:
                    self._parts.announcer.announce(CommitRefused(head.cid, error.code))

    async def _take_head(self, head: Head) -> None:
        """Have the conversation's epochs, then what is missing of its log."""
        known = self._store.conversations.last_epoch(head.cid)
        if known is None or known.number < head.epoch:
            await self._parts.epochs.catch_up(head.cid)
            self._parts.sending.wake()
        self._store.conversations.advance(
            head.cid, last_seq=head.last_seq, read_seq=head.read_seq, read_reported_seq=head.read_seq
        )
        self._parts.reports.note(head.cid)
        self._fill(head.cid)

    async def _take_commit(self, frame: EpochChanged) -> None:
        try:
            await self._parts.epochs.take_frame(frame)
        except ProtocolError as error:
            self._left_behind = True
            self._parts.announcer.announce(CommitRefused(frame.cid, error.code))

    # The log

    async def _take_msg(self, msg: Msg) -> None:
        record = self._store.conversations.find(msg.cid)
        if record is None:
            await self._take_heads((Head(msg.cid, msg.seq, 0, 1),))
            return
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
        for seq in [seq for seq in early if seq <= self._store.conversations.get(cid).synced_seq]:
            del early[seq]
        if early:
            self._check_later(cid, HOLD_S)

    async def _keep(self, cid: ConversationId, items: list[Item], up_to: int) -> None:
        try:
            await self._parts.intake.take(cid, items, up_to)
        except MissError:
            # The server has it still: fetch it again when what it takes to open it can be had.
            self._check_later(cid, RETRY_S)
            raise
        self._parts.reports.note(cid)
        self._parts.sending.wake()

    async def _take_page(self, request: Pull, page: Page) -> None:
        self._pulling.discard(page.cid)
        items = [item for item in page.items if request.from_seq <= item.seq <= request.to_seq]
        up_to = items[-1].seq if page.more and items else request.to_seq
        await self._keep(page.cid, items, up_to)
        await self._take_early(page.cid)
        self._pull()

    async def _take_pull_refused(self, request: Pull, refusal: Err) -> None:
        self._pulling.discard(request.cid)
        if refusal.code == "not_found":
            # Nothing in that range is ours to read: the person had not joined yet, or has left.
            self._store.conversations.advance(request.cid, last_seq=request.to_seq, synced_seq=request.to_seq)
            await self._take_early(request.cid)
        else:
            self._wanted.pop(request.cid, None)
            self._check_later(request.cid, refusal.retry_after_s or RETRY_S)
        self._pull()

    def _heard_of(self, cid: ConversationId, seq: int) -> None:
        """The log reaches `seq`; what lies before is probably on its way."""
        record = self._store.conversations.find(cid)
        if record is not None and record.synced_seq < seq:
            self._store.conversations.advance(cid, last_seq=seq)
            self._check_later(cid, HOLD_S)
        elif record is not None and seq:
            self._parts.reports.note(cid)

    def _check_later(self, cid: ConversationId, delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, self._inbox.put_nowait, CheckGap(cid))

    def _fill(self, cid: ConversationId) -> None:
        """Fetch what is still missing of a conversation."""
        record = self._store.conversations.find(cid)
        if record is not None and record.synced_seq < record.last_seq:
            self._want(cid, record.last_seq)
            self._pull()

    def _want(self, cid: ConversationId, seq: int) -> None:
        self._wanted[cid] = max(seq, self._wanted.get(cid, 0))

    def _pull(self) -> None:
        """Ask for the next ranges, in the order they are wanted."""
        for cid, target in tuple(self._wanted.items()):
            if cid in self._pulling:
                continue
            synced_seq = self._store.conversations.get(cid).synced_seq
            if synced_seq >= target:
                del self._wanted[cid]
            elif len(self._pulling) < PULLS_AT_ONCE:
                self._parts.connection.pull(cid, synced_seq + 1, target, MAX_PAGE_ITEMS)
                self._pulling.add(cid)
