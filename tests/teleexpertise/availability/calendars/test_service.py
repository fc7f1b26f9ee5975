"""Imported calendars on real parts; what is fetched is said by the test in place of a server."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.errors import MissError
from miss.base.ids import AccountId, PractitionerId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.broker import MemoryBroker, Rates
from miss.directory.accounts import Account, Verification
from miss.protocol.session import Rate
from miss.storage import Database, Transaction
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from teleexpertise.availability import Availabilities, Opening
from teleexpertise.availability.calendars import service, store
from teleexpertise.availability.calendars.errors import (
    AddressRefused,
    CalendarNotFound,
    CalendarsFull,
    CalendarUnreachable,
    CalendarUnreadable,
    FeedAskedTooOften,
)
from teleexpertise.availability.calendars.fetching import CalendarFetcher
from teleexpertise.availability.calendars.model import MAX_CALENDARS, READ_EVERY, TELL_AFTER, ImportedCalendar
from teleexpertise.availability.calendars.service import Calendars
from tests.teleexpertise.availability.calendars.ics import calendar, event

ANNE, KARIM = PractitionerId("anne"), PractitionerId("karim")
PARIS = "Europe/Paris"
URL = "webcal://agenda.example/anne.ics?cle=secrete"
MONDAY = Opening(datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 9, tzinfo=UTC))
TUESDAY = Opening(datetime(2026, 11, 24, 8, tzinfo=UTC), datetime(2026, 11, 24, 9, tzinfo=UTC))


class Said(CalendarFetcher):
    """An address that answers what the test says."""

    answer: bytes | MissError = b""

    async def fetch(self, url: str) -> bytes:
        assert url == "https://agenda.example/anne.ics?cle=secrete"
        if isinstance(self.answer, MissError):
            raise self.answer
        return self.answer


class Room:
    """The service, and all it told."""

    def __init__(self, db: Database, clock: MovableClock, random_bytes: RandomBytes, keystore: KeyStore) -> None:
        self.db, self.clock = db, clock
        self.fetcher = Said()
        self.jobs = JobRunner(db, clock, random_bytes)
        self.availabilities = Availabilities(db, clock)
        self.keystore = keystore
        rates = Rates(MemoryBroker().counts)
        self.calendars = Calendars(
            db, clock, random_bytes, keystore, self.jobs, self.availabilities, self.fetcher, rates
        )
        for handler in self.calendars.job_handlers():
            self.jobs.register(handler)
        self.woken: list[PractitionerId] = []
        self.failing: list[ImportedCalendar] = []
        self.availabilities.add_listener(self._wake)
        self.calendars.on_failing(self._fail)

    async def _wake(self, practitioner_id: PractitionerId) -> None:
        self.woken.append(practitioner_id)

    async def _fail(self, tx: Transaction, one: ImportedCalendar) -> None:
        self.failing.append(one)

    async def busy(self, who: PractitionerId = ANNE) -> Sequence[Opening]:
        """As dispatch sees it."""
        async with self.db.snapshot() as tx:
            return (await self.availabilities.load(tx, [who]))[who].busy

    async def next_reading(self) -> ImportedCalendar:
        """The timer's next run."""
        self.clock.advance(READ_EVERY)
        await self.jobs.run_due()
        [only] = await self.calendars.list_(ANNE)
        return only


@pytest.fixture
def room(db: Database, clock: MovableClock, random_bytes: RandomBytes, keystore: KeyStore) -> Room:
    return Room(db, clock, random_bytes, keystore)


async def test_the_hours_of_a_file_close_slots_and_its_words_are_sealed(room: Room) -> None:
    made = await room.calendars.upload(ANNE, "agenda.ics", calendar(event()), PARIS)
    assert await room.busy() == (MONDAY,)
    assert await room.busy(KARIM) == ()
    assert room.woken == [ANNE]
    async with room.db.snapshot() as tx:
        kept = await store.find(tx, made.id)
    assert kept is not None
    assert b"FICTIF" not in kept.content
    assert (kept.address, kept.calendar.events) == (b"", 1)


