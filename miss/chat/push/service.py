"""`Push`: registers devices, tests them, and wires the rest.  Without push services it does nothing, and says so."""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

import structlog
from prometheus_client import CollectorRegistry, Counter

from miss.base.clock import Clock, monotonic_s
from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.broker import Rates
from miss.chat.conversations.members import Members
from miss.chat.devices.errors import DeviceRevoked
from miss.chat.devices.model import LinkedDevice
from miss.chat.hub import Hub
from miss.chat.notices.model import AnyNotice
from miss.chat.push import store
from miss.chat.push.causes import Causes
from miss.chat.push.errors import (
    PushKeyFormer,
    PushKeysMalformed,
    PushNotRegistered,
    PushOff,
    PushServiceRefused,
    PushTestTooSoon,
)
from miss.chat.push.model import (
    LOOK_BACK,
    NOTICES_KEPT,
    RENEW_EVERY,
    UNUSED,
    Due,
    Outcome,
    Registered,
    Subscription,
    is_allowed,
)
from miss.chat.push.presence import Presence
from miss.chat.push.wakeups import Wakeups
from miss.chat.push.wire.encryption import read_point
from miss.chat.push.wire.gateway import Gateway
from miss.chat.push.wire.keys import PushKeys
from miss.directory.accounts import Account, Accounts
from miss.directory.accounts.errors import AccountNotActive
from miss.outbound import AddressNotOutside, Guard, parse_address
from miss.protocol.crypto.primitives import hash_
from miss.protocol.session import Rate
from miss.storage import Database, Transaction
from miss.storage.errors import DatabaseUnreachable

log = structlog.get_logger("miss.push")

ROUND_S = 1.0
TESTS = Rate(burst=3, per_s=1 / 20)
"""Of the button, by device."""


@dataclass(frozen=True, slots=True)
class PushServices:
    """What a deployment decides."""

    hosts: frozenset[str]
    """Those that may be asked; `*.domain` for all below a domain."""
    keys: PushKeys
    guard: Guard
    gateway: Gateway
    round_s: float = ROUND_S
    """Between two looks at who came, who left and what was deposited."""


@dataclass(frozen=True, slots=True)
class PushState:
    """What a device is told."""

    key: bytes | None
    """What to subscribe with; None: the server sends none."""
    endpoint_hash: bytes | None
    """H("push-endpoint", address) of what is registered for this device; None: nothing is."""


