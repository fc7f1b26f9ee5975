"""Ask a colleague to read, pass it on when they cannot, keep what they say, show it to the expert.

Readers are taken in turn among those whom the pool could have asked, by a rotation of its own: how many readings each
was asked lately.  No turn of the pool's is charged.  Every look at a copy is written into the access log.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Text
from miss.directory.audit import Subject, practitioner_actor
from miss.storage import Transaction
from miss.storage.jobs import Job, JobHandler, cancel, schedule
from teleexpertise.dispatch import choose
from teleexpertise.dispatch.model import TURN, offer_expires_at
from teleexpertise.letters import second_reading as letters
from teleexpertise.requests import store as requests_store
from teleexpertise.requests.assignment import Assignment
from teleexpertise.requests.content import Note
from teleexpertise.requests.errors import NotHolder
from teleexpertise.requests.listeners import Answered
from teleexpertise.requests.model import ENDED, Fact, FactKind, State, require_state
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.store import Stored
from teleexpertise.second_reading import model, store
from teleexpertise.second_reading.errors import NoSecondReader
from teleexpertise.second_reading.model import OPINION_CHARS, QUESTION_CHARS, ReadingState, SecondReading
from teleexpertise.second_reading.showing import Copy, Shower
from teleexpertise.second_reading.store import StoredReading

log = structlog.get_logger("teleexpertise.second_reading")

LAPSE = "teleexpertise.second_reading"
LATELY = timedelta(days=90)
"""Over how long readings are counted for the readers' turn."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Opinion:
    """A reading as the expert who answers sees it."""

    reading: SecondReading
    question: Note
    opinion: Note | None
    """None: not given, or not yet."""


