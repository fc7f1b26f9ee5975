"""Import calendars: a file, or an address that is read again every few hours; give out one of our own.

What cannot be read at once is refused and nothing is kept.  A subscription that fails later keeps the copy it has, and
its owner is told after TELL_AFTER tries.  Reading and fetching happen outside of transactions.
"""

from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from math import ceil
from urllib.parse import urlsplit

import structlog

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.ids import PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.broker import Rates
from miss.directory.accounts import Account, Verification
from miss.protocol.session import Rate
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, JobRunner, cancel, schedule
from miss.storage.sealed import KeyStore
from teleexpertise.availability.calendars import store
from teleexpertise.availability.calendars.errors import CalendarNotFound, CalendarsFull, FeedAskedTooOften
from teleexpertise.availability.calendars.fetching import CalendarFetcher, normal_address
from teleexpertise.availability.calendars.model import (
    MAX_CALENDARS,
    READ_EVERY,
    TELL_AFTER,
    WEEKS_AHEAD,
    ImportedCalendar,
    Reading,
)
from teleexpertise.availability.calendars.sandbox import CalendarSandbox
from teleexpertise.availability.calendars.store import Kept
from teleexpertise.availability.local_time import require_zone
from teleexpertise.availability.service import Availabilities

log = structlog.get_logger("teleexpertise.calendars")

READ = "teleexpertise.read-calendar"
FORGET = "teleexpertise.forget-calendar"
_CONTENT, _ADDRESS = "ImportedCalendar", "CalendarAddress"

OnFailing = Callable[[Transaction, ImportedCalendar], Awaitable[None]]
"""Called in the transaction that records the TELL_AFTER-th failed try in a row, once for each such row."""
SECRET_BYTES = 24
OF_ONE = Rate(burst=30, per_s=120 / 3600)
"""Of readings of one address: a few devices, each every few minutes."""
FROM_NETWORK = Rate(burst=300, per_s=6000 / 3600)
"""Of one network, a hospital's behind one address for instance: readings and guesses."""


