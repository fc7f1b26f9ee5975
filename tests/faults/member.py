"""A person on one device, across connections: writes, repeats what was not answered, pulls what is missing.

protocol §7 as a client keeps it: a message is repeated under the same `mid` until its ack comes; `resume` after a
login; holes, heads and `lag` lead to pulls.  Everything that the oracle asks for is written down.
"""

import asyncio
import contextlib
from array import array
from dataclasses import dataclass, field
from random import Random

from bench.load.websocket import WebSocket, compose
from bench.world import Person
from miss.base.clock import SystemClock, to_ms
from miss.base.ids import MessageId
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.limits import MAX_INTEGER, MAX_PAGE_ITEMS
from miss.protocol.wire import frames
from miss.protocol.wire.codec import decode, encode
from tests.faults.letters import Letters, compose_id, compose_mid, read_mid
from tests.faults.odd_sockets import vanish
from tests.faults.oracle import Acks, ReaderHistory, WriterHistory
from tests.faults.platform import Platform
from tests.faults.shown import Shown
from tests.faults.tally import now_s

LOOPBACK = "127.0.0.1"
PATH = "/api/chat/socket"
REPEAT_S = 1.0
"""After an error that names no time of its own."""
HOLE_S = 0.2
"""A hole in what came by itself may close by itself: frames of two processes overtake each other."""
RECONNECT_S = (0.05, 0.4)
LOGIN_S = 600.0
"""Who is not let in by then tries again."""
MARKER_EVERY_S = 2.0
WRONG_TIME = "wrong times"
"""Event: the server dated a message more than `WRONG_TIME_MS` away from now."""
WRONG_TIME_MS = 60_000


@dataclass(slots=True)
class _Waiting:
    """A message without its ack."""

    mid: MessageId
    id: int
    sent_s: float


class Socket(WebSocket):
    """One connection of a member."""

    def __init__(self, member: "Member") -> None:
        super().__init__(PATH, frames.SUBPROTOCOL)
        self._member = member
        self.is_ready = False

    def take(self, data: bytes, start: int, stop: int) -> None:
        self._member.take(self, decode(data[start:stop]))


