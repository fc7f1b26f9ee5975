"""Queries on pools, members and the record of choices; those on attempts are in `attempts.store`.

Credits and virtual time are written only by whoever holds the pool's lock.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import func, or_, update
from sqlmodel import col, select

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.availability import Availability, availability_from_json, availability_to_json
from teleexpertise.dispatch.attempts.model import LIVE
from teleexpertise.dispatch.attempts.tables import AttemptRow
from teleexpertise.dispatch.errors import PoolUnknown
from teleexpertise.dispatch.model import Decision, Member, Pool, Terms
from teleexpertise.dispatch.tables import DispatchDecisionRow, PoolMemberRow, PoolRow

_DECISION = TypeAdapter(Decision)
_FRESH = {"populate_existing": True}
"""A transaction may have read the row before it held the lock."""
_HELD = "held_pools"
"""In a transaction's `info`: the pools it holds.  Nobody else can change them, so they are read once."""


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
        query = select(PoolRow).where(PoolRow.id == pool_id).with_for_update()
        held[pool_id] = _require(await _one_pool(tx, query), pool_id)
    return held[pool_id]


async def get_pool(tx: Transaction, pool_id: PoolId) -> Pool:
    """Raises PoolUnknown."""
    held: dict[PoolId, Pool] = tx.info.get(_HELD, {})
    return held.get(pool_id) or _require(await _one_pool(tx, select(PoolRow).where(PoolRow.id == pool_id)), pool_id)


def forget_held(tx: Transaction, pool_id: PoolId) -> None:
    """The held pool's row was written: it is read again when it is asked for again."""
    tx.info.get(_HELD, {}).pop(pool_id, None)


async def list_pools(tx: Transaction, questionnaire: str | None, limit: int) -> list[Pool]:
    """Pools that receive that form (all if None), oldest first."""
    query = select(PoolRow).order_by(col(PoolRow.id)).limit(limit)
    if questionnaire is not None:
        query = query.where(PoolRow.questionnaire == questionnaire)
    return [_pool(row) for row in await tx.exec(query.execution_options(**_FRESH))]


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
    counts = await _counts(tx, pool, now)
    query = select(PoolMemberRow).where(PoolMemberRow.pool_id == pool.id).order_by(col(PoolMemberRow.practitioner_id))
    members = []
    for row in await tx.exec(query.execution_options(**_FRESH)):
        open_count, week_count = counts.get(row.practitioner_id, (0, 0))
        members.append(
            Member(
                PractitionerId(row.practitioner_id),
                Terms(row.weight, frozenset(row.competences), row.cap, row.weekly_quota, row.active),
                Availability(),
                row.credit,
                row.last_turn,
                open_count,
                week_count,
            )
        )
    return members


async def take_turn(tx: Transaction, pool: Pool, decision: Decision, now: datetime) -> None:
    """Write the credits and the virtual time that a decision leads to.  Under the pool's lock."""
    by_credit: dict[int, list[PractitionerId]] = defaultdict(list)
    for practitioner_id, credit in decision.credits.items():
        if practitioner_id != decision.chosen:
            by_credit[credit].append(practitioner_id)
    in_pool = update(PoolMemberRow).where(col(PoolMemberRow.pool_id) == pool.id)
    for credit, ids in by_credit.items():
        await tx.exec(in_pool.where(col(PoolMemberRow.practitioner_id).in_(ids)).values(credit=credit))
    if decision.chosen is not None:
        turn = in_pool.where(col(PoolMemberRow.practitioner_id) == decision.chosen)
        await tx.exec(turn.values(credit=decision.credits[decision.chosen], last_turn=now))
    if decision.virtual_time != pool.virtual_time:
        await tx.exec(update(PoolRow).where(col(PoolRow.id) == pool.id).values(virtual_time=decision.virtual_time))
        forget_held(tx, pool.id)


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
    tx.add(
        DispatchDecisionRow(
            id=row_id,
            request_id=request_id,
            pool_id=pool_id,
            attempt_id=attempt_id,
            decided_at=now,
            decision=_DECISION.dump_python(decision, mode="json"),
        )
    )
    await tx.flush()


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


async def _counts(tx: Transaction, pool: Pool, now: datetime) -> Mapping[str, tuple[int, int]]:
    """By expert of the pool: requests held now, turns since Monday that were not refunded."""
    live = col(AttemptRow.state).in_(LIVE)
    this_week = col(AttemptRow.offered_at) >= pool.week_start(now)
    query = (
        select(
            AttemptRow.practitioner_id,
            func.count().filter(live),
            func.count().filter(this_week, col(AttemptRow.charge) > 0),
        )
        .where(AttemptRow.pool_id == pool.id, or_(live, this_week))
        .group_by(col(AttemptRow.practitioner_id))
    )
    return {who: (open_count, week_count) for who, open_count, week_count in await tx.exec(query)}


async def _one_pool(tx: Transaction, query: Any) -> PoolRow | None:
    row: PoolRow | None = (await tx.exec(query.execution_options(**_FRESH))).one_or_none()
    return row


def _require(row: PoolRow | None, pool_id: PoolId) -> Pool:
    if row is None:
        raise PoolUnknown(pool=pool_id)
    return _pool(row)


def _pool(row: PoolRow) -> Pool:
    return Pool(
        id=PoolId(row.id),
        name=row.name,
        questionnaire=row.questionnaire,
        coordinator_id=PractitionerId(row.coordinator_id),
        hours=availability_from_json(row.hours),
        zone=row.zone,
        answer_within=timedelta(seconds=row.answer_within_s),
        accept_within=timedelta(seconds=row.accept_within_s),
        answer_time=timedelta(seconds=row.answer_time_s),
        open_now_only=row.open_now_only,
        virtual_time=row.virtual_time,
    )


def _seconds(duration: timedelta) -> int:
    return round(duration.total_seconds())
