"""Counts what happened, once a night, and tells what may be told of it.

A month is counted anew every night until it is over, then once more, and never again: its sums outlive the messages
and mails they were made of.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.base.text import Text
from miss.directory.imports.daily import next_look
from miss.directory.practitioners import Coding, Practitioners, is_probe_id
from miss.server.console.statistics import store
from miss.server.console.statistics.differences import Filters, give_away, is_within
from miss.server.console.statistics.model import (
    USERS,
    Counted,
    Dimension,
    Hidden,
    Month,
    Place,
    Shown,
    Sum,
    add_up,
    bounds,
    by_code,
    by_month,
    month_of,
    months_until,
    place_of,
    show,
    show_alone,
)
from miss.server.service import Flow
from miss.storage import Database
from miss.storage.jobs import Job, JobHandler, schedule

KIND: Final = "statistics.count"
KEY: Final = "all"
FIRST_AFTER: Final = timedelta(minutes=1)
"""An installation that has counted nothing yet does so when it has started in peace."""
HOUR: Final = 3
"""Of the night, UTC: before the register's import."""
MONTHS_BACK: Final = 12
"""Counted when a measure is new."""
MONTHS_SHOWN: Final = 60

log = structlog.get_logger("miss.server")


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants to see."""

    measure: str
    dimension: Dimension
    first: Month
    last: Month
    profession: str = ""
    region: str = ""

    @property
    def filters(self) -> Filters:
        """Of whom alone something is asked."""
        wanted = {Dimension.PROFESSION: self.profession, Dimension.REGION: self.region}
        return {dimension: code for dimension, code in wanted.items() if code}


@dataclass(frozen=True, slots=True)
class Line:
    """One number under a code (of a month, a profession, a region…)."""

    code: str
    value: Shown


@dataclass(frozen=True, slots=True)
class Report:
    """The answer: month after month, then broken down, the largest first."""

    series: tuple[Line, ...]
    lines: tuple[Line, ...]
    total: Shown
    """Of the lines."""


class Statistics:
    """The platform's figures."""

    def __init__(
        self,
        practitioners: Practitioners,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        register: Database | None = None,
    ) -> None:
        """`register`: as `Practitioners` takes it."""
        self._practitioners = practitioners
        self._db, self._register = db, register or db
        self._clock, self._random_bytes = clock, random_bytes
        self._flows: dict[str, Flow] = {flow.name: flow for flow in self._own_flows()}

    def add(self, flow: Flow) -> None:
        """Count one more thing.  Raises ValueError for a name that is taken."""
        if flow.name in self._flows:
            raise ValueError(f"two flows are named {flow.name}")
        self._flows[flow.name] = flow

    @property
    def flows(self) -> Sequence[Flow]:
        """Everything that is counted, the users first."""
        return tuple(self._flows.values())

    def job_handler(self) -> JobHandler:
        """Counts, and plans the next night."""
        return JobHandler(KIND, self._run)

    async def start(self) -> None:
        """Count in the night; in a minute if nothing was ever counted."""
        async with self._db.transaction() as tx:
            now = self._clock.now()
            due_at = next_look(now, HOUR) if await store.find_counted_at(tx) else now + FIRST_AFTER
            await schedule(tx, KIND, KEY, due_at, random_bytes=self._random_bytes)

    async def _run(self, _job: Job) -> None:
        await self.count()
        await self.start()

    async def count(self) -> int:
        """Count every month that is not settled; how many sums were written."""
        now, written = self._clock.now(), 0
        places: dict[PractitionerId, Place] = {}
        names: dict[str, str] = {}
        for flow in self.flows:
            async with self._db.snapshot() as tx:
                counts = await store.list_counts(tx, flow.name)
            months: dict[Month, Mapping[Place, Sum]] = {}
            for month in months_until(month_of(now), MONTHS_BACK + 1):
                start, end = bounds(month)
                if month not in counts or counts[month] < end:
                    tallied = await flow.tally(start, min(now, end))
                    tallies = {one: number for one, number in tallied.items() if not is_probe_id(one)}
                    await self._place(tallies.keys() - places.keys(), places, names)
                    months[month] = add_up(tallies, places)
            told = {place.establishment for sums in months.values() for place in sums if place.establishment}
            async with self._db.transaction() as tx:
                for month, sums in months.items():
                    await store.replace(tx, flow.name, month, sums, now)
                    written += len(sums)
                await store.put_names(tx, {identifier: names[identifier] for identifier in told})
        log.info("statistics.counted", sums=written)
        return written

    async def _place(
        self, ids: Collection[PractitionerId], places: dict[PractitionerId, Place], names: dict[str, str]
    ) -> None:
        """Find out where `ids` are counted; and the names of the establishments."""
        wanted = sorted(one for one in ids if one)
        for at in range(0, len(wanted), store.SLICE):
            for one, practitioner in (await self._practitioners.get_many(wanted[at : at + store.SLICE])).items():
                places[one] = place_of(practitioner)
                for role in practitioner.roles:
                    if role.organization:
                        names[role.organization.id] = role.organization.name

    async def list_months(self) -> tuple[list[Month], datetime | None]:
        """The months that were counted, the earliest first, and when that was done last."""
        async with self._db.snapshot() as tx:
            return await store.list_months(tx, MONTHS_SHOWN), await store.find_counted_at(tx)

    async def report(self, question: Question) -> Report:
        """What may be shown in answer to `question`; months that were not counted have nothing."""
        async with self._db.snapshot() as tx:
            counted = await store.list_counted(tx, question.measure, question.first, question.last)
            known = sorted(await store.list_counts(tx, question.measure))
        months = [month for month in known if question.first <= month <= question.last]
        return _report(counted, question, months)

    async def get_labels(self, dimension: Dimension) -> dict[str, str]:
        """What codes stand for: professions, specialties and establishments; other codes are told by the page."""
        if dimension is Dimension.ESTABLISHMENT:
            async with self._db.snapshot() as tx:
                return await store.get_names(tx)
        codings: Sequence[Coding] = ()
        if dimension is Dimension.PROFESSION:
            codings = await self._practitioners.list_professions()
        elif dimension is Dimension.SPECIALTY:
            codings = await self._practitioners.list_specialties()
        return {coding.code: coding.display for coding in codings}

    def _own_flows(self) -> Sequence[Flow]:
        return (
            Flow(USERS, Text(fr="Utilisateurs vérifiés", en="Verified users"), self._tally_users),
            Flow(
                "messages", Text(fr="Messages de la messagerie instantanée", en="Chat messages"), self._tally_messages
            ),
            Flow("mails_in", Text(fr="Courriels reçus", en="Mails received"), self._tally_mails_in),
            Flow("mails_out", Text(fr="Courriels remis", en="Mails delivered"), self._tally_mails_out),
        )

    async def _tally_users(self, _since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
        async with self._db.snapshot() as tx:
            return await store.tally_users(tx, until)

    async def _tally_messages(self, since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
        async with self._db.snapshot() as tx:
            return await store.tally_messages(tx, since, until)

    async def _tally_mails_in(self, since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
        async with self._db.snapshot() as tx:
            return await store.tally_mails_in(tx, since, until)

    async def _tally_mails_out(self, since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
        """By who received them."""
        tallies: dict[PractitionerId, int] = {}
        async with (
            self._db.snapshot() as tx,
            self._register.reading(tx if self._register is self._db else None) as register,
        ):
            counts = await store.count_mails_out(tx, since, until)
            addresses = sorted(counts)
            for at in range(0, len(addresses), store.SLICE):
                some = addresses[at : at + store.SLICE]
                owners = await store.find_owners(tx, register, some)
                for address in some:
                    owner = owners.get(address, PractitionerId(""))
                    tallies[owner] = tallies.get(owner, 0) + counts[address]
        return tallies


def _report(everything: Sequence[Counted], question: Question, months: Sequence[Month]) -> Report:
    """`everything`: what was counted of everybody, as a filter also tells by what it leaves out."""
    filters, measure, dimension = question.filters, question.measure, question.dimension
    counted = [one for one in everything if is_within(one.place, filters)]
    series, sums = by_month(counted, months), by_code(counted, dimension, months, measure)
    late = [n for n, month in enumerate(months) if give_away(_of(everything, month), filters, _whole, [month], measure)]
    is_told = bool(give_away(everything, filters, _whole, months, measure))
    told = give_away(everything, filters, lambda one: one.place.code(dimension), months, measure)
    if dimension in filters and is_told:  # the only line is the whole
        told |= {filters[dimension]}
    shown = show(series, late)
    if measure == USERS:  # a state, which no other adds up with
        shown = [Hidden.KEPT_BACK if n in late else show_alone(one) for n, one in enumerate(series)]
    values = show(list(sums.values()), [n for n, code in enumerate(sums) if code in told])
    shown_of = dict(zip(sums, values, strict=True))
    ordered = sorted(sums, key=lambda code: _rank(code, shown_of[code]))
    whole = series[-1:] if question.measure == USERS else series
    total = Sum(sum(one.value for one in whole), max((one.people for one in whole), default=0))
    return Report(
        series=tuple(Line(month, value) for month, value in zip(months, shown, strict=True)),
        lines=tuple(Line(code, shown_of[code]) for code in ordered),
        total=Hidden.KEPT_BACK if is_told else show_alone(total),
    )


def _whole(_one: Counted) -> str:
    return ""


def _of(counted: Sequence[Counted], month: Month) -> list[Counted]:
    return [one for one in counted if one.month == month]


def _rank(code: str, value: Shown) -> tuple[bool, int, str]:
    """The largest first; those that are hidden come last, in an order that tells nothing."""
    return (True, 0, code) if isinstance(value, Hidden) else (False, -value, code)
