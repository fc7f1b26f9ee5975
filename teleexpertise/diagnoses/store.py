"""Queries on the official codes."""

from collections.abc import Collection, Sequence

from sqlalchemy import and_, delete, insert, or_
from sqlmodel import col, func, select

from miss.storage import Transaction
from teleexpertise.diagnoses.model import Diagnosis
from teleexpertise.diagnoses.sources import Edition
from teleexpertise.diagnoses.tables import DiagnosisEditionRow, DiagnosisRow

CHUNK = 1_000


async def replace_all(tx: Transaction, diagnoses: Sequence[Diagnosis], edition: Edition) -> None:
    """These codes, and no others."""
    await tx.exec(delete(DiagnosisRow))
    await tx.exec(delete(DiagnosisEditionRow))
    tx.add(DiagnosisEditionRow(name=edition.name, codes=edition.codes, loaded_at=edition.at))
    for start in range(0, len(diagnoses), CHUNK):
        rows = [
            {"code": one.code, "label": one.label, "folded": one.folded} for one in diagnoses[start : start + CHUNK]
        ]
        await tx.exec(insert(DiagnosisRow), params=rows)


async def find_edition(tx: Transaction) -> Edition | None:
    """What was loaded; None: the short list alone is there."""
    row = (await tx.exec(select(DiagnosisEditionRow))).first()
    return Edition(row.name, row.codes, row.loaded_at) if row else None


async def count(tx: Transaction) -> int:
    """How many codes are loaded; 0: the short list alone is there."""
    return (await tx.exec(select(func.count()).select_from(DiagnosisRow))).one()


async def find_by_codes(tx: Transaction, codes: Collection[str]) -> dict[str, Diagnosis]:
    """The loaded ones among these codes."""
    query = select(DiagnosisRow).where(col(DiagnosisRow.code).in_(codes))
    return {row.code: Diagnosis(row.code, row.label) for row in await tx.exec(query)}


async def search(tx: Transaction, prefix: str, words: Sequence[str], *, limit: int) -> list[Diagnosis]:
    """Codes that begin with `prefix` (none if it is empty), and those whose label holds every word; short labels
    first."""
    holds = and_(*(col(DiagnosisRow.folded).contains(word, autoescape=True) for word in words))
    starts = col(DiagnosisRow.code).startswith(prefix, autoescape=True)
    query = (
        select(DiagnosisRow)
        .where(or_(starts, holds) if prefix else holds)
        .order_by(func.length(DiagnosisRow.label), col(DiagnosisRow.code))
        .limit(limit)
    )
    return [Diagnosis(row.code, row.label) for row in await tx.exec(query)]