class Calendars:
    """The calendars that experts import, and the addresses of their own."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        keystore: KeyStore,
        jobs: JobRunner,
        availabilities: Availabilities,
        fetcher: CalendarFetcher,
        rates: Rates,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._keystore = keystore
        self._jobs = jobs
        self._availabilities = availabilities
        self._fetcher = fetcher
        self._rates = rates
        self._sandbox = CalendarSandbox()
        self._listeners: list[OnFailing] = []

    def on_failing(self, listener: OnFailing) -> None:
        """Have `listener` called when a subscription has failed TELL_AFTER times in a row."""
        self._listeners.append(listener)

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handlers of this module's timer, and of the keys of what is deleted."""
        return JobHandler(READ, self._read_again), JobHandler(FORGET, self._forget_key)

    async def list_(self, practitioner_id: PractitionerId) -> list[ImportedCalendar]:
        """Somebody's calendars, oldest first."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, practitioner_id)

    async def upload(self, practitioner_id: PractitionerId, name: str, data: bytes, zone: str) -> ImportedCalendar:
        """Take the hours of a file as busy.  Raises as `CalendarSandbox.read`, CalendarsFull, UnknownZone."""
        return await self._add(practitioner_id, name, "", data, zone)

    async def subscribe(self, practitioner_id: PractitionerId, address: str, zone: str) -> ImportedCalendar:
        """Take the hours of what an address answers, now and every READ_EVERY.

        Raises as `CalendarSandbox.read` and `CalendarFetcher.fetch`, CalendarsFull, UnknownZone.
        """
        url = normal_address(address)
        await self._require_place(practitioner_id)
        data = await self._fetcher.fetch(url)
        return await self._add(practitioner_id, urlsplit(url).hostname or url, url, data, zone)

    async def remove(self, practitioner_id: PractitionerId, calendar_id: str) -> None:
        """Forget one, with all it said.  Raises CalendarNotFound."""
        async with self._db.transaction() as tx:
            if not await store.delete_calendar(tx, practitioner_id, calendar_id):
                raise CalendarNotFound
            await cancel(tx, READ, calendar_id)
        await self._keystore.destroy(_key(calendar_id))
        await self._availabilities.tell(practitioner_id)

    async def read_now(self, practitioner_id: PractitionerId, calendar_id: str) -> None:
        """Have one read again soon, whatever its timer says.  Raises CalendarNotFound."""
        async with self._db.transaction() as tx:
            kept = await store.find(tx, calendar_id)
            if kept is None or kept.calendar.practitioner_id != practitioner_id:
                raise CalendarNotFound
            await schedule(tx, READ, calendar_id, self._clock.now(), random_bytes=self._random_bytes)
        self._jobs.wake()

    async def give_out(self, practitioner_id: PractitionerId) -> str:
        """The secret of a new address of one's own calendar, told once; the one before no longer works."""
        secret = urlsafe_b64encode(self._random_bytes(SECRET_BYTES)).decode()
        async with self._db.transaction() as tx:
            await store.put_feed(tx, practitioner_id, _digest(secret), self._clock.now())
        return secret

    async def take_back(self, practitioner_id: PractitionerId) -> None:
        """One's address no longer works."""
        async with self._db.transaction() as tx:
            await store.delete_feed(tx, practitioner_id)

    async def given_out_at(self, practitioner_id: PractitionerId) -> datetime | None:
        """Since when somebody's address works; None: there is none."""
        async with self._db.snapshot() as tx:
            return await store.find_feed(tx, practitioner_id)

    async def follow(self, secret: str, network: str) -> PractitionerId:
        """Whose address it is, for software at `network` that reads it.  Raises CalendarNotFound, FeedAskedTooOften."""
        if wait_s := self._rates.take("calendar.feed.network", network.encode(), FROM_NETWORK):
            raise FeedAskedTooOften(retry_after_s=ceil(wait_s))
        owner = await self.find_owner(secret)
        if owner is None:
            raise CalendarNotFound
        if wait_s := self._rates.take("calendar.feed", owner.encode(), OF_ONE):
            raise FeedAskedTooOften(retry_after_s=ceil(wait_s))
        return owner

    async def end_with(self, tx: Transaction, account: Account) -> None:
        """An account that is closed for good takes its calendars and its address with it (`Accounts.observe`)."""
        if account.verification is not Verification.REVOKED:
            return
        now = self._clock.now()
        await store.delete_feed(tx, account.practitioner_id)
        for one in await store.list_of(tx, account.practitioner_id):
            await store.delete_calendar(tx, account.practitioner_id, one.id)
            await cancel(tx, READ, one.id)
            # Keys are in another database: destroyed once this is known to be so.
            await schedule(tx, FORGET, one.id, now, random_bytes=self._random_bytes)

    async def _forget_key(self, job: Job) -> None:
        await self._keystore.destroy(_key(job.key))

    async def find_owner(self, secret: str) -> PractitionerId | None:
        """Whose address it is; None: nobody's, or nobody's any more."""
        async with self._db.snapshot() as tx:
            return await store.find_feed_owner(tx, _digest(secret))

    async def _add(
        self, practitioner_id: PractitionerId, name: str, url: str, data: bytes, zone: str
    ) -> ImportedCalendar:
        require_zone(zone)
        await self._require_place(practitioner_id)
        reading, now = await self._read(data, zone), self._clock.now()
        calendar = ImportedCalendar(
            id=new_row_id(now, self._random_bytes),
            practitioner_id=practitioner_id,
            name=name[:120],
            zone=zone,
            subscribed=bool(url),
            added_at=now,
            read_at=now,
            tried_at=now,
            events=reading.events,
            skipped=reading.skipped,
            busy=reading.busy,
        )
        key = _key(calendar.id)
        kept = Kept(
            calendar,
            await self._keystore.seal(key, url.encode(), what=_ADDRESS) if url else b"",
            await self._keystore.seal(key, data, what=_CONTENT),
        )
        async with self._db.transaction() as tx:
            await store.insert(tx, kept)
            await self._schedule(tx, calendar.id, now)
        await self._availabilities.tell(practitioner_id)
        return calendar

    async def _require_place(self, practitioner_id: PractitionerId) -> None:
        async with self._db.snapshot() as tx:
            if await store.count_of(tx, practitioner_id) >= MAX_CALENDARS:
                raise CalendarsFull(limit=MAX_CALENDARS)

    async def _read(self, data: bytes, zone: str) -> Reading:
        """A day back, for what has begun; on to WEEKS_AHEAD."""
        now = self._clock.now()
        return await self._sandbox.read(data, zone, now - timedelta(days=1), now + timedelta(weeks=WEEKS_AHEAD))

    async def _read_again(self, job: Job) -> None:
        """Fetch a subscription, count a file's repetitions anew; whatever comes, look again in READ_EVERY."""
        async with self._db.snapshot() as tx:
            kept = await store.find(tx, job.key)
        if kept is None:
            return
        try:
            fetched = await self._fetch(kept)
            data = fetched if fetched is not None else await self._open(kept)
            reading = await self._read(data, kept.calendar.zone)
        except MissError as error:
            await self._failed(kept.calendar, error)
            return
        sealed = await self._keystore.seal(_key(job.key), data, what=_CONTENT) if fetched is not None else None
        now = self._clock.now()
        async with self._db.transaction() as tx:
            changed = await store.save_reading(tx, job.key, reading, now, content=sealed)
            await self._schedule(tx, job.key, now)
        if changed:
            await self._availabilities.tell(kept.calendar.practitioner_id)

    async def _fetch(self, kept: Kept) -> bytes | None:
        """What the address answers; None for a file."""
        if not kept.address:
            return None
        address = await self._keystore.open(_key(kept.calendar.id), kept.address, what=_ADDRESS)
        return await self._fetcher.fetch(address.decode())

    async def _open(self, kept: Kept) -> bytes:
        return await self._keystore.open(_key(kept.calendar.id), kept.content, what=_CONTENT)

    async def _failed(self, calendar: ImportedCalendar, error: MissError) -> None:
        now = self._clock.now()
        log.warning("calendar.unreadable", calendar=calendar.id, reason=error.code)
        async with self._db.transaction() as tx:
            failed = await store.save_failure(tx, calendar.id, error.sentence(), now)
            if failed is None:
                return
            await self._schedule(tx, calendar.id, now)
            if failed.failures == TELL_AFTER:
                for listener in self._listeners:
                    await listener(tx, failed)
        self._jobs.wake()

    async def _schedule(self, tx: Transaction, calendar_id: str, now: datetime) -> None:
        await schedule(tx, READ, calendar_id, now + READ_EVERY, random_bytes=self._random_bytes)


def _key(calendar_id: str) -> str:
    return f"calendar:{calendar_id}"


def _digest(secret: str) -> str:
    """The address itself is kept nowhere: who reads the database cannot subscribe."""
    return blake2b(secret.encode("utf-8", "replace"), digest_size=32).hexdigest()
