"""Queries on requests.  Rows stay here; what is sealed is handed out sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

from sqlalchemy import text
from sqlmodel import col, func, select

from miss.base.ids import PoolId, PractitionerId, RequestId, new_row_id
from miss.base.random import RandomBytes
from miss.storage import Transaction
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import TOLD, ExpertiseRequest, Fact, FactKind, Sent, State, compose_number
from teleexpertise.requests.tables import (
    RequestFactRow,
    RequestNoteRow,
    RequestRow,
    SubmissionRow,
    ThreadMailRow,
)

_FRESH = {"populate_existing": True}
_NEXT_NUMBER = text(
    "INSERT INTO expertise_number (year, last) VALUES (:year, 1) "
    "ON CONFLICT (year) DO UPDATE SET last = expertise_number.last + 1 RETURNING last"
)
"""Both databases know it; a row that is looked for first, then written, is written twice on New Year's Day."""


@dataclass(frozen=True, slots=True, repr=False)
class Stored:
    """A request with what it says, still sealed."""

    request: ExpertiseRequest
    content: bytes
    answer: bytes
    """Empty while there is no answer."""


@dataclass(frozen=True, slots=True)
class KnownSubmission:
    """An arrival that was recorded before."""

    request_id: RequestId
    is_same: bool
    """Same key and same content."""


async def take_number(tx: Transaction, year: int) -> str:
    """The next number of that year, given to nobody else, though the year's first requests come together."""
    taken = await (await tx.connection()).execute(_NEXT_NUMBER, {"year": year})
    return compose_number(year, taken.scalar_one())


async def insert(tx: Transaction, request: ExpertiseRequest, content: bytes) -> None:
    """Write a new request."""
    row = RequestRow(
        id=request.id, number=request.number, requester_id=request.requester, state=request.state,
        created_at=request.created_at, content=content,
    )  # fmt: skip
    _copy(request, row)
    tx.add(row)
    await tx.flush()


async def save(
    tx: Transaction, request: ExpertiseRequest, *, content: bytes | None = None, answer: bytes | None = None
) -> None:
    """Write what a move changed; `content` only while it is a draft."""
    row = await tx.get_one(RequestRow, request.id)
    _copy(request, row)
    if content is not None:
        row.content = content
    if answer is not None:
        row.answer = answer
    tx.add(row)
    await tx.flush()


async def lock(tx: Transaction, request_id: RequestId) -> Stored:
    """A request, held until the transaction ends (the pool, if need be, was locked before).  Raises RequestUnknown."""
    query = select(RequestRow).where(RequestRow.id == request_id).with_for_update()
    return _require((await tx.exec(query.execution_options(**_FRESH))).one_or_none())


async def get(tx: Transaction, request_id: RequestId) -> Stored:
    """Raises RequestUnknown."""
    return _require(await tx.get(RequestRow, request_id))


async def get_by_number(tx: Transaction, number: str) -> Stored:
    """Raises RequestUnknown."""
    return _require((await tx.exec(select(RequestRow).where(RequestRow.number == number))).one_or_none())


