"""Queries on the flows that fail."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select

from miss.mail.flows.model import TELL_EVERY, FailingFlow, FlowKey, FlowKind
from miss.mail.flows.tables import FailingFlowRow
from miss.storage import Transaction


async def list_failing(tx: Transaction, limit: int) -> list[FailingFlow]:
    """Those that fail, the one with the most mails first."""
    rows = await tx.exec(
        select(FailingFlowRow)
        .where(col(FailingFlowRow.over_at).is_(None))
        .order_by(col(FailingFlowRow.undelivered).desc(), col(FailingFlowRow.kind), col(FailingFlowRow.id))
        .limit(limit)
    )
    return [_flow(row) for row in rows]


async def count_failing(tx: Transaction) -> int:
    """How many fail."""
    query = select(func.count()).select_from(FailingFlowRow).where(col(FailingFlowRow.over_at).is_(None))
    return (await tx.exec(query)).one()


async def replace(tx: Transaction, failing: Mapping[FlowKey, FailingFlow], now: datetime) -> list[FailingFlow]:
    """Write what fails now, and that the others are over; those that fail, with when they were told of."""
    told: dict[FlowKey, FailingFlow] = {}
    for row in (await tx.exec(select(FailingFlowRow))).all():
        key = FlowKey(FlowKind(row.kind), row.id)
        told[key] = _flow(row)
        if key not in failing:
            row.over_at = row.over_at or now
            if now - max(row.over_at, row.told_at or row.over_at) >= TELL_EVERY:
                await tx.delete(row)
            else:
                tx.add(row)
    flows = []
    for key, flow in failing.items():
        told_at = told[key].told_at if key in told else None
        row = FailingFlowRow(
            kind=key.kind.value,
            id=key.id,
            undelivered=flow.undelivered,
            since=flow.since,
            reply=flow.reply,
            told_at=told_at,
            over_at=None,
        )
        flows.append(_flow(await tx.merge(row)))
    await tx.flush()
    return flows


async def mark_told(tx: Transaction, key: FlowKey, now: datetime) -> None:
    """Remember when the contact was told."""
    await tx.exec(
        update(FailingFlowRow)
        .where(col(FailingFlowRow.kind) == key.kind.value, col(FailingFlowRow.id) == key.id)
        .values(told_at=now)
    )


def _flow(row: FailingFlowRow) -> FailingFlow:
    return FailingFlow(
        key=FlowKey(FlowKind(row.kind), row.id),
        undelivered=row.undelivered,
        since=row.since,
        reply=row.reply,
        told_at=row.told_at,
    )
