"""Queries on pools, members and the record of choices; those on attempts are in `attempts.store`.

Credits and virtual time are written only by whoever holds the pool's lock.  While it is held every other request of
the pool waits: what a choice has to know is one question there (`look_up`), and what it changes one order (`put`).
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec
from pydantic import TypeAdapter
from sqlalchemy import Text, bindparam, cast, func, insert, or_, update
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from miss.storage.columns import JsonText, UtcDateTime
from miss.storage.direct import Change, HotBatch, HotReads, PortableStatement, write
from teleexpertise.availability import Availability, availability_from_text, availability_to_json
from teleexpertise.dispatch.attempts import store as attempt_store
from teleexpertise.dispatch.attempts.model import LIVE, Attempt
from teleexpertise.dispatch.attempts.tables import AttemptRow
from teleexpertise.dispatch.errors import PoolUnknown
from teleexpertise.dispatch.model import Decision, Member, Pool, Terms
from teleexpertise.dispatch.tables import DispatchDecisionRow, PoolMemberRow, PoolRow

_DECISION = TypeAdapter(Decision)
_HELD = "held_pools"
"""In a transaction's `info`: the pools it holds.  Nobody else can change them, so they are read once."""

_POOL = PoolRow.__table__  # type: ignore[attr-defined]
_POOL_COLUMNS = (
    _POOL.c.id, _POOL.c.name, _POOL.c.questionnaire, _POOL.c.coordinator_id, cast(_POOL.c.hours, Text), _POOL.c.zone,
    _POOL.c.answer_within_s, _POOL.c.accept_within_s, _POOL.c.answer_time_s, _POOL.c.open_now_only,
    _POOL.c.virtual_time,
)  # fmt: skip
_ONE_POOL = select_columns(*_POOL_COLUMNS).where(_POOL.c.id == bindparam("pool_id"))
_GET_POOL = PortableStatement(_ONE_POOL, ("pool_id",))
_LOCK_POOL = PortableStatement(_ONE_POOL.with_for_update(), ("pool_id",))
_MOVE_TIME = PortableStatement(update(_POOL).where(_POOL.c.id == bindparam("of_id")), ("of_id", "virtual_time"))

_MEMBER = PoolMemberRow.__table__  # type: ignore[attr-defined]
_MEMBERS = PortableStatement(
    select_columns(
        _MEMBER.c.practitioner_id, _MEMBER.c.weight, cast(_MEMBER.c.competences, Text), _MEMBER.c.cap,
        _MEMBER.c.weekly_quota, _MEMBER.c.active, _MEMBER.c.credit, _MEMBER.c.last_turn,
    )
    .where(_MEMBER.c.pool_id == bindparam("pool_id"))
    .order_by(_MEMBER.c.practitioner_id),
    ("pool_id",),
)  # fmt: skip
_TAKE_TURN = PortableStatement(
    update(_MEMBER).where(
        _MEMBER.c.pool_id == bindparam("of_pool"), _MEMBER.c.practitioner_id == bindparam("of_member")
    ),
    ("of_pool", "of_member", "credit", "last_turn"),
)
_CARRY = HotBatch(
    "UPDATE pool_member SET credit = news.credit FROM unnest($1::varchar[], $2::varchar[], $3::bigint[])"
    " AS news (pool_id, practitioner_id, credit)"
    " WHERE pool_member.pool_id = news.pool_id AND pool_member.practitioner_id = news.practitioner_id",
    update(_MEMBER)
    .where(_MEMBER.c.pool_id == bindparam("of_pool"), _MEMBER.c.practitioner_id == bindparam("of_member"))
    .values(credit=bindparam("to_credit")),
    ("of_pool", "of_member", "to_credit"),
)

