"""Queries on programs' tokens."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from miss.base.ids import OrganizationId
from miss.directory.establishments.tokens.model import ApiToken, TokenScope
from miss.directory.establishments.tokens.tables import ApiTokenRow
from miss.storage import Transaction


async def insert_token(tx: Transaction, token: ApiToken, token_hash: bytes) -> None:
    """Keep a fresh token."""
    tx.add(
        ApiTokenRow(
            id=token.id,
            token_hash=token_hash,
            organization_id=token.organization_id,
            label=token.label,
            scopes=",".join(sorted(token.scopes)),
            issued_at=token.issued_at,
            issued_by=token.issued_by[:100],
        )
    )
    await tx.flush()


async def find_token(tx: Transaction, token_hash: bytes) -> ApiToken | None:
    """The living token that is kept under this hash."""
    query = select(ApiTokenRow).where(ApiTokenRow.token_hash == token_hash, col(ApiTokenRow.revoked_at).is_(None))
    row = (await tx.exec(query)).one_or_none()
    return _token(row) if row else None


async def list_tokens(tx: Transaction, organization_id: OrganizationId, limit: int) -> Sequence[ApiToken]:
    """The living tokens of an organisation, newest first."""
    rows = await tx.exec(
        select(ApiTokenRow)
        .where(ApiTokenRow.organization_id == organization_id, col(ApiTokenRow.revoked_at).is_(None))
        .order_by(col(ApiTokenRow.id).desc())
        .limit(limit)
    )
    return [_token(row) for row in rows]


async def find_living(tx: Transaction, token_id: str) -> ApiToken | None:
    """The living token of that identifier."""
    query = select(ApiTokenRow).where(ApiTokenRow.id == token_id, col(ApiTokenRow.revoked_at).is_(None))
    row = (await tx.exec(query)).one_or_none()
    return _token(row) if row else None


async def mark_revoked(tx: Transaction, token_id: str, now: datetime) -> bool:
    """False if it was revoked meanwhile."""
    done = await tx.exec(
        update(ApiTokenRow)
        .where(col(ApiTokenRow.id) == token_id, col(ApiTokenRow.revoked_at).is_(None))
        .values(revoked_at=now)
    )
    return done.rowcount == 1


async def mark_used(tx: Transaction, token_id: str, now: datetime) -> None:
    """Remember that it served."""
    await tx.exec(update(ApiTokenRow).where(col(ApiTokenRow.id) == token_id).values(last_used_at=now))


def _token(row: ApiTokenRow) -> ApiToken:
    return ApiToken(
        id=row.id,
        organization_id=OrganizationId(row.organization_id),
        label=row.label,
        scopes=frozenset(TokenScope(scope) for scope in row.scopes.split(",") if scope),
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        last_used_at=row.last_used_at,
    )