async def test_what_cannot_be_read_is_refused_and_leaves_nothing(room: Room) -> None:
    with pytest.raises(CalendarUnreadable):
        await room.calendars.upload(ANNE, "agenda.ics", b"bonjour", PARIS)
    room.fetcher.answer = b"<html>"
    with pytest.raises(CalendarUnreadable):
        await room.calendars.subscribe(ANNE, URL, PARIS)
    with pytest.raises(AddressRefused):
        await room.calendars.subscribe(ANNE, "http://agenda.example/", PARIS)
    assert await room.calendars.list_(ANNE) == []
    assert room.woken == []


async def test_a_subscription_follows_its_address(room: Room) -> None:
    room.fetcher.answer = calendar(event())
    made = await room.calendars.subscribe(ANNE, URL, PARIS)
    assert (made.name, made.subscribed) == ("agenda.example", True)
    await room.next_reading()
    assert room.woken == [ANNE], "nothing changed: nobody is woken"
    room.fetcher.answer = calendar(event("20261124T090000", "20261124T100000"))
    read = await room.next_reading()
    assert await room.busy() == (TUESDAY,)
    assert room.woken == [ANNE, ANNE]
    assert made.read_at is not None
    assert read.read_at is not None
    assert read.read_at - made.read_at >= 2 * READ_EVERY
    async with room.db.snapshot() as tx:
        kept = await store.find(tx, made.id)
    assert kept is not None
    assert b"secrete" not in kept.address


async def test_a_subscription_that_fails_keeps_its_copy_and_is_told_once_in_a_row(room: Room) -> None:
    room.fetcher.answer = calendar(event())
    made = await room.calendars.subscribe(ANNE, URL, PARIS)
    for failure in range(1, TELL_AFTER + 2):
        room.fetcher.answer = CalendarUnreachable(reason="HTTP 404") if failure % 2 else b"<html>"
        failed = await room.next_reading()
        assert (failed.failures, failed.read_at) == (failure, made.read_at)
        assert [one.failures for one in room.failing] == [TELL_AFTER] * (failure >= TELL_AFTER)
    assert await room.busy() == (MONDAY,)
    assert "HTTP 404" in room.failing[0].problem
    room.fetcher.answer = calendar(event())
    assert ((await room.next_reading()).failures, (await room.next_reading()).problem) == (0, "")
    room.fetcher.answer = CalendarUnreachable(reason="HTTP 500")
    for _ in range(TELL_AFTER):
        await room.next_reading()
    assert len(room.failing) == 2, "another row of failures is told again"


async def test_repetitions_of_a_file_are_counted_anew_as_weeks_pass(room: Room) -> None:
    weekly = calendar(event("20261123T090000", "20261123T100000", "RRULE:FREQ=WEEKLY"))
    made = await room.calendars.upload(ANNE, "agenda.ics", weekly, PARIS)
    room.clock.advance(timedelta(weeks=20))
    later = await room.next_reading()
    assert later.busy[0].start > room.clock.now() - timedelta(days=8)
    assert len(later.busy) >= 12
    assert later.read_at == made.read_at, "the copy is as old as it was"


async def test_what_is_removed_is_forgotten_with_its_timer(room: Room) -> None:
    made = await room.calendars.upload(ANNE, "agenda.ics", calendar(event()), PARIS)
    with pytest.raises(CalendarNotFound):
        await room.calendars.remove(KARIM, made.id)
    assert await room.busy() == (MONDAY,)
    await room.calendars.remove(ANNE, made.id)
    assert await room.busy() == ()
    with pytest.raises(CalendarNotFound):
        await room.calendars.remove(ANNE, made.id)
    assert room.woken == [ANNE, ANNE]
    room.clock.advance(READ_EVERY)
    assert await room.jobs.run_due() == 0


async def test_only_its_owner_has_one_read_again(room: Room) -> None:
    made = await room.calendars.upload(ANNE, "agenda.ics", calendar(event()), PARIS)
    with pytest.raises(CalendarNotFound):
        await room.calendars.read_now(KARIM, made.id)
    await room.calendars.read_now(ANNE, made.id)
    room.clock.advance(timedelta(seconds=1))
    assert await room.jobs.run_due() == 1
    [read] = await room.calendars.list_(ANNE)
    assert read.tried_at is not None
    assert read.tried_at > made.added_at


