"""A bare fan-out (`bench.fanout_server`): the same sockets, the same frames, nobody asked who they are.

Its frames are prepared once and say nothing of the message they stand for: acks and deliveries are counted, not timed.
"""

import asyncio

from bench.load.miss_target import ACK, MSG, Seat, fresh_mid
from bench.load.score import Score, now_s
from bench.load.spec import Spec
from bench.load.websocket import WebSocket
from miss.base.ids import ConversationId


class FanoutClient(WebSocket):
    """One connection; its path says which member it is."""

    def __init__(self, score: Score, user: int, seat: Seat) -> None:
        super().__init__(f"/{user}")
        self._score = score
        self._user = user
        self._seat = seat
        self._ref = 0x10000
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def opened(self) -> None:
        self.ready.set_result(None)

    def send(self, intended_s: float) -> None:
        self._ref += 1
        self._score.sent += 1
        self.write(self._seat.compose(self._ref, fresh_mid()))

    def take(self, data: bytes, start: int, stop: int) -> None:
        if data[start + 1] == MSG:
            self._score.delivered += 1
        elif data[start + 1] == ACK:
            self._score.accepted += 1
            if self._score.on_accept:
                self._score.on_accept(self._user, now_s())


class FanoutTarget:
    """See `Target`."""

    def __init__(self, spec: Spec) -> None:
        self.score = Score()
        self._port = spec.ports[0]
        self._seat = Seat(ConversationId(bytes(32)), bytes(envelope_bytes(spec.payload_bytes)))

    async def open(self, user: int, *, timed: bool = False, join: bool = True) -> FanoutClient:
        """See `Target`."""
        client = FanoutClient(self.score, user, self._seat)
        await asyncio.get_running_loop().create_connection(lambda: client, "127.0.0.1", self._port)
        await client.ready
        return client

    async def catch_up(self, user: int, count: int) -> float:
        """A fan-out keeps nothing."""
        raise NotImplementedError

    async def list_(self, user: int) -> float:
        """A fan-out keeps nothing."""
        raise NotImplementedError


def envelope_bytes(payload_bytes: int) -> int:
    """About what sealing makes of a text: header, commitment, nonce, signature, tag, and padding to 256."""
    body = payload_bytes + 120
    return 150 + 24 + 16 + (body // 256 + 1) * 256
