"""Queries on requests.  Rows stay here; what is sealed is handed out sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import bindparam, text, update
from sqlalchemy import insert as insert_into
from sqlalchemy import select as select_columns
from sqlmodel import col, func, select

from miss.base.ids import PoolId, PractitionerId, RequestId, new_row_id
from miss.base.random import RandomBytes
from miss.storage import Transaction
from miss.storage.direct import Change, PortableStatement, write
from teleexpertise.requests import rows
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import TOLD, ExpertiseRequest, Fact, FactKind, State, compose_number
from teleexpertise.requests.tables import (
    RequestFactRow,
    RequestNoteRow,
    RequestRow,
    SubmissionRow,
    ThreadMailRow,
)

_REQUEST = RequestRow.__table__  # type: ignore[attr-defined]
_COLUMNS = tuple(_REQUEST.c[name] for name in (*rows.KEPT, *rows.MOVED, "content", "answer"))
_ONE = select_columns(*_COLUMNS).where(_REQUEST.c.id == bindparam("request_id"))
_GET = PortableStatement(_ONE, ("request_id",))
_LOCK = PortableStatement(_ONE.with_for_update(), ("request_id",))
_INSERT = PortableStatement(insert_into(_REQUEST), (*rows.KEPT, *rows.MOVED, "content", "answer"))
_SAVE: dict[tuple[str, ...], PortableStatement] = {
    sealed: PortableStatement(
        update(_REQUEST).where(_REQUEST.c.id == bindparam("of_id")), ("of_id", *rows.MOVED, *sealed)
    )
    for sealed in ((), ("content",), ("answer",), ("content", "answer"))
}
_FACT = RequestFactRow.__table__  # type: ignore[attr-defined]
_ADD_FACT = PortableStatement(
    insert_into(_FACT), ("id", "request_id", "kind", "at", "actor_id", "reason", "through_id")
)
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
    await _INSERT.fetch(tx, *rows.kept(request), *rows.moved(request), content, b"")


async def save(
    tx: Transaction, request: ExpertiseRequest, *, content: bytes | None = None, answer: bytes | None = None
) -> None:
    """Write what a move changed; `content` only while it is a draft."""
    await write(tx, saved(request, content=content, answer=answer))


def saved(request: ExpertiseRequest, *, content: bytes | None = None, answer: bytes | None = None) -> Change:
    """What `save` writes, to be written together with what else the move changes."""
    sealed = {name: value for name, value in (("content", content), ("answer", answer)) if value is not None}
    return Change(_SAVE[tuple(sealed)], (request.id, *rows.moved(request), *sealed.values()))


async def lock(tx: Transaction, request_id: RequestId) -> Stored:
    """A request, held until the transaction ends (the pool, if need be, was locked before).  Raises RequestUnknown."""
    return _require(await _LOCK.fetch(tx, request_id))


async def get(tx: Transaction, request_id: RequestId) -> Stored:
    """Raises RequestUnknown."""
    return _require(await _GET.fetch(tx, request_id))


async def get_by_number(tx: Transaction, number: str) -> Stored:
    """Raises RequestUnknown."""
    query = select_columns(*_COLUMNS).where(_REQUEST.c.number == number)
    return _require((await (await tx.connection()).execute(query)).all())


async def list_held(tx: Transaction, holder: PractitionerId, *, limit: int = 200) -> list[Stored]:
    """What an expert has in hand, the earliest deadline first."""
    states = (State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    query = (
        select_columns(*_COLUMNS)
        .where(_REQUEST.c.holder_id == holder, col(RequestRow.state).in_(states))
        .order_by(col(RequestRow.deadline_at), col(RequestRow.id))
        .limit(limit)
    )
    return [_stored(row) for row in await (await tx.connection()).execute(query)]


async def list_answered(tx: Transaction, holder: PractitionerId, *, limit: int = 20) -> list[Stored]:
    """What an expert answered, the latest first."""
    query = (
        select_columns(*_COLUMNS)
        .where(_REQUEST.c.holder_id == holder, col(RequestRow.state).in_(TOLD))
        .order_by(col(RequestRow.ended_at).desc())
        .limit(limit)
    )
    return [_stored(row) for row in await (await tx.connection()).execute(query)]


async def list_of_requester(tx: Transaction, requester: PractitionerId, *, limit: int = 200) -> list[Stored]:
    """What somebody asked, the latest first."""
    query = (
        select_columns(*_COLUMNS)
        .where(_REQUEST.c.requester_id == requester)
        .order_by(col(RequestRow.created_at).desc(), col(RequestRow.id).desc())
        .limit(limit)
    )
    return [_stored(row) for row in await (await tx.connection()).execute(query)]


async def list_open(tx: Transaction, pool_id: PoolId, *, limit: int = 200) -> list[ExpertiseRequest]:
    """What a pool has not answered yet, the earliest deadline first."""
    states = (State.READY, State.ASSIGNED, State.IN_PROGRESS, State.ON_HOLD)
    query = (
        select_columns(*_COLUMNS)
        .where(_REQUEST.c.pool_id == pool_id, col(RequestRow.state).in_(states))
        .order_by(col(RequestRow.deadline_at), col(RequestRow.id))
        .limit(limit)
    )
    return [_stored(row).request for row in await (await tx.connection()).execute(query)]


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
    await write(tx, added_fact(request_id, fact, random_bytes))


def added_fact(request_id: RequestId, fact: Fact, random_bytes: RandomBytes) -> Change:
    """What `add_fact` writes, to be written together with the move."""
    row_id = new_row_id(fact.at, random_bytes)
    return Change(
        _ADD_FACT, (row_id, request_id, fact.kind, fact.at, fact.actor or "", fact.reason, fact.through or "")
    )


async def list_facts(tx: Transaction, request_id: RequestId, *, limit: int = 500) -> list[Fact]:
    """The timeline, oldest first."""
    query = (
        select(RequestFactRow)
        .where(RequestFactRow.request_id == request_id)
        .order_by(col(RequestFactRow.at), col(RequestFactRow.id))
        .limit(limit)
    )
    return [
        Fact(
            FactKind(row.kind),
            row.at,
            PractitionerId(row.actor_id) if row.actor_id else None,
            row.reason,
            PractitionerId(row.through_id) if row.through_id else None,
        )
        for row in await tx.exec(query)
    ]


async def list_hands(tx: Transaction, ids: Sequence[RequestId]) -> dict[RequestId, PractitionerId]:
    """Who sent each for its requester; who began it, if nobody has; nothing for those whose requester did.

    `ids`: some hundreds at most.
    """
    query = (
        select(RequestFactRow.request_id, RequestFactRow.through_id)
        .where(
            col(RequestFactRow.request_id).in_(ids),
            col(RequestFactRow.kind).in_((FactKind.RECEIVED_INCOMPLETE, FactKind.SUBMITTED)),
            col(RequestFactRow.through_id) != "",
        )
        .order_by(col(RequestFactRow.at), col(RequestFactRow.id))
    )
    return {RequestId(of): PractitionerId(hand) for of, hand in await tx.exec(query)}


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


def _require(rows: Sequence[Sequence[Any]]) -> Stored:
    if not rows:
        raise RequestUnknown
    return _stored(rows[0])


def _stored(row: Sequence[Any]) -> Stored:
    *of_request, content, answer = row
    return Stored(rows.read(of_request), content, answer)
