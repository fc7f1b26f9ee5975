"""How long answers took."""

from datetime import datetime, timedelta

from sqlmodel import col, func, select

from miss.base.ids import new_row_id
from miss.storage import Transaction
from teleexpertise.availability import working_time_between
from teleexpertise.dispatch import Pool
from teleexpertise.requests.model import FactKind
from teleexpertise.requests.tables import RequestFactRow, RequestRow

MOST = 500


async def list_working_times(tx: Transaction, pool: Pool, since: datetime) -> list[timedelta]:
    """The pool's working time from sending to the answer, of each of its requests answered since then, latest first.

    Found by the time in the facts' keys; a request that was corrected later counts by its first answer.
    """
    answered_at = func.min(RequestFactRow.at).label("answered_at")
    query = (
        select(RequestRow.submitted_at, answered_at)
        .join(RequestFactRow, col(RequestFactRow.request_id) == col(RequestRow.id))
        .where(
            RequestRow.pool_id == pool.id,
            col(RequestRow.submitted_at).is_not(None),
            RequestFactRow.kind == FactKind.ANSWERED,
            col(RequestFactRow.id) >= new_row_id(since, bytes),
        )
        .group_by(col(RequestRow.id), col(RequestRow.submitted_at))
        .order_by(answered_at.desc())
        .limit(MOST)
    )
    return [
        working_time_between(sent_at, at, pool.hours) for sent_at, at in await tx.exec(query) if sent_at is not None
    ]
