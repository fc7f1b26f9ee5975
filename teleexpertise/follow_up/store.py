"""Queries on what follows an answer."""

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import col, select

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.follow_up.figures import Said
from teleexpertise.follow_up.model import Due, Survey, SurveyQuestion, Verdict
from teleexpertise.follow_up.tables import FollowUpRow, SurveyRow
from teleexpertise.requests.tables import RequestRow


async def list_followers(tx: Transaction, request_id: RequestId, *, limit: int = 50) -> list[RequestId]:
    """The follow-ups of a request, oldest first."""
    query = (
        select(RequestRow.id)
        .where(RequestRow.follows_id == request_id)
        .order_by(col(RequestRow.created_at), col(RequestRow.id))
        .limit(limit)
    )
    return [RequestId(found) for found in await tx.exec(query)]


async def put_due(tx: Transaction, due: Due) -> None:
    """Write the follow-up of a request, in the place of an earlier one."""
    row = await tx.get(FollowUpRow, due.request_id) or FollowUpRow(
        request_id=due.request_id, requester_id=due.requester, due_at=due.due_at
    )
    row.due_at, row.told_at = due.due_at, due.told_at
    tx.add(row)
    await tx.flush()


async def remove_due(tx: Transaction, request_id: RequestId) -> None:
    """Nothing is to be followed up."""
    await tx.exec(delete(FollowUpRow).where(col(FollowUpRow.request_id) == request_id))


async def find_due(tx: Transaction, request_id: RequestId) -> Due | None:
    """The follow-up that the answer to a request asks for."""
    row = await tx.get(FollowUpRow, request_id)
    return _due(row) if row else None


async def list_due(tx: Transaction, requester: PractitionerId, *, limit: int = 200) -> list[Due]:
    """The follow-ups that somebody has to begin, the earliest first."""
    query = (
        select(FollowUpRow)
        .where(FollowUpRow.requester_id == requester)
        .order_by(col(FollowUpRow.due_at), col(FollowUpRow.request_id))
        .limit(limit)
    )
    return [_due(row) for row in await tx.exec(query)]


async def find_survey(tx: Transaction, request_id: RequestId) -> Survey | None:
    """What was said so far of an answer; None: there is no answer."""
    row = await tx.get(SurveyRow, request_id)
    return _survey(row) if row else None


async def put_survey(tx: Transaction, survey: Survey) -> None:
    """Write an answer that left, and what was said of it."""
    row = await tx.get(SurveyRow, survey.request_id) or SurveyRow(
        request_id=survey.request_id, pool_id=survey.pool_id, answered_at=survey.answered_at
    )
    row.pool_id, row.answered_at, row.informed_at = survey.pool_id, survey.answered_at, survey.informed_at
    for question in SurveyQuestion:
        setattr(row, question, survey.answers.get(question, ""))
    tx.add(row)
    await tx.flush()


async def list_said(tx: Transaction, pool_id: PoolId, since: datetime, *, limit: int = 20_000) -> list[Said]:
    """The answers that a pool gave since then, the latest first, with who had asked."""
    query = (
        select(SurveyRow, RequestRow.requester_id)
        .join(RequestRow, col(RequestRow.id) == SurveyRow.request_id)
        .where(SurveyRow.pool_id == pool_id, col(SurveyRow.answered_at) >= since)
        .order_by(col(SurveyRow.answered_at).desc())
        .limit(limit)
    )
    return [Said(PractitionerId(requester), _survey(row)) for row, requester in await tx.exec(query)]


def _due(row: FollowUpRow) -> Due:
    return Due(RequestId(row.request_id), PractitionerId(row.requester_id), row.due_at, row.told_at)


def _survey(row: SurveyRow) -> Survey:
    said = {question: str(getattr(row, question)) for question in SurveyQuestion}
    return Survey(
        RequestId(row.request_id),
        PoolId(row.pool_id),
        row.answered_at,
        row.informed_at,
        {question: Verdict(word) for question, word in said.items() if word},
    )
