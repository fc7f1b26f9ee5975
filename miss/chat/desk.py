"""The front desk: what a socket may ask of the rooms behind it, and who stands before it.

Knows every connection of this process, authenticated or not; lets time pass for them; sees them out.
"""

import asyncio
import contextlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from miss.base.clock import Clock, from_ms, monotonic_s, to_ms
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.chat.alarms.service import Alarms
from miss.chat.conversations.service import Conversations
from miss.chat.delivery.deletions import Deletions
from miss.chat.delivery.ephemera import Ephemera
from miss.chat.delivery.markers import Markers
from miss.chat.delivery.pages import Pages
from miss.chat.delivery.service import Delivery
from miss.chat.devices.model import Claimant, LinkedDevice
from miss.chat.devices.service import Devices
from miss.chat.fanout import Fanout
from miss.chat.gate import Gate
from miss.chat.hub import Hub
from miss.chat.limits import ChatLimits
from miss.chat.metrics import ChatMetrics
from miss.chat.notices.model import Connected
from miss.chat.push.service import Push
from miss.chat.restorations.service import Restorations
from miss.protocol.limits import MAX_PAGE_ITEMS
from miss.protocol.session import ServerSession
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.frames import Head, Heads, Ready

RESUME_MARGIN = timedelta(minutes=1)
"""Heads are told again if they changed this long before the client last caught up: processes' clocks differ."""


class Visitor(Protocol):
    """A connection, before or after it says who it is."""

    def flush(self) -> None:
        """Write what waits."""
        ...

    def end(self, code: CloseCode) -> None:
        """Close once what is queued was sent."""
        ...

    def tick(self, now_s: float) -> None:
        """Let time pass."""
        ...


class Writes:
    """Frames of one turn of the loop, hence of one commit, leave together: one system call a socket."""

    def __init__(self) -> None:
        self._waiting: dict[Visitor, None] = {}

    def note(self, visitor: Visitor) -> None:
        """`visitor` has something to write, or has come to its end."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting[visitor] = None

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, {}
        for visitor in waiting:
            visitor.flush()


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a device is told first; `changed_since` limits the heads that follow."""

    ready: Ready
    changed_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Built once by `Chat`."""

    clock: Clock
    random_bytes: RandomBytes
    limits: ChatLimits
    metrics: ChatMetrics
    hub: Hub
    gate: Gate
    fanout: Fanout
    devices: Devices
    conversations: Conversations
    delivery: Delivery
    pages: Pages
    deletions: Deletions
    alarms: Alarms
    markers: Markers
    ephemera: Ephemera
    push: Push
    restorations: Restorations
    writes: Writes = field(default_factory=Writes)
    _visitors: set[Visitor] = field(default_factory=set)
    _closing: asyncio.Event = field(default_factory=asyncio.Event)
    _empty: asyncio.Event = field(default_factory=asyncio.Event)

    def enter(self, visitor: Visitor) -> None:
        """A connection was accepted; one that comes while the server stops is sent away."""
        self._visitors.add(visitor)
        self._empty.clear()
        if self._closing.is_set():
            visitor.end(CloseCode.RESTART)

    def leave(self, visitor: Visitor) -> None:
        """A connection is over."""
        self._visitors.discard(visitor)
        if not self._visitors:
            self._empty.set()

    def open_session(self) -> ServerSession:
        """The protocol's side of a new connection, with its `hello`."""
        return ServerSession(
            nonce=self.random_bytes(32),
            server_ts_ms=to_ms(self.clock.now()),
            now_s=monotonic_s(),
            limits=self.limits.session,
        )

    def welcome(self, claimant: Claimant, resume_ms: int | None) -> Welcome:
        """What to tell a device that has authenticated."""
        now_ms = to_ms(self.clock.now())
        resumed = resume_ms is not None and 0 < resume_ms <= now_ms
        token, point = self.devices.issue_token(claimant.device.did), self.restorations.point
        ready = Ready(resumed, now_ms, claimant.head, token, point.epoch, point.head)
        return Welcome(ready, from_ms(resume_ms) - RESUME_MARGIN if resumed and resume_ms else None)

    async def list_heads(self, uid: AccountId, changed_since: datetime | None) -> list[Heads]:
        """The person's conversations in as many frames as they need, at least one."""
        heads = [
            Head(head.cid, head.last_seq, head.read_seq, head.epoch)
            for head in await self.conversations.list_heads(uid, changed_since)
        ]
        starts = range(0, max(len(heads), 1), MAX_PAGE_ITEMS)
        return [Heads(tuple(heads[start : start + MAX_PAGE_ITEMS])) for start in starts]

    async def tell_connected(self, device: LinkedDevice, at_ms: int) -> None:
        """An older socket of this device, in another process, gives way."""
        await self.fanout.tell_others(0, (Connected(device.did, at_ms),))

    async def tick_forever(self) -> None:
        """Let time pass for every connection."""
        while True:
            await asyncio.sleep(self.limits.tick_s)
            now_s = monotonic_s()
            for visitor in tuple(self._visitors):
                visitor.tick(now_s)

    async def see_out(self) -> None:
        """Close every connection with 4010 and wait until they are gone, or the grace is over."""
        self._closing.set()
        for visitor in tuple(self._visitors):
            visitor.end(CloseCode.RESTART)
        if self._visitors:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._empty.wait(), self.limits.close_grace_s)
