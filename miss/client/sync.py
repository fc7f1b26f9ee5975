"""Keeping up with the server's log: heads first, then what is missing, most recent conversation first.  protocol §7

One task takes everything the connection brings, in order, and gives it to whom it concerns.  A step that fails for
want of an answer is taken again later.
"""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from miss.base.errors import MissError
from miss.base.ids import ConversationId
from miss.client.account.rotation import Rotation
from miss.client.account.standing import Standing
from miss.client.api import ServerApi
from miss.client.connection import Connection
from miss.client.epochs import Epochs
from miss.client.errors import ServerUnreachable
from miss.client.events import Announcer, CommitRefused, Synced
from miss.client.inbox import AskDeletions, CheckGap, ConnectionLost, Inbox, News, Retry, TurnedAway
from miss.client.incidents import LIES, Incidents
from miss.client.incoming.claims import Claims
from miss.client.incoming.expiry import Expiry
from miss.client.incoming.fetching import Fetching
from miss.client.incoming.intake import Intake
from miss.client.incoming.markers import Markers
from miss.client.incoming.missed import MissedDeletions
from miss.client.incoming.signals import Signals
from miss.client.outgoing.departures import Departures
from miss.client.outgoing.ephemera import Ephemera
from miss.client.outgoing.reports import Reports
from miss.client.outgoing.sending import Sending
from miss.client.outgoing.statements import Statements
from miss.client.people.identities import Identities
from miss.client.restoring.reconciling import Reconciling
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.errors import NotConnected, ProtocolError
from miss.protocol.limits import MAX_PAGE_ITEMS
from miss.protocol.session.events import Answered, Lagged
from miss.protocol.wire.frames import (
    AlarmChanged,
    Del,
    EpochChanged,
    Err,
    Head,
    Heads,
    LinkAdded,
    Msg,
    Page,
    Presence,
    Pull,
    Read,
    Ready,
    Recv,
    Send,
    Typing,
)

RETRY_S: Final = 5.0

_log = logging.getLogger(__name__)


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
    signals: Signals
    missed: MissedDeletions
    incidents: Incidents
    claims: Claims
    statements: Statements
    ephemera: Ephemera
    departures: Departures
    expiry: Expiry
    announcer: Announcer
    standing: Standing
    rotation: Rotation
    reconciling: Reconciling


