"""Queries on attempts."""

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.dispatch.attempts.model import LIVE, Attempt, AttemptState, DeclineReason
from teleexpertise.dispatch.attempts.tables import AttemptRow
from teleexpertise.dispatch.errors import AlreadyAssigned, AttemptUnknown
from teleexpertise.dispatch.model import Choice

_FRESH = {"populate_existing": True}


async def insert(tx: Transaction, attempt: Attempt) -> None:
    """Write a new attempt.  Raises AlreadyAssigned if the request has a live one."""
    row = AttemptRow(
        id=attempt.id,
        request_id=attempt.request_id,
        pool_id=attempt.pool_id,
        practitioner_id=attempt.practitioner_id,
        choice=attempt.choice,
        charge=attempt.charge,
        state=attempt.state,
        offered_at=attempt.offered_at,
        expires_at=attempt.expires_at,
    )
    tx.add(row)
    try:
        await tx.flush()
    except IntegrityError:
        raise AlreadyAssigned(request=attempt.request_id) from None


async def save(tx: Transaction, attempt: Attempt) -> None:
    """Write what a transition changed."""
    row = await tx.get_one(AttemptRow, attempt.id)
    row.state, row.charge, row.reason = attempt.state, attempt.charge, attempt.reason or ""
    row.accepted_at, row.ended_at = attempt.accepted_at, attempt.ended_at
    tx.add(row)
    await tx.flush()


async def lock(tx: Transaction, attempt_id: str) -> Attempt:
    """An attempt, held until the transaction ends.  Raises AttemptUnknown."""
    query = select(AttemptRow).where(AttemptRow.id == attempt_id).with_for_update()
    row = (await tx.exec(query.execution_options(**_FRESH))).one_or_none()
    if row is None:
        raise AttemptUnknown(attempt=attempt_id)
    return _attempt(row)


async def get(tx: Transaction, attempt_id: str) -> Attempt:
    """Raises AttemptUnknown."""
    row = await tx.get(AttemptRow, attempt_id)
    if row is None:
        raise AttemptUnknown(attempt=attempt_id)
    return _attempt(row)


async def list_of_request(tx: Transaction, request_id: RequestId) -> list[Attempt]:
    """Every attempt of a request, oldest first: at most one per expert and pool, but for those withdrawn."""
    query = select(AttemptRow).where(AttemptRow.request_id == request_id).order_by(col(AttemptRow.id))
    return [_attempt(row) for row in await tx.exec(query.execution_options(**_FRESH))]


async def list_live(tx: Transaction, practitioner_id: PractitionerId, limit: int) -> Sequence[Attempt]:
    """What an expert holds now, oldest offer first."""
    query = (
        select(AttemptRow)
        .where(AttemptRow.practitioner_id == practitioner_id, col(AttemptRow.state).in_(LIVE))
        .order_by(col(AttemptRow.offered_at), col(AttemptRow.id))
        .limit(limit)
    )
    return [_attempt(row) for row in await tx.exec(query.execution_options(**_FRESH))]


def _attempt(row: AttemptRow) -> Attempt:
    return Attempt(
        id=row.id,
        request_id=RequestId(row.request_id),
        pool_id=PoolId(row.pool_id),
        practitioner_id=PractitionerId(row.practitioner_id),
        choice=Choice(row.choice),
        charge=row.charge,
        offered_at=row.offered_at,
        expires_at=row.expires_at,
        state=AttemptState(row.state),
        reason=DeclineReason(row.reason) if row.reason else None,
        accepted_at=row.accepted_at,
        ended_at=row.ended_at,
    )
