"""MiSS: real logins with the device's signature, real envelopes, every acknowledgement and delivery counted.

protocol §7.  Frames on the hot path are read by place: a `msg` begins [7, cid, seq, …], an `ack` [6, ref, mid, seq, …],
and MessagePack writes each of these fields in one way only.
"""

import asyncio
import itertools
from collections.abc import Sequence
from pathlib import Path

from bench.load.score import Score, now_s
from bench.load.spec import Spec
from bench.load.websocket import BINARY, WebSocket, compose, header, masked
from bench.world import Group, Person, World
from miss.base.clock import SystemClock, to_ms
from miss.base.ids import ConversationId, MessageId
from miss.protocol.crypto.auth import sign_auth
from miss.protocol.crypto.keys import DeviceKeys
from miss.protocol.limits import MAX_PAGE_ITEMS
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import (
    SUBPROTOCOL,
    Ack,
    Auth,
    Err,
    Heads,
    Hello,
    Lag,
    Msg,
    Page,
    Ping,
    Pong,
    Pull,
    Ready,
    Recv,
    Send,
)

PATH = "/api/chat/socket"
LOGIN_TIMEOUT_S = 30.0
MSG = int(Msg.__struct_config__.tag or 0)
ACK = int(Ack.__struct_config__.tag or 0)
FIRST_REF = 0x10000
"""References and identifiers keep their length, so that a frame is put together from prepared parts."""
_PULL_REF = 1
# Where fields lie in a payload: the array's head, the kind, then the fields with their own heads.
_REF, _MID, _AFTER_MID = 3, 9, 25
_ACK_SEQ = _AFTER_MID
_MSG_CID, _MSG_SEQ = 4, 36


def seq_end(data: bytes, start: int) -> int:
    """Where the MessagePack number that begins at `start` ends."""
    first = data[start]
    return start + 1 if first < 0x80 else start + 1 + (1 << (first - 0xCC))


class Seat:
    """One person's place in their conversation: the prepared frame and who else is there."""

    def __init__(self, cid: ConversationId, env: bytes) -> None:
        self.cid = cid
        payload = encode(Send(ref=FIRST_REF, mid=MessageId(bytes(16)), cid=cid, env=env))
        self._head = header(BINARY, len(payload)) + masked(payload[:_REF])
        self._between = masked(payload[_REF + 4 : _MID], _REF + 4)
        self._tail = masked(payload[_AFTER_MID:], _AFTER_MID)
        self._ref_mask = int.from_bytes(masked(bytes(4), _REF), "big")
        self._mid_mask = int.from_bytes(masked(bytes(16), _MID), "big")
        self.timed_readers = 0

    def compose(self, ref: int, mid: int) -> bytes:
        """A `send` frame, masked."""
        return b"".join(
            (
                self._head,
                (ref ^ self._ref_mask).to_bytes(4, "big"),
                self._between,
                (mid ^ self._mid_mask).to_bytes(16, "big"),
                self._tail,
            )
        )


_clock = SystemClock()
_mids = itertools.count()


def fresh_mid() -> int:
    """A UUIDv7 as a number: time first, as clients make them, so that the server's index grows at its end."""
    number = next(_mids)
    return to_ms(_clock.now()) << 80 | 7 << 76 | (number >> 32 & 0xFFF) << 64 | 2 << 62 | (number & 0xFFFFFFFF)


