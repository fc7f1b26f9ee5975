"""The client's events, gathered for a moment and told as whole values.

A device that comes back after a week hears thousands of events: rows and messages are read once for all that
happened within `GATHER_S`, so that the window is drawn as often as somebody can see it change, and no more.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from typing import Final

from clients.desktop.state import facts as f
from clients.desktop.state.model import Missed
from clients.desktop.store.desk import Desk
from clients.desktop.store.errors import DeskFull
from clients.desktop.sync import describe
from clients.desktop.sync.said import said_by, sentence_of
from clients.desktop.words import spoken
from miss.base.ids import ConversationId
from miss.client import Client, Message
from miss.client import events as e
from miss.client.errors import ClientError, DeviceLocked, UnknownConversation, UnknownMessage
from miss.client.model import SERVER_RESTORED

GATHER_S: Final = 0.04
INDEX_PAGE: Final = 100
LOSSES_SEEN: Final = "losses_seen"
"""Where the desk keeps the last restore that somebody was told of."""
Tell = Callable[[f.Fact], None]


class Pump:
    """Hears everything one client announces."""

    def __init__(self, client: Client, desk: Desk, tell: Tell) -> None:
        self._client = client
        self._desk = desk
        self._tell = tell
        self._rows: set[ConversationId] = set()
        self._places: defaultdict[ConversationId, set[int]] = defaultdict(set)
        self._waiting: set[ConversationId] = set()
        self._markers: set[ConversationId] = set()
        self._members: set[ConversationId] = set()
        self._alarms = False
        self._warnings = False
        self._losses = self._is_losing = False
        self._timer: asyncio.TimerHandle | None = None
        self._is_ended = False
        self._away = True
        self._missed: defaultdict[ConversationId, list[Message]] = defaultdict(list)
        self.open_cid: ConversationId | None = None
        """In the main window."""
        self.apart: set[ConversationId] = set()
        """In windows of their own."""

    @property
    def shown(self) -> set[ConversationId]:
        """Conversations of which messages are told."""
        return self.apart | ({self.open_cid} if self.open_cid is not None else set())

    async def run(self, stream: e.EventStream) -> None:
        """Until the client closes."""
        async for event in stream:
            self._hear(event)

    def _hear(self, event: e.Event) -> None:
        cid = describe.cid_of(event)
        if cid is not None:
            self._rows.add(cid)
        match event:
            case e.ConnectionChanged(state, reason, obstacle):
                self._away = self._away or state is not e.ConnectionState.OPEN
                sentence = said_by(obstacle) if obstacle else ""
                self._tell(f.ConnectionTold(state, reason, sentence))
            case e.Synced():
                self.flush()
                self._away = False
                self._tell(f.CaughtUp(self._summary()))
            case e.MessageReceived(message):
                self._receive(message)
            case e.MessageChanged(message) | e.MessageRefused(message):
                self._places[message.cid].add(message.seq)
            case e.MessagesExpired(cid=of, seqs=seqs):
                self._index(of, [(seq, "") for seq in seqs])
                self._tell(f.MessagesGone(of, seqs))
            case e.Sent(cid=of, seq=seq):
                self._places[of].add(seq)
                self._waiting.add(of)
            case e.SendFailed(cid=of):
                self._waiting.add(of)
            case e.UploadProgress(cid=of, mid=mid, sent_bytes=sent, size_bytes=size):
                self._tell(f.UploadTold(of, mid, sent, size))
            case e.DownloadProgress(cid=of, seq=seq, received_bytes=received, size_bytes=size):
                self._tell(f.DownloadTold(of, seq, received, size))
            case _:
                self._hear_of_people(event)
        self._gather()

    def _hear_of_people(self, event: e.Event) -> None:
        match event:
            case e.Delivered(cid=of) | e.ReadBy(cid=of):
                self._markers.add(of)
            case e.TypingChanged(of, uid, on):
                self._rows.discard(of)
                self._tell(f.TypingTold(of, uid, on))
            case e.PresenceChanged(uid, presence):
                self._tell(f.PresenceTold(uid, presence))
            case e.MembersChanged(cid=of) | e.ConversationJoined(of):
                self._members.add(of)
            case e.AlarmAcknowledged(of, seq, _) | e.AlarmEscalated(of, seq, _) | e.AlarmExhausted(of, seq):
                self._places[of].add(seq)
                self._alarms = True
            case e.AlarmRaised():
                self._alarms = True
            case e.ContactWarned() | e.ContactChanged():
                self._warnings = True
                self._members |= self.shown
            case e.DeviceRevoked(wiped, reason):
                self._tell(f.DeviceOut(wiped, reason))
            case e.ServerLied(code=code) | e.CommitRefused(code=code):
                self._tell(f.Troubled(sentence_of(code)))
            case e.ServerRestored():
                told = next(one for one in self._client.incidents() if one.code == SERVER_RESTORED)
                self._tell(f.Troubled(told.sentence(spoken())))
            case e.ConversationReconciled(cid=of):
                self._losses = True
                # What the server lost has no place in the log any more; whoever wrote it brings it back.
                self._tell(f.MessagesGone(of, tuple(one.message.seq for one in self._client.lost_messages(of))))

    def _receive(self, message: Message) -> None:
        self._places[message.cid].add(message.seq)
        if message.is_mine:
            return
        if self._away:
            self._missed[message.cid].append(message)
            return
        try:
            conversation = self._client.conversation(message.cid)
        except (UnknownConversation, DeviceLocked):
            return
        row = describe.row_of(self._client, conversation, self._desk.marks())
        self._tell(f.Arrived(row, message, describe.author_of(conversation, message.uid)))

    def _summary(self) -> tuple[Missed, ...]:
        found = []
        for cid, messages in self._missed.items():
            unread = [one for one in messages if one.seq > self._client.conversation(cid).read_seq]
            if unread:
                found.append(
                    Missed(
                        cid=cid,
                        title=describe.title_of(self._client.conversation(cid), self._client.uid),
                        count=len(unread),
                        urgent=sum(one.urgent for one in unread),
                        alarms=sum(one.alarm is not None for one in unread),
                        names_me=any(one.is_for(self._client.uid) for one in unread),
                    )
                )
        self._missed.clear()
        return tuple(sorted(found, key=lambda one: (-one.alarms, -one.urgent, not one.names_me, -one.count)))

    # Telling

    def note(self, cid: ConversationId, *, members: bool = False) -> None:
        """Something of a conversation was changed by a call: its row and its outbox are told."""
        self._rows.add(cid)
        self._waiting.add(cid)
        if members:
            self._members.add(cid)
        self._gather()

    def end(self) -> None:
        """The account is about to close: what was gathered and not told is read again when it opens."""
        self._is_ended = True
        if self._timer is not None:
            self._timer.cancel()

    def _gather(self) -> None:
        if self._timer is None and not self._is_ended:
            self._timer = asyncio.get_running_loop().call_later(GATHER_S, self.flush)

    def flush(self) -> None:
        """Tell everything that was gathered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        try:
            self._flush()
        except DeviceLocked as locked:
            self._tell(f.DeviceOut(False, str(locked.params.get("reason", ""))))

    def _flush(self) -> None:
        marks = self._desk.marks() if self._rows else {}
        for cid, seqs in self._places.items():
            self._tell_messages(cid, seqs)
        for cid in self._rows:
            try:
                self._tell(f.RowTold(describe.row_of(self._client, self._client.conversation(cid), marks)))
            except UnknownConversation:
                continue
        for cid in self._waiting & self.shown:
            self._tell(f.WaitingTold(cid, describe.waiting_of(self._client, cid)))
        for cid in self._markers & self.shown:
            delivered, read = self._client.delivered_to(cid), self._client.read_by(cid)
            self._tell(f.MarkersTold(cid, tuple(delivered.items()), tuple(read.items())))
        for cid in self._members & self.shown:
            self._tell(f.MembersTold(describe.thread_of(self._client, cid)))
        if self._alarms or self._places:
            self._tell(f.AlarmsTold(tuple(self._client.open_alarms())))
        if self._warnings:
            self._tell(f.WarningsTold(describe.warned_of(self._client)))
        if self._losses or (self._is_losing and self._places):  # whoever wrote it may have brought it back
            self.tell_losses()
        for gathered in (self._rows, self._places, self._waiting, self._markers, self._members):
            gathered.clear()
        self._alarms = self._warnings = self._losses = False

    def tell_losses(self) -> None:
        """What restores have lost, and of which restore somebody was told last."""
        losses = describe.losses_of(self._client)
        self._is_losing = bool(losses)
        self._tell(f.LossesTold(losses, int(self._desk.setting(LOSSES_SEEN) or 0)))

    def _tell_messages(self, cid: ConversationId, seqs: set[int]) -> None:
        messages, texts = [], []
        for seq in sorted(seqs):
            found = self._read(cid, seq)
            texts.append((seq, describe.words_of(found) if found else ""))
            if found is not None:
                messages.append(found)
        self._index(cid, texts)
        if cid in self.shown:
            self._tell(f.MessagesTold(cid, tuple(messages)))
            gone = seqs - {one.seq for one in messages}
            if gone:
                self._tell(f.MessagesGone(cid, tuple(gone)))

    def _index(self, cid: ConversationId, texts: list[tuple[int, str]]) -> None:
        """What cannot be searched for is shown all the same; opening the account again brings the index up."""
        try:
            self._desk.index(cid, texts)
        except DeskFull as full:
            self._tell(f.Troubled(said_by(full)))

    def _read(self, cid: ConversationId, seq: int) -> Message | None:
        """One message with what it answers; None for what has no place of its own."""
        found = self._client.messages(cid, seq - 1, 1)
        return found[0] if found and found[0].seq == seq else None

    async def index_everything(self) -> None:
        """Bring the index up to the store, a page at a time; what happens meanwhile is heard as it comes."""
        for conversation in self._client.conversations():
            after = self._desk.indexed(conversation.cid)
            while messages := self._page(conversation.cid, after):
                after = messages[-1].seq
                self._desk.index(conversation.cid, [(one.seq, describe.words_of(one)) for one in messages], after)
                await asyncio.sleep(0)
        self._desk.rest()

    def _page(self, cid: ConversationId, after: int) -> list[Message]:
        try:
            return self._client.messages(cid, after, INDEX_PAGE)
        except (ClientError, UnknownMessage):
            return []
