"""Queries on questions that followed an answer."""

from sqlmodel import col, select

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.requests.afterwards.model import AfterQuestion
from teleexpertise.requests.afterwards.tables import AfterQuestionRow


async def put(tx: Transaction, one: AfterQuestion) -> None:
    """Write it, in the place of an earlier one of its request."""
    row = await tx.get(AfterQuestionRow, one.request_id) or AfterQuestionRow(
        request_id=one.request_id, holder_id=one.holder, asked_at=one.asked_at, due_at=one.due_at
    )
    row.holder_id, row.asked_at, row.due_at, row.settled_at = one.holder, one.asked_at, one.due_at, one.settled_at
    tx.add(row)
    await tx.flush()


async def find(tx: Transaction, request_id: RequestId) -> AfterQuestion | None:
    """The latest one of a request, settled or not."""
    row = await tx.get(AfterQuestionRow, request_id)
    return _one(row) if row else None


async def list_open(tx: Transaction, holder: PractitionerId, *, limit: int = 200) -> list[AfterQuestion]:
    """What waits for somebody, the earliest deadline first."""
    query = (
        select(AfterQuestionRow)
        .where(AfterQuestionRow.holder_id == holder, col(AfterQuestionRow.settled_at).is_(None))
        .order_by(col(AfterQuestionRow.due_at), col(AfterQuestionRow.request_id))
        .limit(limit)
    )
    return [_one(row) for row in await tx.exec(query)]


def _one(row: AfterQuestionRow) -> AfterQuestion:
    return AfterQuestion(
        RequestId(row.request_id), PractitionerId(row.holder_id), row.asked_at, row.due_at, row.settled_at
    )