async def list_held(tx: Transaction, holder: PractitionerId, *, limit: int = 200) -> list[Stored]:
    """What an expert has in hand, the earliest deadline first."""
    states = (State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    query = (
        select(RequestRow)
        .where(RequestRow.holder_id == holder, col(RequestRow.state).in_(states))
        .order_by(col(RequestRow.deadline_at), col(RequestRow.id))
        .limit(limit)
    )
    return [_stored(row) for row in await tx.exec(query)]


async def list_answered(tx: Transaction, holder: PractitionerId, *, limit: int = 20) -> list[Stored]:
    """What an expert answered, the latest first."""
    query = (
        select(RequestRow)
        .where(RequestRow.holder_id == holder, col(RequestRow.state).in_(TOLD))
        .order_by(col(RequestRow.ended_at).desc())
        .limit(limit)
    )
    return [_stored(row) for row in await tx.exec(query)]


async def list_of_requester(tx: Transaction, requester: PractitionerId, *, limit: int = 200) -> list[Stored]:
    """What somebody asked, the latest first."""
    query = (
        select(RequestRow)
        .where(RequestRow.requester_id == requester)
        .order_by(col(RequestRow.created_at).desc(), col(RequestRow.id).desc())
        .limit(limit)
    )
    return [_stored(row) for row in await tx.exec(query)]


async def list_open(tx: Transaction, pool_id: PoolId, *, limit: int = 200) -> list[ExpertiseRequest]:
    """What a pool has not answered yet, the earliest deadline first."""
    states = (State.READY, State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    query = (
        select(RequestRow)
        .where(RequestRow.pool_id == pool_id, col(RequestRow.state).in_(states))
        .order_by(col(RequestRow.deadline_at), col(RequestRow.id))
        .limit(limit)
    )
    return [_stored(row).request for row in await tx.exec(query)]


async def list_waiting(tx: Transaction, pool_id: PoolId, *, limit: int = 200) -> list[RequestId]:
    """What nobody of a pool holds, the earliest deadline first."""
    query = (
        select(RequestRow.id)
        .where(RequestRow.pool_id == pool_id, RequestRow.state == State.READY)
        .order_by(col(RequestRow.deadline_at), col(RequestRow.id))
        .limit(limit)
    )
    return [RequestId(request_id) for request_id in await tx.exec(query)]


async def tally(tx: Transaction, since: datetime, until: datetime) -> dict[PractitionerId, int]:
    """How many requests each person began from `since` to before `until` and sent, found by the time in their key."""
    query = (
        select(RequestRow.requester_id, func.count())
        .where(
            col(RequestRow.id) >= new_row_id(since, bytes),
            col(RequestRow.id) < new_row_id(until, bytes),
            col(RequestRow.submitted_at).is_not(None),
        )
        .group_by(col(RequestRow.requester_id))
    )
    return {PractitionerId(of): count for of, count in await tx.exec(query)}


async def add_fact(tx: Transaction, request_id: RequestId, fact: Fact, random_bytes: RandomBytes) -> None:
    """Put one line on the timeline."""
    tx.add(
        RequestFactRow(
            id=new_row_id(fact.at, random_bytes),
            request_id=request_id,
            kind=fact.kind,
            at=fact.at,
            actor_id=fact.actor or "",
            reason=fact.reason,
        )
    )
    await tx.flush()


async def list_facts(tx: Transaction, request_id: RequestId, *, limit: int = 500) -> list[Fact]:
    """The timeline, oldest first."""
    query = (
        select(RequestFactRow)
        .where(RequestFactRow.request_id == request_id)
        .order_by(col(RequestFactRow.at), col(RequestFactRow.id))
        .limit(limit)
    )
    return [
        Fact(FactKind(row.kind), row.at, PractitionerId(row.actor_id) if row.actor_id else None, row.reason)
        for row in await tx.exec(query)
    ]


async def add_note(tx: Transaction, request_id: RequestId, note_id: str, sealed: bytes) -> bool:
    """Append a sealed note; False if that note is there already."""
    if await tx.get(RequestNoteRow, note_id) is not None:
        return False
    tx.add(RequestNoteRow(id=note_id, request_id=request_id, note=sealed))
    await tx.flush()
    return True


async def list_notes(tx: Transaction, request_id: RequestId, *, limit: int = 200) -> list[bytes]:
    """The sealed notes of a request, oldest first."""
    query = (
        select(RequestNoteRow.note)
        .where(RequestNoteRow.request_id == request_id)
        .order_by(col(RequestNoteRow.id))
        .limit(limit)
    )
    return list(await tx.exec(query))


async def find_submission(
    tx: Transaction, requester: PractitionerId, key: str, content: bytes
) -> KnownSubmission | None:
    """What is known of the submission `key` of that requester; None: it is new.  `content`: a digest of it."""
    query = (
        select(SubmissionRow)
        .where(SubmissionRow.requester_id == requester, SubmissionRow.key_digest == _digest(key))
        .order_by(col(SubmissionRow.id))
    )
    rows: Sequence[SubmissionRow] = (await tx.exec(query)).all()
    if not rows:
        return None
    is_same = any(row.content_digest == content.hex() for row in rows)
    return KnownSubmission(RequestId(rows[0].request_id), is_same)


async def add_submission(
    tx: Transaction,
    row_id: str,
    requester: PractitionerId,
    *,
    key: str,
    content: bytes,
    request_id: RequestId,
    now: datetime,
    rejected: bytes = b"",
) -> None:
    """Record an arrival.  `rejected`: what came under a known key with other content, sealed."""
    tx.add(
        SubmissionRow(
            id=row_id,
            request_id=request_id,
            requester_id=requester,
            key_digest=_digest(key),
            content_digest=content.hex(),
            received_at=now,
            differs=bool(rejected),
            rejected=rejected,
        )
    )
    await tx.flush()


async def count_submissions(tx: Transaction, request_id: RequestId) -> int:
    """How often something arrived for a request."""
    query = select(func.count()).select_from(SubmissionRow).where(SubmissionRow.request_id == request_id)
    return (await tx.exec(query)).one()


async def list_rejected(tx: Transaction, request_id: RequestId, *, limit: int = 20) -> list[bytes]:
    """What came under a request's key with other content, sealed, oldest first."""
    query = (
        select(SubmissionRow.rejected)
        .where(SubmissionRow.request_id == request_id, col(SubmissionRow.differs).is_(True))
        .order_by(col(SubmissionRow.id))
        .limit(limit)
    )
    return list(await tx.exec(query))


async def add_thread_mail(tx: Transaction, message_id: str, request_id: RequestId) -> None:
    """Have replies to that mail find their request; the first request that a Message-ID belongs to keeps it."""
    digest = _digest(message_id)
    if await tx.get(ThreadMailRow, digest) is None:
        tx.add(ThreadMailRow(message_digest=digest, request_id=request_id))
        await tx.flush()


async def find_by_thread(tx: Transaction, message_ids: Sequence[str]) -> RequestId | None:
    """The request that the latest of these Message-IDs belongs to."""
    for message_id in reversed(message_ids):
        row = await tx.get(ThreadMailRow, _digest(message_id))
        if row is not None:
            return RequestId(row.request_id)
    return None


def _digest(key: str) -> str:
    """Message-IDs come from outside, of any length and with whatever their sender's software writes there."""
    return blake2b(key.encode("utf-8", "replace"), digest_size=32).hexdigest()


def _require(row: RequestRow | None) -> Stored:
    if row is None:
        raise RequestUnknown
    return _stored(row)


def _copy(request: ExpertiseRequest, row: RequestRow) -> None:
    row.state, row.canonical = request.state, request.canonical
    row.holder_id, row.attempt_id = request.holder or "", request.attempt_id
    if request.sent is not None:
        row.pool_id, row.submitted_at = request.sent.pool_id, request.sent.at
        row.deadline_at = request.sent.deadline_at
        row.half_at, row.most_at = request.sent.remind_at or (None, None)
    row.offer_expires_at, row.held_since, row.ended_at = request.offer_expires_at, request.held_since, request.ended_at
    row.reminded_at = request.reminded_at
    row.follows_id, row.continuity_id = request.follows or "", request.continuity or ""


def _stored(row: RequestRow) -> Stored:
    request = ExpertiseRequest(
        id=RequestId(row.id),
        number=row.number,
        requester=PractitionerId(row.requester_id),
        state=State(row.state),
        canonical=row.canonical,
        created_at=row.created_at,
        sent=Sent(
            PoolId(row.pool_id),
            row.submitted_at,
            row.deadline_at,
            (row.half_at, row.most_at) if row.half_at and row.most_at else (),
        )
        if row.submitted_at and row.deadline_at
        else None,
        holder=PractitionerId(row.holder_id) if row.holder_id else None,
        attempt_id=row.attempt_id,
        offer_expires_at=row.offer_expires_at,
        held_since=row.held_since,
        ended_at=row.ended_at,
        reminded_at=row.reminded_at,
        follows=RequestId(row.follows_id) if row.follows_id else None,
        continuity=PractitionerId(row.continuity_id) if row.continuity_id else None,
    )
    return Stored(request, row.content, row.answer)