class MissClient(WebSocket):
    """One device."""

    def __init__(self, score: Score, user: int, seat: Seat, person: Person | None, host: str, timed: bool) -> None:
        super().__init__(PATH, SUBPROTOCOL)
        self._score = score
        self._user = user
        self._seat = seat
        self._person = person
        self._host = host
        self._timed = timed
        self._ref = FIRST_REF
        self._pending: dict[bytes, float] = {}
        self._last_seq = b""
        self.ready: asyncio.Future[Heads] = asyncio.get_running_loop().create_future()
        self.pages: asyncio.Queue[Page] = asyncio.Queue()
        self.heads = 0
        self.heads_wanted = 0

    def send(self, intended_s: float) -> None:
        ref = self._ref
        self._ref = ref + 1
        self._pending[ref.to_bytes(4, "big")] = intended_s
        self._score.sent += 1
        self.write(self._seat.compose(ref, fresh_mid()))

    def take(self, data: bytes, start: int, stop: int) -> None:
        kind = data[start + 1]
        if kind == MSG:
            self._score.delivered += 1
            if self._timed:
                end = seq_end(data, start + _MSG_SEQ)
                self._last_seq = data[start + _MSG_SEQ : end]
                self._score.arrive(data[start + _MSG_CID : end], now_s())
        elif kind == ACK:
            self._accept(data, start)
        else:
            self._take_other(data[start:stop])

    def _accept(self, data: bytes, start: int) -> None:
        score, seat = self._score, self._seat
        intended_s = self._pending.pop(data[start + _REF : start + _REF + 4], None)
        if intended_s is None:
            score.problems["an ack for nothing"] += 1
            return
        score.accepted += 1
        readers = seat.timed_readers - self._timed
        if readers:
            seq = start + _ACK_SEQ
            score.place(seat.cid + data[seq : seq_end(data, seq)], intended_s, readers)
        if score.on_accept:
            score.on_accept(self._user, now_s())

    def _take_other(self, payload: bytes) -> None:
        match frame := decode(payload):
            case Hello():
                self._authenticate(frame)
            case Heads():
                self.heads += len(frame.items)
                if self.heads >= self.heads_wanted and not self.ready.done():
                    self.ready.set_result(frame)
            case Page():
                self.pages.put_nowait(frame)
            case Ping():
                self.write(compose(encode(Pong(frame.t))))
            case Err():
                self._fail(f"err {frame.code}")
            case Lag():
                self._fail("lag: the server dropped a queue that was full")
            case Ready() | _:
                pass

    def _authenticate(self, hello: Hello) -> None:
        assert self._person is not None
        keys = DeviceKeys.from_secret(self._person.secret)
        sig = sign_auth(keys.ik, hello.nonce, self._host)
        self.write(compose(encode(Auth(did=self._person.did, ts=hello.server_ts, sig=sig))))

    def _fail(self, problem: str) -> None:
        self._score.problems[problem] += 1
        if not self.ready.done():
            self.ready.set_exception(ValueError(problem))

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("the server closed the socket before the login was over"))

    def pull(self, from_seq: int, to_seq: int) -> None:
        """Ask for a range of the log; the answer goes to `pages`."""
        self.write(compose(encode(Pull(_PULL_REF, self._seat.cid, from_seq, to_seq, MAX_PAGE_ITEMS))))

    def report(self) -> None:
        """Say how far this device has received, if it has received anything since."""
        if self._last_seq:
            seq = int.from_bytes(self._last_seq[1:] or self._last_seq, "big")
            self._last_seq = b""
            self.write(compose(encode(Recv(cid=self._seat.cid, seq=seq))))


class MissTarget:
    """One installation, on one port or several."""

    def __init__(self, spec: Spec) -> None:
        self.score = Score()
        self._ports = spec.ports
        self._world = World.read(Path(spec.world))
        self._seats = _seats(self._world.groups)
        self._groups = {user: group for group in self._world.groups for user in group.members}
        self._markers_every_s = spec.markers_every_s

    async def open(self, user: int, *, timed: bool = False, join: bool = True) -> MissClient:
        """See `Target`; members receive without joining, so `join` changes nothing."""
        client = await self._connect(user, timed, heads_wanted=0)
        async with asyncio.timeout(LOGIN_TIMEOUT_S):
            await client.ready
        if timed:
            for member in self._groups[user].members:
                self._seats[member].timed_readers += 1
        if self._markers_every_s:
            self._report_again(client, user / len(self._world.people))
        return client

    async def _connect(self, user: int, timed: bool, heads_wanted: int) -> MissClient:
        loop = asyncio.get_running_loop()
        seat = self._seats.get(user) or Seat(ConversationId(bytes(32)), bytes(1))
        client = MissClient(self.score, user, seat, self._world.people[user], self._world.host, timed)
        client.heads_wanted = heads_wanted
        await loop.create_connection(lambda: client, "127.0.0.1", self._ports[user % len(self._ports)])
        return client

    def _report_again(self, client: MissClient, phase: float) -> None:
        """Each device at its own moment of the period, as they would."""
        loop = asyncio.get_running_loop()

        def report() -> None:
            if not client.transport.is_closing():
                client.report()
                loop.call_later(self._markers_every_s, report)

        loop.call_later(self._markers_every_s * phase, report)

    async def catch_up(self, user: int, count: int) -> float:
        """See `Target`."""
        client = await self.open(user)
        began_s, received, more = now_s(), 0, True
        while more:
            client.pull(received + 1, count)
            async with asyncio.timeout(LOGIN_TIMEOUT_S):
                page = await client.pages.get()
            received, more = received + len(page.items), page.more
        taken_s = now_s() - began_s
        client.close()
        if received != count:
            raise ValueError(f"{received} messages came instead of {count}")
        return taken_s

    async def list_(self, user: int) -> float:
        """See `Target`."""
        began_s = now_s()
        client = await self._connect(user, False, heads_wanted=len(self._world.groups))
        async with asyncio.timeout(LOGIN_TIMEOUT_S):
            await client.ready
        taken_s = now_s() - began_s
        client.close()
        return taken_s


def _seats(groups: Sequence[Group]) -> dict[int, Seat]:
    """Each person's seat in the last conversation they are in (in all modes but `list`: their only one)."""
    return {
        user: Seat(group.cid, env)
        for group in groups
        for user, env in zip(group.members, group.envelopes, strict=bool(group.envelopes))
    }