@dataclass(eq=False)
class Member:
    """See the module."""

    platform: Platform
    person: Person
    letters: Letters
    place: int
    """In the conversation; the writer's number in ids."""
    writes: bool
    random: Random
    shown: Shown = field(default_factory=Shown)
    socket: Socket | None = None
    port: int = 0
    """The server it talks to."""
    write_large: bool = False

    def __post_init__(self) -> None:
        self.name = f"{self.letters.cid.hex()[:6]}/{self.place}"
        self._keys = DeviceKeys.from_secret(self.person.secret)
        self._tally = self.platform.tally
        self._waiting: dict[int, _Waiting] = {}
        self._refs: dict[int, int] = {}
        self._next_ref, self._pull_ref = 1, 0
        self._number = 0
        self._attempted: set[int] = set()
        self._ack_ids, self._ack_seqs = array("Q"), array("L")
        self._ack_logs: list[bytes] = []
        self._bad_receipts: list[tuple[int, str]] = []
        self._resume: int | None = None
        self._caught_up_from: int | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._marker_s = 0.0
        self._living: asyncio.Task[None] | None = None

    # For whoever runs the crowd

    def start(self) -> None:
        """Connect, and again whenever the connection is lost."""
        self._living = asyncio.create_task(self._live(), name=f"member {self.name}")

    async def close(self) -> None:
        """Leave for good."""
        if self._living is not None:
            self._living.cancel()
            await asyncio.gather(self._living, return_exceptions=True)
        self.cut()
        if self._looking is not None:
            self._looking.cancel()

    def cut(self) -> None:
        """Lose the connection; the member comes back by itself."""
        if self.socket is not None:
            self.socket.is_ready = False
            self.socket.close()

    def vanish(self) -> asyncio.Future[None]:
        """Leave a connection without a word, and come back on another; done once the server has ended the old one."""
        assert self.socket is not None
        self.socket.is_ready = False
        return vanish(self.socket)

    @property
    def is_ready(self) -> bool:
        return self.socket is not None and self.socket.is_ready and not self.socket.transport.is_closing()

    @property
    def unanswered(self) -> int:
        """Messages without their ack."""
        return len(self._waiting)

    @property
    def state(self) -> str:
        """For whoever wonders why it writes nothing."""
        oldest_s = max((now_s() - one.sent_s for one in self._waiting.values()), default=0.0)
        link = "no connection" if self.socket is None else "let in" if self.is_ready else "not let in"
        return f"{self.name} at {self.port}, {link}: {self.unanswered} unanswered, the oldest for {oldest_s:.0f} s"

    @property
    def answered(self) -> int:
        """Acks that came."""
        return len(self._ack_ids)

    def as_writer(self) -> WriterHistory:
        """What the oracle is told of what this member wrote."""
        acks = Acks(self._ack_ids, self._ack_seqs, self._ack_logs)
        return WriterHistory(self.name, self._attempted, acks, self._bad_receipts)

    def as_reader(self, role: str = "") -> ReaderHistory:
        """What the oracle is told of what this member read."""
        return ReaderHistory(self.name + role, self.shown.seqs, self.shown.ids)

    # The connection

    async def _live(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with contextlib.suppress(OSError):
                self.port = self.random.choice(self.platform.ports)
                _, socket = await loop.create_connection(lambda: Socket(self), LOOPBACK, self.port)
                self.socket = socket
                patience = loop.call_later(LOGIN_S, self._leave_waiting, socket)
                await asyncio.shield(socket.lost)
                patience.cancel()
                self._tally.note_event("connections lost")
            self.socket = None
            await asyncio.sleep(self.random.uniform(*RECONNECT_S))

    def _leave_waiting(self, socket: Socket) -> None:
        if not socket.is_ready:
            socket.close()

    def take(self, socket: Socket, frame: object) -> None:
        """A frame came in."""
        if socket is not self.socket and self.socket is not None:
            return
        match frame:
            case frames.Msg():
                self._show(frame.seq, self.letters.recognise(frame.env))
            case frames.Ack():
                self._take_ack(socket, frame)
            case frames.Page():
                self._take_page(socket, frame)
            case frames.Heads():
                self._take_heads(socket, frame)
            case frames.Err():
                self._take_refusal(socket, frame)
            case frames.Lag():
                self._tally.note_event("lag")
                self._pull_ref = 0
                self._pull(socket, MAX_INTEGER)
                self._repeat_all(socket)
            case frames.Hello():
                sig = sign_auth(self._keys.ik, frame.nonce, self.platform.host)
                auth = frames.Auth(did=self.person.did, ts=frame.server_ts, sig=sig, resume=self._resume)
                socket.write(compose(encode(auth)))
            case frames.Ready():
                self._enter(socket, frame)
            case frames.Ping():
                socket.write(compose(encode(frames.Pong(frame.t))))

    def _enter(self, socket: Socket, ready: frames.Ready) -> None:
        socket.is_ready = True
        self._caught_up_from = ready.server_ts
        self._pull_ref = 0
        self._tally.note_event("logins")
        self._repeat_all(socket)
        self.write()

    # Writing

    def write(self) -> None:
        """Send as many messages as may wait for their acks."""
        while (
            self.writes and self._tally.is_writing and self.is_ready and len(self._waiting) < self.platform.style.window
        ):
            self._number += 1
            id_ = compose_id(self.place, self._number, large=self.write_large)
            mid = compose_mid(id_, to_ms(SystemClock().now()))
            self._waiting[id_] = _Waiting(mid, id_, now_s())
            self._attempted.add(id_)
            self._tally.sent += 1
            self._send(id_)

    def _send(self, id_: int) -> None:
        waiting = self._waiting.get(id_)
        if waiting is None or self.socket is None or not self.is_ready:
            return
        waiting.sent_s = now_s()
        ref = self._take_ref()
        self._refs[ref] = id_
        frame = frames.Send(ref=ref, mid=waiting.mid, cid=self.letters.cid, env=self.letters.compose(id_))
        self.socket.write(compose(encode(frame)))

    def _repeat_all(self, socket: Socket) -> None:
        self._refs.clear()
        for id_ in tuple(self._waiting):
            self._tally.note_event("repeated")
            self._send(id_)

    def _take_ack(self, socket: Socket, ack: frames.Ack) -> None:
        id_ = read_mid(ack.mid)
        self._refs.pop(ack.ref, None)
        checked = self.platform.receipts.check(ack.receipt, self.letters.cid, ack.seq, self.letters.compose(id_))
        self._ack_ids.append(id_)
        self._ack_seqs.append(ack.seq)
        self._ack_logs.append(checked.log)
        if checked.problem:
            self._bad_receipts.append((id_, checked.problem))
        self._tally.dups += ack.dup
        if abs(ack.ts - to_ms(SystemClock().now())) > WRONG_TIME_MS and not ack.dup:
            self._tally.note_event(WRONG_TIME)
        waiting = self._waiting.pop(id_, None)
        self._show(ack.seq, id_)
        if waiting is not None:
            self._tally.note_ack(self, waiting.sent_s)
            if self.platform.style.think_s and not self.write_large:
                asyncio.get_running_loop().call_later(self.platform.style.think_s, self.write)
            else:
                self.write()

    def _take_refusal(self, socket: Socket, refusal: frames.Err) -> None:
        self._tally.note_event(f"refused: {refusal.code}")
        if refusal.retry_after_s is None and not refusal.fatal:
            self._tally.problems[f"refused for good: {refusal.code}"] += 1
        wait_s = REPEAT_S if refusal.retry_after_s is None else refusal.retry_after_s
        loop = asyncio.get_running_loop()
        if refusal.ref == self._pull_ref != 0:
            self._pull_ref = 0
            self._look_again(wait_s)
        elif refusal.ref is not None and (id_ := self._refs.pop(refusal.ref, None)) is not None:
            loop.call_later(wait_s, self._repeat, socket, id_)

    def _repeat(self, socket: Socket, id_: int) -> None:
        if socket is self.socket:  # the next connection repeats everything by itself
            self._tally.note_event("repeated")
            self._send(id_)

    # Reading

    def _show(self, seq: int, id_: int) -> None:
        before = len(self.shown.seqs)
        self.shown.take(seq, id_)
        self._tally.note_shown(len(self.shown.seqs) - before)
        if not self.shown.is_whole:
            self._look_again(HOLE_S)
        self._mark()

    def _take_heads(self, socket: Socket, heads: frames.Heads) -> None:
        for head in heads.items:
            if head.cid == self.letters.cid:
                self.shown.known_seq = max(self.shown.known_seq, head.last_seq)
        if self.shown.is_whole:
            self._note_caught_up()
        else:
            self._pull(socket, self.shown.known_seq)

    def _take_page(self, socket: Socket, page: frames.Page) -> None:
        if page.ref != self._pull_ref:
            return
        self._pull_ref = 0
        self._tally.note_event("pages")
        before = len(self.shown.seqs)
        for item in page.items:
            self.shown.take_stored(item.seq, self.letters.recognise(item.env))
        self._tally.note_shown(len(self.shown.seqs) - before)
        if page.more:
            self._pull(socket, MAX_INTEGER)
        elif self.shown.is_whole:
            self._note_caught_up()
        else:
            self._look_again(HOLE_S)

    def _note_caught_up(self) -> None:
        if self._caught_up_from is not None:
            self._resume, self._caught_up_from = self._caught_up_from, None

    def _look_again(self, wait_s: float) -> None:
        """Pull a while from now, if something is missing still."""
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(wait_s, self._look)

    def _look(self) -> None:
        self._looking = None
        if self.is_ready and not self.shown.is_whole:
            assert self.socket is not None
            self._pull(self.socket, self.shown.known_seq)

    def _pull(self, socket: Socket, to_seq: int) -> None:
        if not self._pull_ref:
            self._pull_ref = self._take_ref()
            pull = frames.Pull(self._pull_ref, self.letters.cid, self.shown.last_seq + 1, to_seq, MAX_PAGE_ITEMS)
            socket.write(compose(encode(pull)))

    def _mark(self) -> None:
        """Tell how far this device has received, now and then."""
        at_s = now_s()
        if self.socket is not None and self.is_ready and at_s - self._marker_s > MARKER_EVERY_S:
            self._marker_s = at_s
            if self.shown.last_seq:
                self.socket.write(compose(encode(frames.Recv(cid=self.letters.cid, seq=self.shown.last_seq))))

    def _take_ref(self) -> int:
        self._next_ref += 1
        return self._next_ref
