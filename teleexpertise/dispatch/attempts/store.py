"""Queries on attempts."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy import insert as insert_into
from sqlalchemy.exc import IntegrityError

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from miss.storage.direct import Change, PortableStatement, write
from teleexpertise.dispatch.attempts.model import LIVE, Attempt, AttemptState, DeclineReason
from teleexpertise.dispatch.attempts.tables import AttemptRow
from teleexpertise.dispatch.errors import AlreadyAssigned, AttemptUnknown
from teleexpertise.dispatch.model import Choice

_ATTEMPT = AttemptRow.__table__  # type: ignore[attr-defined]
_NAMES = (
    "id", "request_id", "pool_id", "practitioner_id", "choice", "charge", "offered_at", "expires_at",
    "state", "reason", "accepted_at", "ended_at",
)  # fmt: skip
_MOVED = ("state", "charge", "reason", "accepted_at", "ended_at")
_COLUMNS = tuple(_ATTEMPT.c[name] for name in _NAMES)
_ONE = select(*_COLUMNS).where(_ATTEMPT.c.id == bindparam("attempt_id"))
_GET = PortableStatement(_ONE, ("attempt_id",))
_LOCK = PortableStatement(_ONE.with_for_update(), ("attempt_id",))
_INSERT = PortableStatement(insert_into(_ATTEMPT), _NAMES)
_SAVE = PortableStatement(update(_ATTEMPT).where(_ATTEMPT.c.id == bindparam("of_id")), ("of_id", *_MOVED))
OF_REQUEST = PortableStatement(
    select(*_COLUMNS).where(_ATTEMPT.c.request_id == bindparam("request_id")).order_by(_ATTEMPT.c.id), ("request_id",)
)
"""Part of what dispatch asks under the pool's lock; its rows: `read`."""


async def insert(tx: Transaction, attempt: Attempt, *others: Change) -> None:
    """Write a new attempt, and what goes with it.  Raises AlreadyAssigned if the request has a live one."""
    try:
        await write(tx, _inserted(attempt), *others)
    except IntegrityError:
        raise AlreadyAssigned(request=attempt.request_id) from None


def _inserted(attempt: Attempt) -> Change:
    return Change(
        _INSERT,
        (
            attempt.id, attempt.request_id, attempt.pool_id, attempt.practitioner_id, attempt.choice, attempt.charge,
            attempt.offered_at, attempt.expires_at, attempt.state, attempt.reason or "",
            attempt.accepted_at, attempt.ended_at,
        ),
    )  # fmt: skip


async def save(tx: Transaction, attempt: Attempt) -> None:
    """Write what a transition changed."""
    moved = (attempt.state, attempt.charge, attempt.reason or "", attempt.accepted_at, attempt.ended_at)
    await _SAVE.fetch(tx, attempt.id, *moved)


async def lock(tx: Transaction, attempt_id: str) -> Attempt:
    """An attempt, held until the transaction ends.  Raises AttemptUnknown."""
    return _require(await _LOCK.fetch(tx, attempt_id), attempt_id)


async def get(tx: Transaction, attempt_id: str) -> Attempt:
    """Raises AttemptUnknown."""
    return _require(await _GET.fetch(tx, attempt_id), attempt_id)


async def list_of_request(tx: Transaction, request_id: RequestId) -> list[Attempt]:
    """Every attempt of a request, oldest first: at most one per expert and pool, but for those withdrawn."""
    return read(await OF_REQUEST.fetch(tx, request_id))


async def list_live(tx: Transaction, practitioner_id: PractitionerId, limit: int) -> Sequence[Attempt]:
    """What an expert holds now, oldest offer first."""
    query = (
        select(*_COLUMNS)
        .where(_ATTEMPT.c.practitioner_id == practitioner_id, _ATTEMPT.c.state.in_(LIVE))
        .order_by(_ATTEMPT.c.offered_at, _ATTEMPT.c.id)
        .limit(limit)
    )
    return read((await (await tx.connection()).execute(query)).all())


def read(rows: Sequence[Sequence[Any]]) -> list[Attempt]:
    """The rows of `OF_REQUEST`."""
    return [_attempt(row) for row in rows]


def _require(rows: Sequence[Sequence[Any]], attempt_id: str) -> Attempt:
    if not rows:
        raise AttemptUnknown(attempt=attempt_id)
    return _attempt(rows[0])


def _attempt(row: Sequence[Any]) -> Attempt:
    (
        id_, request_id, pool_id, practitioner_id, choice, charge, offered_at, expires_at,
        state, reason, accepted_at, ended_at,
    ) = row  # fmt: skip
    return Attempt(
        id=id_,
        request_id=RequestId(request_id),
        pool_id=PoolId(pool_id),
        practitioner_id=PractitionerId(practitioner_id),
        choice=Choice(choice),
        charge=charge,
        offered_at=offered_at,
        expires_at=expires_at,
        state=AttemptState(state),
        reason=DeclineReason(reason) if reason else None,
        accepted_at=accepted_at,
        ended_at=ended_at,
    )
