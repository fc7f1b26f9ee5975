"""Queries on roles."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from miss.base.ids import AccountId
from miss.directory.roles.model import SCOPE_OF, Grant, Role, Scope
from miss.directory.roles.tables import GrantRow
from miss.storage import Transaction


async def insert_grant(tx: Transaction, row_id: str, grant: Grant, now: datetime) -> bool:
    """False if the account has that role there already."""
    try:
        async with tx.begin_nested():
            tx.add(
                GrantRow(
                    id=row_id,
                    uid=grant.uid,
                    role=grant.role.value,
                    scope_id=grant.scope.id,
                    granted_at=now,
                    ends_at=grant.ends_at,
                )
            )
            await tx.flush()
    except IntegrityError:
        return False
    return True


async def delete_grant(tx: Transaction, uid: AccountId, role: Role, scope: Scope) -> bool:
    """False if the account does not have that role there."""
    deleted = await tx.exec(
        delete(GrantRow).where(
            col(GrantRow.uid) == uid, col(GrantRow.role) == role.value, col(GrantRow.scope_id) == scope.id
        )
    )
    return deleted.rowcount == 1


async def list_grants(tx: Transaction, uid: AccountId) -> Sequence[Grant]:
    """Every role of an account, in the order granted, run out or not."""
    rows = await tx.exec(select(GrantRow).where(GrantRow.uid == uid).order_by(col(GrantRow.id)))
    return [_grant(row) for row in rows]


async def list_holders(tx: Transaction, role: Role, scope: Scope, limit: int) -> Sequence[Grant]:
    """Who has that role there, in the order granted, run out or not."""
    rows = await tx.exec(
        select(GrantRow)
        .where(GrantRow.role == role.value, GrantRow.scope_id == scope.id)
        .order_by(col(GrantRow.id))
        .limit(limit)
    )
    return [_grant(row) for row in rows]


def _grant(row: GrantRow) -> Grant:
    role = Role(row.role)
    return Grant(AccountId(row.uid), role, Scope(SCOPE_OF[role], row.scope_id), row.ends_at)
