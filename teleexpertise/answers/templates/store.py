"""Queries on answer texts."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, or_
from sqlmodel import col, func, select

from miss.storage import Transaction
from teleexpertise.answers.templates.model import AnswerTemplate, Owner, OwnerKind
from teleexpertise.answers.templates.tables import AnswerTemplateRow


async def find(tx: Transaction, template_id: str) -> AnswerTemplate | None:
    """A text, deleted or not."""
    row = await tx.get(AnswerTemplateRow, template_id)
    return _template(row) if row else None


async def save(tx: Transaction, template: AnswerTemplate) -> None:
    """Write a new text, or what changed of one."""
    row = await tx.get(AnswerTemplateRow, template.id) or AnswerTemplateRow(
        id=template.id, owner_kind=template.owner.kind, owner_id=template.owner.id, title="", text="",
        updated_at=template.updated_at,
    )  # fmt: skip
    row.title, row.text = template.title, template.text
    row.updated_at, row.deleted_at = template.updated_at, template.deleted_at
    tx.add(row)
    await tx.flush()


async def list_of(tx: Transaction, owners: Sequence[Owner], *, limit: int = 1_000) -> list[AnswerTemplate]:
    """The texts of these owners that were not deleted, by title."""
    if not owners:
        return []
    owned = [
        and_(col(AnswerTemplateRow.owner_kind) == one.kind, col(AnswerTemplateRow.owner_id) == one.id) for one in owners
    ]
    query = (
        select(AnswerTemplateRow)
        .where(or_(*owned), col(AnswerTemplateRow.deleted_at).is_(None))
        .order_by(func.lower(AnswerTemplateRow.title), col(AnswerTemplateRow.id))
        .limit(limit)
    )
    return [_template(row) for row in await tx.exec(query)]


async def count_of(tx: Transaction, owner: Owner) -> int:
    """How many texts an owner has."""
    query = (
        select(func.count())
        .select_from(AnswerTemplateRow)
        .where(
            AnswerTemplateRow.owner_kind == owner.kind,
            AnswerTemplateRow.owner_id == owner.id,
            col(AnswerTemplateRow.deleted_at).is_(None),
        )
    )
    return (await tx.exec(query)).one()


async def purge(tx: Transaction, owner: Owner, before: datetime) -> None:
    """Forget the texts that were deleted before then."""
    await tx.exec(
        delete(AnswerTemplateRow).where(
            col(AnswerTemplateRow.owner_kind) == owner.kind,
            col(AnswerTemplateRow.owner_id) == owner.id,
            col(AnswerTemplateRow.deleted_at) < before,
        )
    )


def _template(row: AnswerTemplateRow) -> AnswerTemplate:
    return AnswerTemplate(
        id=row.id,
        owner=Owner(OwnerKind(row.owner_kind), row.owner_id),
        title=row.title,
        text=row.text,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
    )