class SecondReadings:
    """Second readings, from the question to the opinion."""

    def __init__(self, parts: Parts, assignment: Assignment) -> None:
        self._parts = parts
        self._assignment = assignment
        self._shower = Shower(parts)

    def job_handlers(self) -> tuple[JobHandler, ...]:
        """The handler of this room's timer."""
        return (JobHandler(LAPSE, self._lapse),)

    async def ask(self, request_id: RequestId, by: PractitionerId, question: str) -> SecondReading:
        """The expert who holds a request, or its coordinator, has a colleague look at it.

        Raises RequestUnknown, NotHolder, StateForbids, WordsMissing, NoSecondReader, SecondReadingUnderWay.
        """
        parts, now = self._parts, self._parts.clock.now()
        words = model.require_words(question, QUESTION_CHARS)
        async with parts.db.transaction() as tx:
            stored = await self._assignment.lock(tx, request_id)
            request = stored.request
            pool = await parts.dispatch.get_pool(tx, request.require_sent().pool_id)
            if by not in {request.holder, pool.coordinator_id}:
                raise NotHolder(number=request.number)
            require_state(request, State.IN_PROGRESS, State.ON_HOLD)
            first = request.holder or by
            chosen = await self._choose(tx, stored, {first, by}, now)
            if chosen is None:
                raise NoSecondReader(number=request.number)
            reader, expires_at = chosen
            reading = SecondReading(
                id=parts.new_id(), request_id=request.id, asked_by=by, first_reader=first, reader=reader,
                asked_at=now, expires_at=expires_at,
            )  # fmt: skip
            hides = await self._shower.redaction(stored, reading, tx)
            sealed = await parts.vault.seal(request_id, Note(author=by, at=now, text=hides.of(words)))
            await store.insert(tx, reading, sealed, number=request.number)
            fact = Fact(FactKind.SECOND_READING_ASKED, now, by)
            await requests_store.add_fact(tx, request.id, fact, parts.random_bytes)
            await self._have_read(tx, stored, reading)
        parts.jobs.wake()
        log.info("second_reading.asked", reading=reading.id, request=request_id)
        return reading

    async def give(
        self, reading_id: str, by: PractitionerId, opinion: str, *, discloses_name: bool = False
    ) -> SecondReading:
        """The reader's opinion; the expert is told.  Raises SecondReadingUnknown, SecondReadingOver, WordsMissing."""
        parts, now = self._parts, self._parts.clock.now()
        words = model.require_words(opinion, OPINION_CHARS)
        async with parts.db.transaction() as tx:
            stored, found = await self._lock(tx, reading_id)
            given = model.give(found.reading, by, now, discloses_name=discloses_name)
            sealed = await parts.vault.seal(stored.request.id, Note(author=by, at=now, text=words))
            await store.save(tx, given, opinion=sealed)
            await cancel(tx, LAPSE, given.id)
            fact = Fact(FactKind.SECOND_READING_GIVEN, now)
            await requests_store.add_fact(tx, stored.request.id, fact, parts.random_bytes)
            for who in dict.fromkeys((given.first_reader, given.asked_by)):
                await self._tell(tx, stored, who, letters.given, given)
        parts.jobs.wake()
        log.info("second_reading.given", reading=reading_id)
        return given

    async def decline(self, reading_id: str, by: PractitionerId) -> SecondReading:
        """The reader cannot: it goes to the next one.  Raises SecondReadingUnknown, SecondReadingOver."""
        async with self._parts.db.transaction() as tx:
            stored, found = await self._lock(tx, reading_id)
            passed = await self._pass_on(tx, stored, found.reading, by)
        self._parts.jobs.wake()
        return passed

    async def read(self, reading_id: str, by: PractitionerId) -> Copy:
        """The blinded copy, while it is asked of its reader.  Raises SecondReadingUnknown, SecondReadingOver."""
        copy = await self._shower.copy(reading_id, by)
        await self._log(copy.reading, by, "request.second_reading")
        return copy

    async def photo(self, reading_id: str, by: PractitionerId, rank: int) -> bytes:
        """The photograph of that rank, from 1, as JPEG.  Raises as `read`."""
        copy = await self._shower.copy(reading_id, by)
        content = await self._shower.photo(copy, rank)
        await self._log(copy.reading, by, "request.second_reading_photo", str(rank))
        return content

    async def list_asked(self, reader: PractitionerId) -> list[tuple[SecondReading, Text]]:
        """What somebody is asked to read, with the specialty."""
        async with self._parts.db.snapshot() as tx:
            found = [one.reading for one in await store.list_asked(tx, reader)]
            requests = [(await requests_store.get(tx, reading.request_id)).request for reading in found]
        titles = [self._parts.form_name(request.canonical) for request in requests]
        return list(zip(found, titles, strict=True))

    async def list_opinions(self, request_id: RequestId) -> list[Opinion]:
        """Every reading of a request: for its holder, whose reading of the request is in the log."""
        vault = self._parts.vault
        async with self._parts.db.snapshot() as tx:
            found = await store.list_of_request(tx, request_id)
        return [
            Opinion(
                reading=one.reading,
                question=await vault.open_note(request_id, one.question),
                opinion=await vault.open_note(request_id, one.opinion) if one.opinion else None,
            )
            for one in found
        ]

    async def list_disclosed(self, request_id: RequestId) -> list[str]:
        """For the requester: the reader of each opinion given, by name if they let it be known, else empty."""
        async with self._parts.db.snapshot() as tx:
            found = [one.reading for one in await store.list_of_request(tx, request_id)]
        given = [reading for reading in found if reading.state is ReadingState.GIVEN]
        people = await self._parts.practitioners.get_many({one.reader for one in given if one.discloses_name})
        return [people[one.reader].display_name if one.reader in people else "" for one in given]

    async def on_answer(self, tx: Transaction, answered: Answered) -> None:
        """An answer leaves: what was not read by then need not be (`requests.listeners.AnswerListener`)."""
        live = await store.find_live(tx, answered.request.id)
        if live is not None:
            await self._withdraw(tx, await requests_store.get(tx, answered.request.id), live.reading, answered.at)

    async def _lapse(self, job: Job) -> None:
        """The reader let it pass."""
        now = self._parts.clock.now()
        async with self._parts.db.transaction() as tx:
            stored, found = await self._lock(tx, job.key)
            reading = found.reading
            if reading.state is not ReadingState.ASKED or now < reading.expires_at:
                return
            if stored.request.state in ENDED:
                await self._withdraw(tx, stored, reading, now)
            else:
                await self._pass_on(tx, stored, reading, reading.reader)
        self._parts.jobs.wake()

    async def _lock(self, tx: Transaction, reading_id: str) -> tuple[Stored, StoredReading]:
        """The request, whose lock holds its readings too, and the reading as it is under it."""
        seen = await store.get(tx, reading_id)
        stored = await self._assignment.lock(tx, seen.reading.request_id)
        return stored, await store.get(tx, reading_id)

    async def _pass_on(
        self, tx: Transaction, stored: Stored, reading: SecondReading, by: PractitionerId
    ) -> SecondReading:
        now = self._parts.clock.now()
        left_out = {reading.first_reader, reading.asked_by, *reading.passed, by}
        chosen = None if stored.request.state in ENDED else await self._choose(tx, stored, left_out, now)
        reader, expires_at = chosen or (None, reading.expires_at)
        passed = model.pass_on(reading, by, reader, expires_at, now)
        await store.save(tx, passed)
        if reader is not None:
            await self._have_read(tx, stored, passed)
        else:
            await cancel(tx, LAPSE, passed.id)
            for who in dict.fromkeys((passed.first_reader, passed.asked_by)):
                await self._tell(tx, stored, who, letters.nobody, passed)
        log.info("second_reading.passed", reading=reading.id, state=passed.state)
        return passed

    async def _withdraw(self, tx: Transaction, stored: Stored, reading: SecondReading, now: datetime) -> None:
        await store.save(tx, model.withdraw(reading, now))
        await cancel(tx, LAPSE, reading.id)
        await self._tell(tx, stored, reading.reader, letters.withdrawn, reading)

    async def _have_read(self, tx: Transaction, stored: Stored, reading: SecondReading) -> None:
        """Tell the reader, and look again when their time is over."""
        parts, request = self._parts, stored.request
        await schedule(tx, LAPSE, reading.id, reading.expires_at, random_bytes=parts.random_bytes)
        reader = await parts.practitioners.get(reading.reader, tx)
        if to := correspondent(reader):
            mail = letters.asked(
                parts.platform, to, reading_id=reading.id, rank=len(reading.passed) + 1, number=request.number,
                form_title=parts.form_title(request.canonical), expires_at=reading.expires_at,
            )  # fmt: skip
            await parts.notify(tx, reader, mail, request.id)

    async def _tell(
        self, tx: Transaction, stored: Stored, who: PractitionerId, letter: letters.Notice, reading: SecondReading
    ) -> None:
        parts, request = self._parts, stored.request
        person = await parts.practitioners.get(who, tx)
        if to := correspondent(person):
            title = parts.form_title(request.canonical)
            mail = letter(parts.platform, to, reading_id=reading.id, number=request.number, form_title=title)
            await parts.notify(tx, person, mail, request.id)

    async def _choose(
        self, tx: Transaction, stored: Stored, left_out: Collection[PractitionerId], now: datetime
    ) -> tuple[PractitionerId, datetime] | None:
        """The next reader and until when they may answer; None: nobody is available."""
        dispatch = self._parts.dispatch
        pool = await dispatch.get_pool(tx, stored.request.require_sent().pool_id)
        need = await self._assignment.need_of(tx, stored, pool, now)
        attempts = await dispatch.list_attempts(tx, stored.request.id)
        declined = {attempt.practitioner_id for attempt in attempts if attempt.reason is not None}
        need = replace(
            need, named=None, continuity=None, conflicts=need.conflicts | {*left_out}, declined=frozenset(declined)
        )
        members = await dispatch.list_members(tx, pool, now)
        counts = await store.count_asked(tx, [member.practitioner_id for member in members], now - LATELY)
        in_turn = []
        for member in members:
            count, last = counts.get(member.practitioner_id, (0, None))
            in_turn.append(replace(member, credit=count * TURN // member.terms.weight, last_turn=last))
        chosen = choose(pool, in_turn, need, now).chosen
        if chosen is None:
            return None
        calendar = next(member.availability for member in members if member.practitioner_id == chosen)
        return chosen, offer_expires_at(pool, calendar, need.deadline, now)

    async def _log(self, reading: SecondReading, by: PractitionerId, act: str, detail: str = "") -> None:
        """Into the access log, before anything is shown."""
        await self._parts.audit.record(
            actor=practitioner_actor(by), act=act, subject=Subject("request", reading.request_id),
            detail=f"second_reader {detail}".rstrip(),
        )  # fmt: skip
