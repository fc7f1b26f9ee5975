"""Sends through the first relay of the route that is up; keeps connections for the next mail.

A relay that does not answer rests for a while, longer each time, and the next of its route is asked.  A mail passes on
to another relay only while it is certain that the first has not taken it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.mail.outbound.errors import RelayAway
from miss.mail.relays.model import Relay, route
from miss.mail.relays.session import COMMAND_TIMEOUT_S, Session

FIRST_REST: Final = timedelta(seconds=5)
LONGEST_REST: Final = timedelta(minutes=2)
IDLE: Final = timedelta(seconds=10)
"""How long an unused connection is kept: a relay's lines are for everybody."""
BRIEF: Final = timedelta(seconds=1)
"""One that was used a moment ago is not asked whether it still stands."""

log = structlog.get_logger("miss.mail.relays")


@dataclass(slots=True)
class _Counter:
    """One relay's connections and health, in this process."""

    relay: Relay
    free: asyncio.Semaphore
    idle: list[tuple[datetime, Session]] = field(default_factory=list)
    failures: int = 0
    away_until: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RelayHealth:
    """What the console shows of a relay."""

    relay: Relay
    is_away: bool
    reason: str
    """Why, if it is."""


class Relays:
    """The relays of a deployment, as one transport (`MailTransport`)."""

    def __init__(self, relays: Sequence[Relay], clock: Clock, *, timeout_s: float = COMMAND_TIMEOUT_S) -> None:
        """`timeout_s`: how long a relay may take for one answer."""
        self._clock = clock
        self._timeout_s = timeout_s
        self._counters = {relay.name: _Counter(relay, asyncio.Semaphore(relay.max_connections)) for relay in relays}
        self._relays = tuple(relays)

    async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
        """Hand one mail over; what the relay said.  Raises RelayAway, MailDeferred, RelayRefused."""
        ways = route(self._relays, recipient.rpartition("@")[2])
        now = self._clock.now()
        away = RelayAway(reason="no relay for this domain")
        for relay in ways:
            counter = self._counters[relay.name]
            if counter.away_until is not None and now < counter.away_until:
                away = RelayAway(reason=counter.reason)
                continue
            try:
                return await self._send(counter, sender, recipient, content, mail_id)
            except RelayAway as error:
                away = error
        raise away

    def list_health(self) -> list[RelayHealth]:
        """Each relay, in the order of the file."""
        now = self._clock.now()
        return [
            RelayHealth(one.relay, one.away_until is not None and now < one.away_until, one.reason)
            for one in self._counters.values()
        ]

    async def close(self) -> None:
        """Say goodbye on the connections that nobody uses."""
        for counter in self._counters.values():
            idle, counter.idle = counter.idle, []
            for _, session in idle:
                await session.close()

    async def _send(self, counter: _Counter, sender: str, recipient: str, content: bytes, mail_id: str) -> str:
        while True:
            async with self._session(counter) as session:
                is_fresh = session.mails == 0
                try:
                    return await session.send(sender, recipient, content, mail_id=mail_id)
                except RelayAway as error:
                    if is_fresh:
                        self._note_away(counter, str(error.params["reason"]))
                        raise
                    # The other side had hung up since the last mail, which says nothing of its health.

    @contextlib.asynccontextmanager
    async def _session(self, counter: _Counter) -> AsyncIterator[Session]:
        """A connection, kept from the last mail or opened now.  Raises RelayAway."""
        async with counter.free:
            session = await self._take_idle(counter) or await self._open(counter)
            try:
                yield session
            finally:
                if session.is_usable:
                    counter.idle.append((self._clock.now(), session))
                else:
                    await session.close()

    async def _take_idle(self, counter: _Counter) -> Session | None:
        while counter.idle:
            since, session = counter.idle.pop()
            unused = self._clock.now() - since
            if session.is_usable and unused < IDLE and (unused < BRIEF or await session.is_standing()):
                return session
            await session.close()
        return None

    async def _open(self, counter: _Counter) -> Session:
        session = Session(counter.relay, timeout_s=self._timeout_s)
        try:
            await session.open()
        except RelayAway as error:
            self._note_away(counter, str(error.params["reason"]))
            raise
        if counter.failures:
            log.info("mail.relay_is_back", relay=counter.relay.name)
        counter.failures, counter.away_until, counter.reason = 0, None, ""
        return session

    def _note_away(self, counter: _Counter, reason: str) -> None:
        rest = min(FIRST_REST * (1 << min(counter.failures, 10)), LONGEST_REST)
        counter.failures += 1
        counter.away_until, counter.reason = self._clock.now() + rest, reason
        log.warning("mail.relay_away", relay=counter.relay.name, reason=reason, again_at=counter.away_until)