_IS_LIVE = col(AttemptRow.state).in_(sorted(LIVE))
_IS_OF_WEEK = col(AttemptRow.offered_at) >= bindparam("week_start", type_=UtcDateTime)
_COUNTS = PortableStatement(
    select_columns(
        col(AttemptRow.practitioner_id),
        func.count().filter(_IS_LIVE),
        func.count().filter(_IS_OF_WEEK, col(AttemptRow.charge) > 0),
    )
    .where(col(AttemptRow.pool_id) == bindparam("pool_id"), or_(_IS_LIVE, _IS_OF_WEEK))
    .group_by(col(AttemptRow.practitioner_id)),
    ("pool_id", "week_start"),
)
"""By expert of the pool: requests held now, turns since Monday that were not refunded."""
_STANDINGS = HotReads(_MEMBERS, _COUNTS)
_LOOK_UP = HotReads(_MEMBERS, _COUNTS, attempt_store.OF_REQUEST)
_INSERT_DECISION = PortableStatement(
    insert(DispatchDecisionRow.__table__).values(decision=bindparam("said", type_=JsonText)),  # type: ignore[attr-defined]
    ("id", "request_id", "pool_id", "attempt_id", "decided_at", "said"),
)


@dataclass(frozen=True, slots=True)
class Recorded:
    """One choice as it is on record."""

    at: datetime
    pool_id: PoolId
    decision: Decision


async def insert_pool(tx: Transaction, pool: Pool, now: datetime) -> None:
    """Write a new pool."""
    tx.add(
        PoolRow(
            id=pool.id,
            name=pool.name,
            questionnaire=pool.questionnaire,
            coordinator_id=pool.coordinator_id,
            hours=availability_to_json(pool.hours),
            zone=pool.zone,
            answer_within_s=_seconds(pool.answer_within),
            accept_within_s=_seconds(pool.accept_within),
            answer_time_s=_seconds(pool.answer_time),
            open_now_only=pool.open_now_only,
            virtual_time=pool.virtual_time,
            created_at=now,
        )
    )
    await tx.flush()


async def lock_pool(tx: Transaction, pool_id: PoolId) -> Pool:
    """The pool, held until the transaction ends: one assignment at a time.  Raises PoolUnknown."""
    held: dict[PoolId, Pool] = tx.info.setdefault(_HELD, {})
    if pool_id not in held:
        held[pool_id] = _require(await _LOCK_POOL.fetch(tx, pool_id), pool_id)
    return held[pool_id]


async def get_pool(tx: Transaction, pool_id: PoolId) -> Pool:
    """Raises PoolUnknown."""
    held: dict[PoolId, Pool] = tx.info.get(_HELD, {})
    return held.get(pool_id) or _require(await _GET_POOL.fetch(tx, pool_id), pool_id)


def forget_held(tx: Transaction, pool_id: PoolId) -> None:
    """The held pool's row was written: it is read again when it is asked for again."""
    tx.info.get(_HELD, {}).pop(pool_id, None)


async def list_pools(tx: Transaction, questionnaire: str | None, limit: int) -> list[Pool]:
    """Pools that receive that form (all if None), oldest first."""
    query = select_columns(*_POOL_COLUMNS).order_by(_POOL.c.id).limit(limit)
    if questionnaire is not None:
        query = query.where(_POOL.c.questionnaire == questionnaire)
    return [_pool(row) for row in await (await tx.connection()).execute(query)]


async def list_places(tx: Transaction, practitioner_id: PractitionerId) -> tuple[list[PoolId], list[PoolId]]:
    """The pools that somebody coordinates, and those in which they are active, by identifier."""
    runs = await tx.exec(select(PoolRow.id).where(PoolRow.coordinator_id == practitioner_id).order_by(col(PoolRow.id)))
    coordinated = [PoolId(pool_id) for pool_id in runs]
    gives = await tx.exec(
        select(PoolMemberRow.pool_id)
        .where(PoolMemberRow.practitioner_id == practitioner_id, col(PoolMemberRow.active))
        .order_by(col(PoolMemberRow.pool_id))
    )
    return coordinated, [PoolId(pool_id) for pool_id in gives]


