"""Queries on proposals."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.practitioners.model import AcceptedFormat
from miss.directory.proposals.model import EntryChange, Proposal, ProposalState
from miss.directory.proposals.tables import EntryProposalRow
from miss.storage import Transaction


async def insert(tx: Transaction, proposal: Proposal) -> None:
    """Keep a new one."""
    tx.add(
        EntryProposalRow(
            id=proposal.id,
            uid=proposal.uid,
            practitioner_id=proposal.practitioner_id,
            change=_pack(proposal.change),
            state=proposal.state.value,
            made_at=proposal.made_at,
        )
    )
    await tx.flush()


async def save(tx: Transaction, proposal: Proposal) -> None:
    """Write what became of one that the transaction holds."""
    row = await tx.get_one(EntryProposalRow, proposal.id)
    row.state, row.settled_at = proposal.state.value, proposal.settled_at
    row.settled_by, row.reason = proposal.settled_by, proposal.reason
    tx.add(row)
    await tx.flush()


async def find(tx: Transaction, proposal_id: str, *, hold: bool = False) -> Proposal | None:
    """One proposal.  `hold`: until the transaction ends nobody else settles it."""
    query = select(EntryProposalRow).where(EntryProposalRow.id == proposal_id)
    if hold:
        query = query.with_for_update()
    row = (await tx.exec(query)).one_or_none()
    return _proposal(row) if row else None


async def find_open(tx: Transaction, uid: AccountId) -> Proposal | None:
    """The one that waits, of that account."""
    query = select(EntryProposalRow).where(
        EntryProposalRow.uid == uid, EntryProposalRow.state == ProposalState.OPEN.value
    )
    row = (await tx.exec(query.with_for_update())).one_or_none()
    return _proposal(row) if row else None


async def list_of(tx: Transaction, uid: AccountId, limit: int) -> Sequence[Proposal]:
    """Those of an account, the newest first."""
    query = (
        select(EntryProposalRow)
        .where(EntryProposalRow.uid == uid)
        .order_by(col(EntryProposalRow.made_at).desc(), col(EntryProposalRow.id).desc())
        .limit(limit)
    )
    return [_proposal(row) for row in await tx.exec(query)]


async def list_open(tx: Transaction, limit: int) -> Sequence[Proposal]:
    """Those that wait, the oldest first."""
    query = (
        select(EntryProposalRow)
        .where(EntryProposalRow.state == ProposalState.OPEN.value)
        .order_by(col(EntryProposalRow.made_at), col(EntryProposalRow.id))
        .limit(limit)
    )
    return [_proposal(row) for row in await tx.exec(query)]


async def count_open(tx: Transaction) -> int:
    """How many wait."""
    query = select(func.count()).select_from(EntryProposalRow)
    return (await tx.exec(query.where(EntryProposalRow.state == ProposalState.OPEN.value))).one()


def _pack(change: EntryChange) -> dict[str, Any]:
    packed = {
        "phone": change.phone,
        "mailbox": change.mailbox,
        "formats": None if change.formats is None else sorted(change.formats),
        "is_red_listed": change.is_red_listed,
        "is_proxy": change.is_proxy,
        "remark": change.remark,
    }
    return {name: value for name, value in packed.items() if value is not None}


def _unpack(packed: dict[str, Any]) -> EntryChange:
    formats = packed.get("formats")
    return EntryChange(
        phone=packed.get("phone"),
        mailbox=packed.get("mailbox"),
        formats=None if formats is None else frozenset(AcceptedFormat(code) for code in formats),
        is_red_listed=packed.get("is_red_listed"),
        is_proxy=packed.get("is_proxy"),
        remark=packed.get("remark", ""),
    )


def _proposal(row: EntryProposalRow) -> Proposal:
    return Proposal(
        id=row.id,
        uid=AccountId(row.uid),
        practitioner_id=PractitionerId(row.practitioner_id),
        change=_unpack(row.change),
        state=ProposalState(row.state),
        made_at=row.made_at,
        settled_at=row.settled_at,
        settled_by=row.settled_by,
        reason=row.reason,
    )
