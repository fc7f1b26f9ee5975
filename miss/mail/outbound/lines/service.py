"""Empties the queue: opens lines toward the domains whose turn it is, sends over them, records what came of it.

A mail is leased to its line, so that no two processes send it; the lease of one that died ends by itself, and the mail
leaves again under its Message-ID.
"""

import asyncio
import contextlib
from dataclasses import dataclass
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.ids import new_row_id
from miss.base.random import RandomBytes
from miss.mail.outbound.errors import MailDeferred, RelayAway, RelayRefused
from miss.mail.outbound.lines import store
from miss.mail.outbound.lines.model import LineLimits, QueuedMail, next_try, rest_after, whose_turn
from miss.mail.outbound.transport import MailTransport
from miss.storage import Database, Transaction
from miss.storage.errors import DatabaseUnreachable
from miss.storage.jobs import RetryPolicy
from miss.storage.sealed import KeyStore

POLL_S: Final = 5.0
SEND_TIMEOUT_S: Final = 270.0
"""Connecting and sending: less than a lease."""
REPLY_CHARS: Final = 400

log = structlog.get_logger("miss.mail.lines")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of one try: `accepted`, `refused`, `deferred` or `away`, and what was said."""

    mail: QueuedMail
    what: str
    reply: str


class Lines:
    """Of one process."""

    def __init__(
        self,
        db: Database,
        keystore: KeyStore,
        transport: MailTransport,
        clock: Clock,
        random_bytes: RandomBytes,
        retry: RetryPolicy,
        limits: LineLimits,
    ) -> None:
        self._db, self._keystore, self._transport = db, keystore, transport
        self._clock, self._random_bytes = clock, random_bytes
        self._retry, self._limits = retry, limits
        self._served: dict[str, int] = {}
        self._turns = 0
        self._failures: dict[str, int] = {}
        self._wake = asyncio.Event()
        self._draining = asyncio.Lock()
        self._stopping = False
        self.is_running = False
        """While `run` empties the queue."""

    def wake(self) -> None:
        """Look for mails now."""
        self._wake.set()

    def stop(self) -> None:
        """Have `run` end once the mails on the lines are sent; the others wait for the next start."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Until stopped.  A database that is away is waited for."""
        self.is_running = True
        try:
            while not self._stopping:
                self._wake.clear()
                try:
                    await self.drain()
                except DatabaseUnreachable:
                    log.warning("mail.database_unreachable")
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), POLL_S)
        finally:
            self.is_running = False

    async def drain(self) -> None:
        """Send all that is due now; returns when nothing is that a line could be opened for."""
        async with self._draining:
            await self._drain()

    async def _drain(self) -> None:
        lines: dict[asyncio.Task[bool], str] = {}
        full: set[str] = set()
        try:
            while True:
                for domain in await self._choose(list(lines.values()), full):
                    self._turns += 1
                    self._served[domain] = self._turns
                    lines[asyncio.create_task(self._serve(domain), name=f"miss.mail.line {domain}")] = domain
                if not lines:
                    return
                done, _ = await asyncio.wait(lines, return_when=asyncio.FIRST_COMPLETED)
                for line in done:
                    domain = lines.pop(line)
                    if not line.result():
                        full.add(domain)
        finally:
            for line in lines:
                line.cancel()
            await asyncio.gather(*lines, return_exceptions=True)

    async def _choose(self, busy: list[str], full: set[str]) -> list[str]:
        """The domains to open a line to; those in `full` have as many as they may, from other processes."""
        if self._stopping:
            return []
        async with self._db.snapshot() as tx:
            waiting = [one for one in await store.list_waiting(tx, self._clock.now()) if one.domain not in full]
        known = {one.domain for one in waiting} | set(busy)
        self._served = {domain: turn for domain, turn in self._served.items() if domain in known}
        return whose_turn(waiting, self._served, busy, self._limits)

    async def _serve(self, domain: str) -> bool:
        """One turn of one line; False: there is no line left toward this domain."""
        lease = new_row_id(self._clock.now(), self._random_bytes)
        async with self._db.transaction() as tx:
            slot = await store.open_line(tx, domain, self._limits.per_domain, lease, self._clock.now())
        if slot is None:
            return False
        try:
            outcome: _Outcome | None = None
            for turn in range(self._limits.mails_per_turn + 1):
                is_last = turn == self._limits.mails_per_turn or self._stopping
                # What came of a mail is recorded as the next one is taken: one commit for both.
                async with self._db.transaction() as tx:
                    if outcome is not None:
                        is_last |= not await self._record(tx, domain, outcome)
                    mail = None if is_last else await store.take_next(tx, domain, slot, lease, self._clock.now())
                if mail is None:
                    break
                outcome = await self._send(mail)
        finally:
            async with self._db.transaction() as tx:
                await store.close_line(tx, domain, slot, lease)
        return True

    async def _send(self, mail: QueuedMail) -> _Outcome:
        try:
            async with asyncio.timeout(SEND_TIMEOUT_S):
                content = await self._keystore.open(f"mail:{mail.id}", mail.sealed, what="outbound_mail")
                reply = await self._transport.send(mail.sender, mail.recipient, content, mail_id=mail.id)
                return _Outcome(mail, "accepted", reply[:REPLY_CHARS])
        except RelayAway as error:
            return _Outcome(mail, "away", str(error.params["reason"])[:REPLY_CHARS])
        except MailDeferred as error:
            return _Outcome(mail, "deferred", str(error.params["reply"])[:REPLY_CHARS])
        except RelayRefused as error:
            return _Outcome(mail, "refused", str(error.params["reply"])[:REPLY_CHARS])
        except DatabaseUnreachable:
            raise
        except Exception as error:  # one mail that cannot be sent must not keep those behind it
            reason = error.code if isinstance(error, MissError) else type(error).__name__
            log.error("mail.not_sent", mail_id=mail.id, reason=reason, exc_info=not isinstance(error, MissError))
            return _Outcome(mail, "deferred", reason)

    async def _record(self, tx: Transaction, domain: str, outcome: _Outcome) -> bool:
        """Keep what came of a try; False: the domain is to be left alone for a while."""
        mail, now = outcome.mail, self._clock.now()
        if outcome.what in ("accepted", "refused"):
            self._failures.pop(domain, None)
            await store.settle(tx, mail.id, outcome.what, outcome.reply, now)
            say = log.info if outcome.what == "accepted" else log.error
            say("mail.settled", mail_id=mail.id, state=outcome.what, reply=outcome.reply)
            return True
        attempts = mail.attempts + (outcome.what == "deferred")
        rest = rest_after(self._failures.get(domain, 0) + 1)
        again_at = next_try(self._retry, max(attempts, 1), mail.queued_at, now)
        if again_at is None:
            await store.settle(tx, mail.id, "expired", outcome.reply, now)
            log.error("mail.settled", mail_id=mail.id, state="expired", reply=outcome.reply)
        elif outcome.what == "deferred":
            await store.put_off(tx, mail.id, outcome.reply, again_at, attempts)
        else:
            await store.put_off(tx, mail.id, outcome.reply, now + rest, attempts)
        if outcome.what == "deferred":
            return True
        self._failures[domain] = self._failures.get(domain, 0) + 1
        await store.rest(tx, domain, now + rest, now)
        log.warning("mail.domain_rests", domain=domain, reason=outcome.reply, again_at=now + rest)
        return False