class Sync:
    """One client's catching up; `run` is the only task that touches its state."""

    def __init__(self, inbox: Inbox, parts: Parts) -> None:
        self._inbox = inbox
        self._parts = parts
        self._store = parts.store
        self._fetching = Fetching(
            parts.store,
            parts.connection,
            parts.intake,
            check_later=self._check_later,
            kept=self._note_kept,
            waits=parts.reconciling.is_waiting,
        )
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
                self._set_aside(event, error)
            self._check_synced()

    def _set_aside(self, event: News, error: MissError) -> None:
        """What could not be taken is not lost: the next connection starts before it.  What was a lie is noted."""
        self._left_behind = True
        if not isinstance(error, LIES) or self._parts.incidents.note(error, event):
            _log.warning("set aside: %s", error.code)

    async def _take(self, event: News) -> None:
        parts = self._parts
        if parts.standing.is_out:
            # This device does not count any more: what is still on its way in is not for it.
            return
        match event:
            case Ready():
                await self._take_ready(event)
            case Heads(items=heads):
                await self._take_heads(heads)
                self._has_heads |= len(heads) < MAX_PAGE_ITEMS
            case Msg(cid=cid) | EpochChanged(cid=cid) if parts.reconciling.is_waiting(cid):
                await self._take_heads(tuple(head for head in await parts.api.fetch_heads() if head.cid == cid))
            case Msg():
                await self._take_msg(event)
            case Answered(request=Send() as request, answer=answer) if not isinstance(answer, Page):
                reaches = await parts.sending.take_answer(request, answer)
                if reaches and not self._fetching.heard_of(request.cid, reaches):
                    self._note_kept(request.cid)
            case Answered(request=Pull() as request, answer=Page() as page):
                await self._fetching.take_page(request, page)
            case Answered(request=Pull() as request, answer=Err() as refusal):
                await self._fetching.take_refusal(request, refusal)
            case CheckGap(cid=cid):
                self._fetching.fill(cid)
            case Retry(head=head) if head.cid in self._postponed:
                await self._take_heads((head,))
            case Lagged():
                self._fetching.repeat()
                parts.sending.restart()
                await self._take_heads(tuple(await parts.api.fetch_heads()))
            case EpochChanged():
                await self._take_commit(event)
                self._note_kept(event.cid)
            case LinkAdded(uid=uid, link=link):
                await parts.identities.take_link(uid, link)
                if uid == parts.device.uid:
                    await self._take_own_link()
            case Recv(cid=cid, seq=seq):
                parts.markers.take_received(event)
                self._fetching.heard_of(cid, seq)
            case Read(cid=cid, seq=seq):
                await parts.claims.take(event, parts.markers.take_read)
                self._fetching.heard_of(cid, seq)
            case Del():
                await self._take_deletion(event)
            case AlarmChanged():
                await parts.claims.take(event, parts.signals.take)
            case Typing() | Presence() | Err():
                await parts.signals.take(event)
            case AskDeletions() if not parts.missed.is_done:
                await self._take_missed()
            case ConnectionLost():
                self._forget_connection()
            case TurnedAway():
                await parts.standing.turned_away()

    # A connection begins and ends

    def _forget_connection(self) -> None:
        self._fetching.forget()
        self._postponed.clear()
        self._ready_ts = None
        self._has_heads = False
        self._left_behind = False
        self.synced.clear()

    async def _take_ready(self, ready: Ready) -> None:
        self._forget_connection()
        self._ready_ts = ready.server_ts
        self._parts.api.take_token(ready.http_token)
        heads = await self._parts.reconciling.prepare(ready, self._set_aside)
        self._fetching.begin()
        self._parts.epochs.restart()
        self._parts.sending.restart()
        self._parts.reports.restart()
        self._parts.statements.restart()
        self._parts.ephemera.restart()
        self._parts.expiry.wake()  # the server has just said what time it is
        self._parts.missed.begin()
        self._inbox.put_nowait(AskDeletions())
        own = self._parts.identities.find(self._parts.device.uid)
        if own is None or own.head != ready.link_head:
            await self._parts.identities.refresh(self._parts.device.uid)
        self._parts.standing.welcomed()
        await self._parts.standing.review()
        await self._take_heads(heads)

    def _check_synced(self) -> None:
        if self._ready_ts is None or not self._has_heads or self.synced.is_set():
            return
        if not self._fetching.is_done or self._postponed or not self._inbox.empty():
            return
        if not (self._parts.missed.is_done or self._parts.missed.is_late):
            return
        if not self._left_behind:
            self._store.device.set_resume(self._ready_ts)
        self.synced.set()
        self._parts.rotation.wake()
        self._parts.departures.wake()
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
                    if isinstance(error, LIES):
                        self._parts.incidents.note(error, head)
                    self._parts.announcer.announce(CommitRefused(head.cid, error.code))

    async def _take_head(self, head: Head) -> None:
        """Have the conversation's epochs, then what is missing of its log."""
        waits = self._parts.reconciling.is_waiting(head.cid)
        if waits and await self._parts.reconciling.reconcile(head):
            self._fetching.rebase(head.cid)
        known = self._store.conversations.last_epoch(head.cid)
        if known is None or known.number < head.epoch:
            await self._parts.epochs.catch_up(head.cid)
            self._parts.sending.wake()
        self._fetching.take_head(head.cid, head.last_seq)
        self._store.conversations.advance(
            head.cid, last_seq=head.last_seq, read_seq=head.read_seq, read_reported_seq=head.read_seq
        )
        self._parts.reports.note(head.cid)
        self._fetching.fill(head.cid)
        if waits:
            self._note_kept(head.cid)
            self._parts.statements.wake()

    async def _take_commit(self, frame: EpochChanged) -> None:
        try:
            await self._parts.epochs.take_frame(frame)
        except ProtocolError as error:
            self._left_behind = True
            self._parts.announcer.announce(CommitRefused(frame.cid, error.code))
        if frame.history is not None:
            # What was said before is this person's to read from now on, and only heads tell how far it goes.
            heads = await self._parts.api.fetch_heads()
            await self._take_heads(tuple(head for head in heads if head.cid == frame.cid))
            self._fetching.ask_again(frame.cid)

    async def _take_own_link(self) -> None:
        """This person has a device more or less, or another user key, and with it perhaps another vault."""
        await self._parts.standing.review()
        self._fetching.ask_again(*(record.cid for record in self._store.conversations.list_()))

    async def _take_msg(self, msg: Msg) -> None:
        if self._store.conversations.find(msg.cid) is None:
            await self._take_heads((Head(msg.cid, msg.seq, 0, 1),))
        else:
            await self._fetching.take_msg(msg)

    # Deletions

    async def _take_deletion(self, deletion: Del) -> None:
        self._parts.missed.keep_early(deletion)
        await self._parts.claims.take(deletion, self._parts.signals.take)

    async def _take_missed(self) -> None:
        """The next of the deletions that this device was not told of."""
        missed = self._parts.missed
        try:
            deletions = await missed.fetch()
        except ServerUnreachable:
            missed.is_late = True
            asyncio.get_running_loop().call_later(RETRY_S, self._inbox.put_nowait, AskDeletions())
            raise
        except MissError:
            missed.give_up()
            raise
        for deletion in deletions:
            try:
                await self._take_deletion(deletion)
            except MissError as error:
                self._set_aside(deletion, error)
        if not missed.is_done:
            self._inbox.put_nowait(AskDeletions())

    def _check_later(self, cid: ConversationId, delay_s: float) -> None:
        asyncio.get_running_loop().call_later(delay_s, self._inbox.put_nowait, CheckGap(cid))

    def _note_kept(self, cid: ConversationId) -> None:
        """Something of a conversation was stored: whoever acts on it looks."""
        parts = self._parts
        parts.reports.note(cid)
        parts.sending.wake()
        parts.departures.wake()
        parts.expiry.wake()
        for deletion in parts.missed.take_due(cid):
            self._inbox.put_nowait(deletion)