class Push:
    """The service of this room, in one process."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        accounts: Accounts,
        members: Members,
        hub: Hub,
        rates: Rates,
        metrics: CollectorRegistry,
        services: PushServices | None,
        *,
        origin: bytes,
    ) -> None:
        """`services`: None if the deployment names none; `origin`: this process, in notices."""
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._rates = rates
        self._services = services
        self.presence, self.causes = Presence(db, clock, hub.dids), Causes(db, clock, members, origin=origin)
        counter = Counter(
            "miss_push_wakeups",
            "Wake-ups of devices that are not connected, by what the push service made of them.",
            ["outcome"],
            registry=metrics,
        )
        self.wakeups = Wakeups(db, clock, services.gateway, services.keys, counter) if services else None
        self._tasks: list[asyncio.Task[None]] = []
        accounts.observe(self._end_with)

    # Told by others, on their hot path

    def note(self, notices: Iterable[AnyNotice]) -> None:
        """This process has committed and announced these."""
        if self._services:
            self.causes.note(notices)

    def came(self, did: DeviceId) -> None:
        """A device has opened its socket."""
        if self._services:
            self.presence.came(did)

    def answered(self, did: DeviceId) -> None:
        """A device that was silent has acknowledged what it was sent."""
        if self._services:
            self.presence.answered(did)

    def fell_silent(self, did: DeviceId) -> None:
        """A device has not acknowledged in time what it was sent."""
        if self._services:
            self.presence.fell_silent(did)

    def left(self, did: DeviceId, *, is_owed: bool) -> None:
        """A device's socket has ended."""
        if self._services:
            self.presence.left(did, is_owed=is_owed)

    # A device's own

    async def get_state(self, device: LinkedDevice) -> PushState:
        """What this device needs to know to subscribe, or to see that it has."""
        if self._services is None:
            return PushState(None, None)
        async with self._db.snapshot() as tx:
            known = await store.find(tx, device.did)
        return PushState(self._services.keys.current.public, endpoint_hash(known.endpoint) if known else None)

    async def register(
        self,
        device: LinkedDevice,
        endpoint: str,
        p256dh: bytes,
        auth: bytes,
        key: bytes,
        muted: Collection[ConversationId],
    ) -> None:
        """Wake this device there from now on, and nowhere else.

        Raises PushOff, PushKeyFormer, PushKeysMalformed, PushServiceRefused, DeviceRevoked, AccountNotActive.
        """
        if self._services is None:
            raise PushOff
        if key != self._services.keys.current.public:
            raise PushKeyFormer
        try:
            read_point(p256dh)
        except ValueError:
            raise PushKeysMalformed from None
        await _require_allowed(self._services, endpoint)
        subscription = Subscription(
            did=device.did,
            uid=device.uid,
            endpoint=endpoint,
            p256dh=p256dh,
            auth=auth,
            key=key,
            muted=frozenset(muted),
        )
        async with self._db.transaction() as tx:
            # Both are held: whoever revokes or closes comes before, and is seen, or after, and takes this away.
            if not (await self._accounts.lock(tx, device.uid)).is_active:
                raise AccountNotActive
            if not await store.hold_device(tx, device.did):
                raise DeviceRevoked(did=device.did.hex())
            await store.put(tx, subscription, self._clock.now())

    async def remove(self, device: LinkedDevice) -> None:
        """Wake this device no more."""
        async with self._db.transaction() as tx:
            await store.delete_device(tx, device.did)

    async def test(self, device: LinkedDevice) -> Outcome:
        """Wake this device now; what its push service makes of it.  Raises PushOff, PushNotRegistered,
        PushTestTooSoon."""
        if self.wakeups is None:
            raise PushOff
        if wait_s := self._rates.take("push.test", device.did, TESTS):
            raise PushTestTooSoon(retry_after_s=ceil(wait_s))
        async with self._db.snapshot() as tx:
            subscription = await store.find(tx, device.did)
        if subscription is None:
            raise PushNotRegistered
        due = Due(subscription, self._clock.now(), is_repeat=True, tries=0)
        return (await self.wakeups.send(due)).outcome

    async def list_of(self, uid: AccountId) -> Sequence[Registered]:
        """Somebody's subscriptions, for the export of their data."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, uid)

    async def _end_with(self, tx: Transaction, account: Account) -> None:
        if not account.is_active:
            await store.delete_of(tx, account.uid)

    # Life

    async def start(self) -> None:
        """Begin the rounds, if there are push services."""
        if self._services is None or self.wakeups is None:
            return
        self._tasks = [
            asyncio.create_task(self._rounds(self._services.round_s), name="miss.push.rounds"),
            asyncio.create_task(self.wakeups.run_forever(), name="miss.push.wakeups"),
        ]

    async def close(self) -> None:
        """Stop, and write down who has left."""
        tasks, self._tasks = self._tasks, []
        if not tasks or self._services is None or self.wakeups is None:
            return
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._do_round()
        await self.wakeups.settle()
        await self._services.gateway.close()

    async def sweep(self) -> None:
        """Forget what no browser has confirmed for long, and what is bound to a key that is gone."""
        if self._services is None:
            return
        keys = [key.public for key in self._services.keys.all]
        async with self._db.transaction() as tx:
            await store.sweep(tx, self._clock.now() - UNUSED, keys)

    async def _rounds(self, every_s: float) -> None:
        renewed_s = monotonic_s()
        # The first time as far as the list goes: nobody was there while the server was down.
        far = NOTICES_KEPT
        while True:
            await asyncio.sleep(every_s)
            await self._do_round()
            if monotonic_s() - renewed_s >= RENEW_EVERY.total_seconds():
                renewed_s = monotonic_s()
                await self._do_round(far)
                far = LOOK_BACK

    async def _do_round(self, far: timedelta | None = None) -> None:
        """`far`: look at what others published as well, so far back."""
        try:
            is_any = await self.presence.flush()
            is_any |= await self.causes.look()
            if far is not None:
                await self.presence.renew()
                is_any |= await self.causes.look_back(far)
            if is_any and self.wakeups is not None:
                self.wakeups.stir()
        except DatabaseUnreachable:
            log.warning("push.database_unreachable")
        except Exception:
            # The next round may succeed; without this task nobody would be woken any more.
            log.exception("push.round_failed")


def endpoint_hash(endpoint: str) -> bytes:
    """By which a device recognises its own subscription; the address itself is not handed back."""
    return hash_("push-endpoint", endpoint.encode())


async def _require_allowed(services: PushServices, endpoint: str) -> None:
    """Raises PushServiceRefused."""
    try:
        host, _ = parse_address(endpoint)
    except AddressNotOutside:
        raise PushServiceRefused(host="?") from None
    if not is_allowed(host, services.hosts):
        raise PushServiceRefused(host=host)
    try:
        await services.guard.judge(endpoint)
    except AddressNotOutside:
        raise PushServiceRefused(host=host) from None
    except OSError:
        # A name that does not resolve just now is judged again before each wake-up.
        log.warning("push.host_unknown", host=host)
