"""Queries on movements."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import col, select

from miss.base.ids import OrganizationId, PractitionerId
from miss.storage import Transaction
from movements.model import Kept, MovementKind, State, Why
from movements.tables import MovementRow


async def insert(tx: Transaction, kept: Kept, digest: bytes) -> None:
    """Keep one.  Raises IntegrityError if the establishment has said it before."""
    tx.add(
        MovementRow(
            id=kept.id,
            organization_id=kept.organization_id,
            reference_digest=digest,
            kind=kept.kind,
            state=kept.state,
            why=kept.why or "",
            practitioner_id=kept.practitioner_id or "",
            happened_at=kept.happened_at,
            received_at=kept.received_at,
            sealed=kept.sealed,
        )
    )
    await tx.flush()


async def find_said(
    tx: Transaction, organization_id: OrganizationId, digest: bytes, *, held: bool = False
) -> Kept | None:
    """The movement of that reference.  `held`: until `tx` ends."""
    query = select(MovementRow).where(
        MovementRow.organization_id == organization_id, MovementRow.reference_digest == digest
    )
    row = (await tx.exec(query.with_for_update() if held else query)).first()
    return _kept(row) if row else None


async def find(
    tx: Transaction, organization_id: OrganizationId, movement_id: str, *, held: bool = False
) -> Kept | None:
    """One of an establishment's.  `held`: until `tx` ends."""
    query = select(MovementRow).where(MovementRow.id == movement_id, MovementRow.organization_id == organization_id)
    row = (await tx.exec(query.with_for_update() if held else query)).first()
    return _kept(row) if row else None


async def settle(
    tx: Transaction,
    movement_id: str,
    state: State,
    *,
    why: Why | None = None,
    practitioner_id: PractitionerId | None = None,
) -> None:
    """Where it stands now; who was told stays known."""
    values: dict[str, str] = {"state": state, "why": why or ""}
    if practitioner_id is not None:
        values["practitioner_id"] = practitioner_id
    await tx.exec(update(MovementRow).where(col(MovementRow.id) == movement_id).values(**values))


async def rewrite(tx: Transaction, kept: Kept) -> None:
    """All that may change of one."""
    values = {
        "kind": kept.kind,
        "state": kept.state,
        "why": kept.why or "",
        "practitioner_id": kept.practitioner_id or "",
        "happened_at": kept.happened_at,
        "received_at": kept.received_at,
        "sealed": kept.sealed,
    }
    await tx.exec(update(MovementRow).where(col(MovementRow.id) == kept.id).values(**values))


async def list_in(
    tx: Transaction, organization_id: OrganizationId, state: State, *, offset: int, limit: int
) -> list[Kept]:
    """An establishment's in that state that can still be read, the oldest first."""
    query = (
        select(MovementRow)
        .where(
            MovementRow.organization_id == organization_id,
            MovementRow.state == state,
            MovementRow.sealed != b"",
        )
        .order_by(col(MovementRow.received_at), col(MovementRow.id))
        .offset(offset)
        .limit(limit)
    )
    return [_kept(row) for row in await tx.exec(query)]


async def count_by_state(tx: Transaction, organization_id: OrganizationId) -> Mapping[State, int]:
    """How many of an establishment's stand where, of those that can still be read."""
    query = (
        select(MovementRow.state, func.count())
        .where(MovementRow.organization_id == organization_id, MovementRow.sealed != b"")
        .group_by(MovementRow.state)
    )
    return {State(state): count for state, count in await tx.exec(query)}


async def list_past(tx: Transaction, before: datetime, limit: int) -> Sequence[str]:
    """Those received before that instant that can still be read, oldest first."""
    query = (
        select(MovementRow.id)
        .where(col(MovementRow.received_at) < before, MovementRow.sealed != b"")
        .order_by(col(MovementRow.received_at))
        .limit(limit)
    )
    return list(await tx.exec(query))


async def blank(tx: Transaction, movement_ids: Sequence[str]) -> None:
    """Nothing of what they said."""
    await tx.exec(update(MovementRow).where(col(MovementRow.id).in_(movement_ids)).values(sealed=b""))


async def tally(tx: Transaction, since: datetime, until: datetime) -> Mapping[PractitionerId, int]:
    """How many movements each doctor was told of."""
    query = (
        select(MovementRow.practitioner_id, func.count())
        .where(
            col(MovementRow.received_at) >= since,
            col(MovementRow.received_at) < until,
            MovementRow.practitioner_id != "",
        )
        .group_by(MovementRow.practitioner_id)
    )
    return {PractitionerId(person): count for person, count in await tx.exec(query)}


def _kept(row: MovementRow) -> Kept:
    return Kept(
        id=row.id,
        organization_id=OrganizationId(row.organization_id),
        kind=MovementKind(row.kind),
        state=State(row.state),
        why=Why(row.why) if row.why else None,
        practitioner_id=PractitionerId(row.practitioner_id) if row.practitioner_id else None,
        happened_at=row.happened_at,
        received_at=row.received_at,
        sealed=row.sealed,
    )
