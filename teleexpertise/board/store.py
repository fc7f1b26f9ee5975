"""Queries of the boards: reading only, but for the figures of an answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter
from sqlmodel import col, func, select

from miss.base.ids import PoolId, PractitionerId, new_row_id
from miss.storage import Transaction
from teleexpertise.board.model import Answered, Choice, Turn, choice_of
from teleexpertise.board.tables import AnswerFigureRow
from teleexpertise.dispatch.attempts.model import AttemptState, DeclineReason
from teleexpertise.dispatch.attempts.tables import AttemptRow
from teleexpertise.dispatch.model import Decision
from teleexpertise.dispatch.tables import DispatchDecisionRow, PoolMemberRow, PoolRow
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State
from teleexpertise.requests.tables import RequestFactRow, RequestRow

MOST = 20_000
"""Rows of one kind that a board counts: a pool that has more in twelve weeks sees the latest."""
_DECISION = TypeAdapter(Decision)
_WAITING = (State.READY, State.ASSIGNED, State.IN_PROGRESS)


@dataclass(frozen=True, slots=True)
class Moved:
    """A fact, and whom it may concern."""

    fact_id: str
    number: str
    people: frozenset[PractitionerId]


async def put_answer(
    tx: Transaction, request: ExpertiseRequest, expert: PractitionerId, now: datetime, quality: str, writing_s: int
) -> None:
    """Keep the figures of a request's first answer; a correction later changes nothing of how long it took."""
    sent = request.require_sent()
    if await tx.get(AnswerFigureRow, request.id) is None:
        tx.add(
            AnswerFigureRow(
                request_id=request.id,
                pool_id=sent.pool_id,
                expert_id=expert,
                asked_at=sent.at,
                answered_at=now,
                quality=quality[:24],
                writing_s=writing_s,
            )
        )
        await tx.flush()


async def list_weights(tx: Transaction, pool_id: PoolId) -> dict[PractitionerId, int]:
    """Who takes turns in a pool, with their weight."""
    query = (
        select(PoolMemberRow.practitioner_id, PoolMemberRow.weight)
        .where(PoolMemberRow.pool_id == pool_id, col(PoolMemberRow.active))
        .order_by(col(PoolMemberRow.practitioner_id))
    )
    return {PractitionerId(expert): weight for expert, weight in await tx.exec(query)}


async def list_turns(tx: Transaction, pool_id: PoolId, since: datetime) -> list[Turn]:
    """Who was asked since then, or answered for a turn since then."""
    query = (
        select(AttemptRow)
        .where(
            AttemptRow.pool_id == pool_id,
            (col(AttemptRow.offered_at) >= since) | (col(AttemptRow.ended_at) >= since),
        )
        .order_by(col(AttemptRow.offered_at).desc())
        .limit(MOST)
    )
    return [
        Turn(
            PractitionerId(row.practitioner_id),
            row.offered_at,
            AttemptState(row.state),
            row.ended_at,
            DeclineReason(row.reason) if row.reason else None,
            is_refunded=row.charge == 0,
        )
        for row in await tx.exec(query)
    ]


async def list_answered(tx: Transaction, pool_id: PoolId, since: datetime) -> list[Answered]:
    """What was answered since then."""
    asked_again = (
        select(RequestFactRow.id)
        .where(
            RequestFactRow.request_id == AnswerFigureRow.request_id,
            RequestFactRow.kind == FactKind.CLARIFICATION_ASKED,
        )
        .exists()
    )
    query = (
        select(AnswerFigureRow, asked_again)
        .where(AnswerFigureRow.pool_id == pool_id, col(AnswerFigureRow.answered_at) >= since)
        .order_by(col(AnswerFigureRow.answered_at).desc())
        .limit(MOST)
    )
    return [
        Answered(
            PractitionerId(row.expert_id),
            row.asked_at,
            row.answered_at,
            row.quality,
            row.writing_s,
            bool(was_clarified),
        )
        for row, was_clarified in await tx.exec(query)
    ]


async def list_choices(tx: Transaction, pool_id: PoolId, since: datetime) -> list[Choice]:
    """Every choice since then, oldest first, found by the time in their key."""
    query = (
        select(DispatchDecisionRow.decided_at, DispatchDecisionRow.decision)
        .where(DispatchDecisionRow.pool_id == pool_id, col(DispatchDecisionRow.id) >= new_row_id(since, bytes))
        .order_by(col(DispatchDecisionRow.id).desc())
        .limit(MOST)
    )
    found = [(at, _DECISION.validate_python(decision)) for at, decision in await tx.exec(query)]
    return [choice_of(at, decision) for at, decision in reversed(found)]


async def list_moved(tx: Transaction, after: str, *, limit: int) -> Sequence[Moved]:
    """Facts whose key is greater, oldest first, each with everybody who has its request in a list of theirs."""
    query = (
        select(  # type: ignore[call-overload]  # six columns: sqlmodel's stubs end at four
            RequestFactRow.id,
            RequestFactRow.actor_id,
            RequestRow.number,
            RequestRow.requester_id,
            RequestRow.holder_id,
            PoolRow.coordinator_id,
        )
        .join(RequestRow, col(RequestRow.id) == RequestFactRow.request_id)
        .join(PoolRow, col(PoolRow.id) == RequestRow.pool_id, isouter=True)
        .where(col(RequestFactRow.id) > after)
        .order_by(col(RequestFactRow.id))
        .limit(limit)
    )
    return [
        Moved(row[0], row[2], frozenset(PractitionerId(one) for one in (row[1], row[3], row[4], row[5]) if one))
        for row in await tx.exec(query)
    ]


async def count_by_deadline(tx: Transaction, now: datetime, soon: datetime) -> dict[str, int]:
    """Requests that somebody still has to answer: `late`, due `soon`, or `in_time`; and those of which nobody is
    asked, `unassigned`, counted apart as well."""
    waiting = select(RequestRow.state, RequestRow.deadline_at).where(col(RequestRow.state).in_(_WAITING))
    counts = dict.fromkeys(("late", "soon", "in_time", "unassigned"), 0)
    for state, deadline_at in await tx.exec(waiting):
        if deadline_at is not None:
            counts["late" if deadline_at < now else "soon" if deadline_at < soon else "in_time"] += 1
        counts["unassigned"] += state == State.READY
    return counts


async def last_fact(tx: Transaction) -> str:
    """The greatest key of a fact; empty: nothing happened yet."""
    return (await tx.exec(select(func.max(RequestFactRow.id)))).one() or ""