async def test_there_is_a_most(room: Room) -> None:
    for number in range(MAX_CALENDARS):
        async with room.db.transaction() as tx:
            made = ImportedCalendar(
                id=str(number), practitioner_id=ANNE, name="a", zone=PARIS, subscribed=False, added_at=room.clock.now()
            )
            await store.insert(tx, store.Kept(made, b"", b""))
    with pytest.raises(CalendarsFull):
        await room.calendars.upload(ANNE, "agenda.ics", calendar(event()), PARIS)


async def test_calendars_of_one_expert_are_joined(room: Room) -> None:
    await room.calendars.upload(ANNE, "un.ics", calendar(event()), PARIS)
    await room.calendars.upload(ANNE, "deux.ics", calendar(event("20261123T093000", "20261123T110000")), PARIS)
    assert await room.busy() == (Opening(MONDAY.start, MONDAY.end + timedelta(hours=1)),)


async def test_an_address_of_ones_own_is_secret_and_revocable(room: Room) -> None:
    first = await room.calendars.give_out(ANNE)
    assert await room.calendars.find_owner(first) == ANNE
    second = await room.calendars.give_out(ANNE)
    assert (await room.calendars.find_owner(first), await room.calendars.find_owner(second)) == (None, ANNE)
    assert len(second) >= 32
    assert await room.calendars.given_out_at(ANNE) is not None
    await room.calendars.take_back(ANNE)
    assert await room.calendars.find_owner(second) is None
    assert await room.calendars.given_out_at(ANNE) is None


async def test_an_account_that_closes_takes_its_calendars_its_address_and_their_keys_with_it(room: Room) -> None:
    room.fetcher.answer = calendar(event())
    linked = await room.calendars.subscribe(ANNE, URL, PARIS)
    await room.calendars.upload(ANNE, "agenda.ics", calendar(event()), PARIS)
    secret, others = await room.calendars.give_out(ANNE), await room.calendars.give_out(KARIM)
    await room.calendars.upload(KARIM, "agenda.ics", calendar(event()), PARIS)

    async def become(verification: Verification) -> None:
        account = Account(AccountId(b"a" * 16), ANNE, verification, room.clock.now(), Language.FR)
        async with room.db.transaction() as tx:
            await room.calendars.end_with(tx, account)

    await become(Verification.SUSPENDED)
    assert (len(await room.calendars.list_(ANNE)), await room.calendars.find_owner(secret)) == (2, ANNE)
    await become(Verification.REVOKED)
    assert (await room.calendars.list_(ANNE), await room.calendars.find_owner(secret)) == ([], None)
    assert await room.busy() == ()
    assert (len(await room.calendars.list_(KARIM)), await room.calendars.find_owner(others)) == (1, KARIM)
    key = f"calendar:{linked.id}"
    sealed = await room.keystore.seal(key, b"x", what="essai")
    assert await room.jobs.run_due() == 2, "the keys, and no timer of a calendar"
    with pytest.raises(MissError):
        await room.keystore.open(key, sealed, what="essai")


async def test_an_address_is_read_at_a_rate_and_so_are_guesses(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "OF_ONE", Rate(burst=3, per_s=1e-6))
    monkeypatch.setattr(service, "FROM_NETWORK", Rate(burst=5, per_s=1e-6))
    secret, others = await room.calendars.give_out(ANNE), await room.calendars.give_out(KARIM)
    for _ in range(3):
        assert await room.calendars.follow(secret, "192.0.2.1") == ANNE
    with pytest.raises(FeedAskedTooOften):
        await room.calendars.follow(secret, "198.51.100.7")
    for _ in range(2):
        with pytest.raises(CalendarNotFound):
            await room.calendars.follow("devine", "192.0.2.1")
    with pytest.raises(FeedAskedTooOften):
        await room.calendars.follow(others, "192.0.2.1")
    assert await room.calendars.follow(others, "198.51.100.7") == KARIM