async def list_active(tx: Transaction, pool_ids: Collection[PoolId]) -> dict[PoolId, frozenset[PractitionerId]]:
    """Who takes turns in each of these pools; a pool without anybody is absent."""
    query = select(PoolMemberRow.pool_id, PoolMemberRow.practitioner_id).where(
        col(PoolMemberRow.pool_id).in_(pool_ids), col(PoolMemberRow.active)
    )
    active: dict[PoolId, set[PractitionerId]] = defaultdict(set)
    for pool_id, practitioner_id in await tx.exec(query):
        active[PoolId(pool_id)].add(PractitionerId(practitioner_id))
    return {pool_id: frozenset(members) for pool_id, members in active.items()}


async def put_member(tx: Transaction, pool: Pool, practitioner_id: PractitionerId, terms: Terms, now: datetime) -> None:
    """Join at the pool's virtual time, or go on under other terms at one's own place."""
    row = await tx.get(PoolMemberRow, (pool.id, practitioner_id), populate_existing=True)
    if row is None:
        row = PoolMemberRow(pool_id=pool.id, practitioner_id=practitioner_id, credit=pool.virtual_time, joined_at=now)
    row.weight, row.cap, row.weekly_quota, row.active = terms.weight, terms.cap, terms.weekly_quota, terms.active
    row.competences = sorted(terms.competences)
    tx.add(row)
    await tx.flush()


async def list_members(tx: Transaction, pool: Pool, now: datetime) -> list[Member]:
    """The pool's members with their counts, in the order of their identifiers; their calendars are not loaded."""
    members, counts = await _STANDINGS.fetch(tx, (pool.id,), (pool.id, pool.week_start(now)))
    return _members(members, counts)


async def look_up(
    tx: Transaction, pool: Pool, request_id: RequestId, now: datetime
) -> tuple[list[Member], list[Attempt]]:
    """`list_members`, and everybody who was asked for the request before, oldest first."""
    this_week = (pool.id, pool.week_start(now))
    members, counts, attempts = await _LOOK_UP.fetch(tx, (pool.id,), this_week, (request_id,))
    return _members(members, counts), attempt_store.read(attempts)


async def put(
    tx: Transaction,
    row_id: str,
    request_id: RequestId,
    pool: Pool,
    attempt: Attempt | None,
    decision: Decision,
    now: datetime,
) -> None:
    """Keep a choice with what follows from it: the attempt, the credits and the virtual time.  Under the pool's lock.

    Raises AlreadyAssigned.
    """
    if attempt is None:
        await insert_decision(tx, row_id, request_id, pool.id, None, decision, now)
        return
    record = _decided(row_id, request_id, pool.id, attempt.id, decision, now)
    await attempt_store.insert(tx, attempt, *_turn(pool, decision, now), record)
    if decision.virtual_time != pool.virtual_time:
        forget_held(tx, pool.id)


def _turn(pool: Pool, decision: Decision, now: datetime) -> list[Change]:
    """The credits and the virtual time that a decision leads to."""
    changes = []
    carried = [(pool.id, who, credit) for who, credit in decision.credits.items() if who != decision.chosen]
    if carried:
        changes.append(Change(_CARRY, carried))
    if decision.chosen is not None:
        changes.append(Change(_TAKE_TURN, (pool.id, decision.chosen, decision.credits[decision.chosen], now)))
    if decision.virtual_time != pool.virtual_time:
        changes.append(Change(_MOVE_TIME, (pool.id, decision.virtual_time)))
    return changes


async def refund(tx: Transaction, pool_id: PoolId, practitioner_id: PractitionerId, charge: int) -> None:
    """Give the credit of a turn back.  Under the pool's lock."""
    await tx.exec(
        update(PoolMemberRow)
        .where(col(PoolMemberRow.pool_id) == pool_id, col(PoolMemberRow.practitioner_id) == practitioner_id)
        .values(credit=col(PoolMemberRow.credit) - charge)
    )


