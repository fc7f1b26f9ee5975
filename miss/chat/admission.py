"""How many sockets may be open: by address before they are accepted, by account once they have said who they are.

Counted here at once and, where the broker can be asked, in all processes together; without it each process counts its
own.  An address is often a whole hospital's, so the sockets that have not said who they are have a lower cap of their
own: those are what costs an attacker nothing.  Source: security.md §2, row 9; ADR 28
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Mapping

import structlog

from miss.base.clock import monotonic_s
from miss.base.errors import MissError
from miss.base.ids import AccountId
from miss.base.network import network_of
from miss.broker import Counts, CountsAway
from miss.broker.counts import HELD_FOR_S, key_of
from miss.chat.errors import AccountFull, AddressFull, ServerFull
from miss.chat.limits import SocketCaps
from miss.protocol.session import Rate
from miss.protocol.session.rates import TokenBucket

log = structlog.get_logger("miss.chat")

SAY_EVERY_S = HELD_FOR_S / 3
"""That this process is there, if nothing else is to be said."""
LOG_RATE = Rate(burst=1, per_s=1 / 60)
ADDRESS_RETRY_S, ACCOUNT_RETRY_S, SERVER_RETRY_S = 10, 30, 10
"""What who is refused is told."""


class Seat:
    """One socket among those that count; `leave` gives it back."""

    __slots__ = ("_account", "_address", "_admission", "_unknown")

    def __init__(self, admission: "Admission", address: bytes, unknown: bytes) -> None:
        self._admission = admission
        self._address = address
        self._unknown: bytes | None = unknown
        self._account: bytes | None = None

    async def name(self, uid: AccountId) -> None:
        """The socket speaks for `uid`.  Raises AccountFull."""
        unknown, self._unknown = self._unknown, None
        self._account = key_of("account", uid)
        if unknown is not None:
            self._admission.drop(unknown)
        await self._admission.add_named(self._account)

    def leave(self) -> None:
        """The socket is closed."""
        self._admission.drop(self._address, *(key for key in (self._unknown, self._account) if key is not None))
        self._admission.count -= 1


class Admission:
    """The sockets of this process, and what is known of the others'."""

    def __init__(self, counts: Counts, caps: SocketCaps, *, process: bytes) -> None:
        """`process`: this one, among those that count together."""
        self._counts = counts
        self._caps = caps
        self._process = process
        self._held: Counter[bytes] = Counter()
        self._changed: set[bytes] = set()
        self._wake = asyncio.Event()
        self._answer: asyncio.Future[Mapping[bytes, int]] | None = None
        self._task: asyncio.Task[None] | None = None
        self._was_away = False
        self._log_pace = TokenBucket(LOG_RATE, monotonic_s())
        self.count = 0
        """Sockets open here, accepted or about to be."""

    def start(self) -> None:
        """Begin to say what this process holds."""
        self._task = asyncio.create_task(self._share_forever(), name="miss.chat.admission")

    async def close(self) -> None:
        """Every socket here is gone, or will be with the process.  Again: nothing happens."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        if self._answer is not None:
            self._answer.set_result({})
        with contextlib.suppress(CountsAway):  # else it is forgotten by itself, soon
            await self._counts.let_go(self._process)

    async def enter(self, host: str) -> Seat:
        """A seat for a socket from `host`, which has not said who it is.  Raises ServerFull, AddressFull."""
        if self.count >= self._caps.per_process:
            raise ServerFull(retry_after_s=SERVER_RETRY_S)
        network = network_of(host).encode()
        address, unknown = key_of("address", network), key_of("unknown", network)
        caps = {address: self._caps.per_address, unknown: self._caps.unknown_per_address}
        self.count += 1
        try:
            await self._add(caps, AddressFull(retry_after_s=ADDRESS_RETRY_S))
        except BaseException as error:
            self.count -= 1
            if isinstance(error, AddressFull) and not self._log_pace.take(monotonic_s()):
                # No address in logs.  All of them at once: the proxy in front is not in MISS_TRUSTED_PROXIES.
                log.warning("chat.address_full", sockets_here=self.count)
            raise
        return Seat(self, address, unknown)

    async def add_named(self, account: bytes) -> None:
        """Count one more for the account; it stays counted until dropped, refused or not.  Raises AccountFull."""
        self._held[account] += 1
        totals = await self._share(account)
        if max(self._held[account], totals.get(account, 0)) > self._caps.per_account:
            raise AccountFull(max=self._caps.per_account, retry_after_s=ACCOUNT_RETRY_S)

    def drop(self, *keys: bytes) -> None:
        """Count one less of each."""
        for key in keys:
            self._held[key] -= 1
            if self._held[key] <= 0:
                del self._held[key]
        self._changed.update(keys)
        self._wake.set()

    async def _add(self, caps: Mapping[bytes, int], refusal: MissError) -> None:
        """Count one more of each key, unless one is at its cap.  Raises `refusal`."""
        if any(self._held[key] >= cap for key, cap in caps.items()):
            raise refusal  # nobody need be asked
        self._held.update(caps.keys())
        try:
            totals = await self._share(*caps)
            if any(totals.get(key, 0) > cap for key, cap in caps.items()):
                raise refusal
        except BaseException:
            self.drop(*caps)
            raise

    # With the other processes

    async def _share(self, *keys: bytes) -> Mapping[bytes, int]:
        """How many of each key there are in all processes; empty if they cannot be asked."""
        if self._task is None:
            return {}
        self._changed.update(keys)
        if self._answer is None:
            self._answer = asyncio.get_running_loop().create_future()
        self._wake.set()
        # Many wait for one answer: none of them takes it away from the others by leaving.
        return await asyncio.shield(self._answer)

    async def _share_forever(self) -> None:
        """What has changed while the last question was under way is asked together."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SAY_EVERY_S):
                    await self._wake.wait()
            self._wake.clear()
            answer, self._answer = self._answer, None
            totals: Mapping[bytes, int] = {}
            try:
                totals = await self._ask()
            finally:
                if answer is not None:
                    answer.set_result(totals)

    async def _ask(self) -> Mapping[bytes, int]:
        """Totals of what has changed; empty if there are none to be had: then this process's own count decides."""
        changed, self._changed = self._changed, set()
        try:
            if self._was_away:
                # Some changes were not told: all is told anew.
                await self._counts.let_go(self._process)
            totals = await self._counts.hold(self._process, self._held, changed)
        except CountsAway:
            self._was_away = True
            return {}
        except Exception:
            # The next time may do; without this task nobody would be let in any more.
            log.exception("chat.share_failed")
            return {}
        self._was_away = False
        return totals
