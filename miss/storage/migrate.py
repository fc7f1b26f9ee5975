"""Bring a database to the schema this version of MiSS knows, or say why not.

Migrations are Alembic's.  The house has one line of revisions, every service adds a branch of its own (its folder is
named by its plug-in), and the key store has another database with another line.  An older binary refuses a newer
database; there is no way down: a rollback is the backup made before the upgrade (docs/operations.md).
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from miss.storage.database import Database
from miss.storage.errors import DatabaseBusy, DatabaseNewer, DatabaseOutdated, DatabaseUnreachable
from miss.storage.sealed.tables import KEYSTORE_METADATA

_HERE = Path(__file__).parent
_MIGRATION_LOCK = 0x4D695353
"""PostgreSQL advisory lock: two processes that start together migrate one after the other."""
_LOCK_WAIT_MS: Final = 50
"""A change of a table waits no longer for those who use it, since everybody else waits behind it meanwhile; then it
gives everything back and tries again.  Less than PostgreSQL's deadlock_timeout, so that the migration is the one that
gives way, never a server at work."""
_AGAIN_S: Final = 0.25
_TRIES: Final = 240
_IN_USE: Final = frozenset({"55P03", "40P01"})
"""SQLSTATE: lock_not_available, deadlock_detected."""


@dataclass(frozen=True, slots=True)
class Schema:
    """The revisions one database needs, and the tables they lead to."""

    versions: tuple[Path, ...]
    metadata: MetaData
    version_table: str = "alembic_version"


def application_schema(services: Sequence[Path] = ()) -> Schema:
    """The application's database: the house's revisions and those of each service's `versions` folder."""
    return Schema((_HERE / "migrations" / "versions", *services), SQLModel.metadata)


def keystore_schema() -> Schema:
    """The key store's database."""
    return Schema((_HERE / "sealed" / "versions",), KEYSTORE_METADATA, "keystore_version")


async def migrate(db: Database, schema: Schema, revision: str = "heads") -> None:
    """Run what is missing, up to `revision`, all of it or nothing; servers may be at work on the database.

    Raises DatabaseNewer if there are revisions that we do not know, DatabaseUnreachable, DatabaseBusy.
    """
    for _ in range(_TRIES):
        try:
            async with db.schema_change() as connection:
                return await connection.run_sync(_upgrade, schema, db.name, revision)
        except (DBAPIError, DatabaseUnreachable) as error:
            if _sqlstate(error) not in _IN_USE:
                raise
        await asyncio.sleep(_AGAIN_S)
    raise DatabaseBusy(database=db.name, seconds=round(_TRIES * (_AGAIN_S + _LOCK_WAIT_MS / 1000)))


def _sqlstate(error: BaseException) -> str:
    """PostgreSQL's word for what went wrong; empty if it said none."""
    said = error.__cause__ if isinstance(error, DatabaseUnreachable) else error
    return getattr(getattr(said, "orig", None), "sqlstate", None) or ""


async def require_current(db: Database, schema: Schema) -> None:
    """Raises DatabaseOutdated if a revision is missing, DatabaseNewer if one is unknown."""
    async with db.schema_change() as connection:
        current = await connection.run_sync(_check_known, schema, db.name)
    if set(current) != set(_scripts(schema).get_heads()):
        raise DatabaseOutdated(database=db.name)


def alembic_config(schema: Schema, connection: Connection | None = None) -> Config:
    """Alembic's configuration for `schema`: also what `run.py revision` uses to write a new revision."""
    config = Config()
    config.set_main_option("script_location", str(_HERE / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(path) for path in schema.versions))
    config.attributes.update(connection=connection, metadata=schema.metadata, version_table=schema.version_table)
    return config


def _scripts(schema: Schema) -> ScriptDirectory:
    return ScriptDirectory.from_config(alembic_config(schema))


def _check_known(connection: Connection, schema: Schema, name: str) -> tuple[str, ...]:
    context = MigrationContext.configure(connection, opts={"version_table": schema.version_table})
    known = {script.revision for script in _scripts(schema).walk_revisions()}
    current = context.get_current_heads()
    for revision in current:
        if revision not in known:
            raise DatabaseNewer(database=name, revision=revision)
    return current


def _upgrade(connection: Connection, schema: Schema, name: str, revision: str) -> None:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_LOCK_WAIT_MS}")
    _check_known(connection, schema, name)
    command.upgrade(alembic_config(schema, connection), revision)