async def insert_decision(
    tx: Transaction,
    row_id: str,
    request_id: RequestId,
    pool_id: PoolId,
    attempt_id: str | None,
    decision: Decision,
    now: datetime,
) -> None:
    """Keep what was weighed, and why each was set aside."""
    await write(tx, _decided(row_id, request_id, pool_id, attempt_id, decision, now))


def _decided(
    row_id: str, request_id: RequestId, pool_id: PoolId, attempt_id: str | None, decision: Decision, now: datetime
) -> Change:
    said = _DECISION.dump_json(decision).decode()
    return Change(_INSERT_DECISION, (row_id, request_id, pool_id, attempt_id, now, said))


async def find_decision(tx: Transaction, attempt_id: str) -> Decision | None:
    """The decision that led to an attempt."""
    query = select(DispatchDecisionRow.decision).where(DispatchDecisionRow.attempt_id == attempt_id)
    decision = (await tx.exec(query)).one_or_none()
    return None if decision is None else _DECISION.validate_python(decision)


async def find_last_decision(tx: Transaction, request_id: RequestId, pool_id: PoolId) -> Decision | None:
    """The last choice that was tried for a request in a pool."""
    query = (
        select(DispatchDecisionRow.decision)
        .where(DispatchDecisionRow.request_id == request_id, DispatchDecisionRow.pool_id == pool_id)
        .order_by(col(DispatchDecisionRow.id).desc())
        .limit(1)
    )
    decision = (await tx.exec(query)).one_or_none()
    return None if decision is None else _DECISION.validate_python(decision)


async def list_decisions(tx: Transaction, request_id: RequestId, limit: int) -> list[Recorded]:
    """Every choice made for a request, oldest first."""
    query = (
        select(DispatchDecisionRow)
        .where(DispatchDecisionRow.request_id == request_id)
        .order_by(col(DispatchDecisionRow.id))
        .limit(limit)
    )
    return [
        Recorded(row.decided_at, PoolId(row.pool_id), _DECISION.validate_python(row.decision))
        for row in await tx.exec(query)
    ]


def _members(rows: Sequence[Sequence[Any]], counted: Sequence[Sequence[Any]]) -> list[Member]:
    counts = {who: (open_count, week_count) for who, open_count, week_count in counted}
    return [
        Member(
            PractitionerId(who),
            Terms(weight, _competences(competences), cap, weekly_quota, active),
            Availability(),
            credit,
            last_turn,
            *counts.get(who, (0, 0)),
        )
        for who, weight, competences, cap, weekly_quota, active, credit, last_turn in rows
    ]


@lru_cache(maxsize=1024)
def _competences(text: str) -> frozenset[str]:
    return frozenset(msgspec.json.decode(text, type=list[str]))


def _require(rows: Sequence[Sequence[Any]], pool_id: PoolId) -> Pool:
    if not rows:
        raise PoolUnknown(pool=pool_id)
    return _pool(rows[0])


def _pool(row: Sequence[Any]) -> Pool:
    (
        id_, name, questionnaire, coordinator_id, hours, zone,
        answer_within_s, accept_within_s, answer_time_s, open_now_only, virtual_time,
    ) = row  # fmt: skip
    return Pool(
        id=PoolId(id_),
        name=name,
        questionnaire=questionnaire,
        coordinator_id=PractitionerId(coordinator_id),
        hours=_hours(hours),
        zone=zone,
        answer_within=timedelta(seconds=answer_within_s),
        accept_within=timedelta(seconds=accept_within_s),
        answer_time=timedelta(seconds=answer_time_s),
        open_now_only=open_now_only,
        virtual_time=virtual_time,
    )


@lru_cache(maxsize=256)
def _hours(text: str) -> Availability:
    """Written once, and read for every request."""
    return availability_from_text(text)


def _seconds(duration: timedelta) -> int:
    return round(duration.total_seconds())
