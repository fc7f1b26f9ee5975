"""Queries on billed acts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, text
from sqlmodel import col, select

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.billing.model import BilledAct, Digests
from teleexpertise.billing.tables import BilledActRow, BillingKeyRow

_KEEP_FIRST = text(
    "INSERT INTO expertise_billing_key (year, sealed) VALUES (:year, :sealed) ON CONFLICT (year) DO NOTHING"
)
"""Two answers on New Year's Day make one key."""


async def find_key(tx: Transaction, year: int) -> bytes | None:
    """The sealed key of a year."""
    row = (await tx.exec(select(BillingKeyRow).where(BillingKeyRow.year == year))).one_or_none()
    return row.sealed if row else None


async def put_key(tx: Transaction, year: int, sealed: bytes) -> bytes:
    """Write the key of a year unless there is one; the one that stands."""
    await (await tx.connection()).execute(_KEEP_FIRST, {"year": year, "sealed": sealed})
    return (await tx.exec(select(BillingKeyRow.sealed).where(BillingKeyRow.year == year))).one()


async def replace_acts(tx: Transaction, request_id: RequestId, acts: Sequence[BilledAct]) -> None:
    """What a request is billed with, in the place of what an earlier answer to it was."""
    await tx.exec(delete(BilledActRow).where(col(BilledActRow.request_id) == request_id))
    for act in acts:
        tx.add(
            BilledActRow(
                request_id=act.request_id,
                code=act.code,
                number=act.number,
                actor_id=act.actor,
                at=act.at,
                matricule_digest=act.patient.matricule,
                traits_digest=act.patient.traits,
            )
        )
    await tx.flush()


async def list_of(
    tx: Transaction, actor: PractitionerId, since: datetime, until: datetime, *, limit: int = 20_000
) -> list[BilledAct]:
    """What somebody billed from `since` to before `until`, oldest first."""
    query = (
        select(BilledActRow)
        .where(BilledActRow.actor_id == actor, col(BilledActRow.at) >= since, col(BilledActRow.at) < until)
        .order_by(col(BilledActRow.at), col(BilledActRow.request_id))
        .limit(limit)
    )
    return [
        BilledAct(
            RequestId(row.request_id),
            row.number,
            row.code,
            PractitionerId(row.actor_id),
            row.at,
            Digests(row.matricule_digest, row.traits_digest),
        )
        for row in await tx.exec(query)
    ]
