"""Worlds on disk: made once by `bench.seed`, copied for every run, to PostgreSQL too.

A world is found again by what it holds and by the code that gives it its shape: a change of the cryptography makes a
new one, a change of a service does not.  One that was made under an earlier schema is upgraded like an installation.
"""

import asyncio
import hashlib
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import Table, func, insert, inspect, select, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel

from bench.engines import ROOT
from bench.seed import Plan, seed_database
from miss.server.service import find_services
from miss.server.settings import Settings
from miss.storage import Database
from miss.storage.migrate import application_schema, migrate

_SHAPED_BY = (
    *(f"miss/protocol/crypto/{name}.py" for name in ("commits", "envelopes", "keys", "links", "opcert", "primitives")),
    "bench/seed.py",
    "bench/world.py",
)
_BATCH_ROWS = 2_000
_UNUSED_URL = "http://127.0.0.1:1"
"""Only its host matters: device signatures cover it."""


def find_or_make(folder: Path, plan: Plan) -> Path:
    """The folder of a world: `miss.db`, `keys/`, `world`."""
    found = folder / hashlib.blake2b(f"{plan} {_digest()}".encode(), digest_size=12).hexdigest()
    if not found.exists():
        making = found.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        settings = Settings(data_dir=making, public_url=_UNUSED_URL)
        world = asyncio.run(seed_database(settings, plan))
        world.write(making / "world")
        making.rename(found)
    return found


def _digest() -> str:
    """Of every source file that says what a world's rows look like."""
    digest = hashlib.blake2b(digest_size=16)
    for pattern in _SHAPED_BY:
        for file in sorted(ROOT.glob(pattern)):
            digest.update(file.read_bytes())
    return digest.hexdigest()


def copy_to_sqlite(seed: Path, data_dir: Path) -> None:
    """A data folder as the embedded default has it."""
    shutil.copytree(seed, data_dir)


async def copy_to_postgresql(seed: Path, url: str) -> list[str]:
    """The seed's rows in an empty PostgreSQL database, under the schema of this version; the tables with rows."""
    with tempfile.TemporaryDirectory(prefix="miss-bench-") as folder:
        upgraded = shutil.copy(seed / "miss.db", folder)
        source, target = Database(f"sqlite:///{upgraded}"), Database(url)
        try:
            for db in (source, target):
                await migrate(db, application_schema(find_services().versions))
            async with source.engine.connect() as reading, target.engine.begin() as writing:
                there = await reading.run_sync(lambda connection: inspect(connection).get_table_names())
                tables = [table for table in SQLModel.metadata.sorted_tables if table.name in there]
                return [table.name for table in tables if await _copy_table(reading, writing, table)]
        finally:
            await source.close()
            await target.close()


async def _copy_table(reading: AsyncConnection, writing: AsyncConnection, table: Table) -> int:
    """How many rows there are."""
    already = await writing.scalar(select(func.count()).select_from(table))
    if already:
        # Rows that the migration itself has made.
        await writing.execute(table.delete())
    kept = await reading.run_sync(lambda connection: inspect(connection).get_columns(table.name))
    columns = [table.c[column["name"]] for column in kept]
    rows = [dict(row) for row in (await reading.execute(select(*columns))).mappings()]
    for first in range(0, len(rows), _BATCH_ROWS):
        await writing.execute(insert(table), rows[first : first + _BATCH_ROWS])
    column = table.autoincrement_column
    if rows and column is not None:
        sequence = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
        last = max(row[column.name] for row in rows)
        await writing.execute(sequence, {"table": table.name, "column": column.name, "last": last})
    return len(rows)
