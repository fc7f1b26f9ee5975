"""The queries on imports."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from miss.directory.imports.model import Run, Summary
from miss.directory.imports.tables import ImportRow
from miss.storage import Transaction


async def insert(tx: Transaction, run: Run) -> None:
    """An import begins."""
    tx.add(ImportRow(id=run.id, started_at=run.started_at, names=", ".join(run.names), reports=[]))
    await tx.flush()


async def finish(tx: Transaction, run_id: str, now: datetime, summaries: Sequence[Summary], refusal: str) -> None:
    """It has ended."""
    row = await tx.get_one(ImportRow, run_id)
    row.ended_at, row.refusal = now, refusal[:400]
    row.lines = sum(summary.lines for summary in summaries) or row.lines
    row.reports = [summary.to_json() for summary in summaries]
    tx.add(row)
    await tx.flush()


async def list_last(tx: Transaction, limit: int) -> list[Run]:
    """The last imports, newest first."""
    rows = await tx.exec(select(ImportRow).order_by(col(ImportRow.started_at).desc()).limit(limit))
    return [
        Run(
            id=row.id,
            started_at=row.started_at,
            ended_at=row.ended_at,
            names=tuple(row.names.split(", ")),
            lines=row.lines,
            refusal=row.refusal,
            summaries=tuple(Summary(**report) for report in row.reports),
        )
        for row in rows
    ]
