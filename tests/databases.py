"""Databases whose tables are made already, copied for each test: making a hundred tables takes longer than most tests.

A process makes each kind once, from what was imported by then; the copies are real databases like any other.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import asyncpg
from sqlmodel import SQLModel

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.register.store import register_schema
from miss.server.app import open_server
from miss.server.doors import Server
from miss.server.service import Services
from miss.server.settings import Settings
from miss.storage import Database
from miss.storage.migrate import application_schema, keystore_schema, migrate

_numbers = count(1)
_folder = tempfile.TemporaryDirectory(prefix="miss-prepared-")
_made_sqlite: dict[frozenset[str], Path] = {}
_made_postgresql: dict[tuple[str, frozenset[str]], str] = {}
_migrated: dict[tuple[Path, ...], Path] = {}


async def sqlite_database(path: Path) -> str:
    """A SQLite database at `path` with every table that is imported; its URL."""
    tables = frozenset(SQLModel.metadata.tables)
    if tables not in _made_sqlite:
        made = Path(_folder.name) / f"tables-{len(_made_sqlite)}.db"
        await _make_tables(f"sqlite:///{made}")
        _made_sqlite[tables] = made
    shutil.copyfile(_made_sqlite[tables], path)
    return f"sqlite:///{path}"


@asynccontextmanager
async def postgresql_database(server_url: str, *, empty: bool = False) -> AsyncIterator[str]:
    """A database of its own for one test, with every table that is imported unless `empty`; its URL."""
    admin = await asyncpg.connect(f"{server_url}/postgres")
    name = f"test_{os.getpid()}_{next(_numbers)}"
    try:
        if empty:
            await admin.execute(f"CREATE DATABASE {name}")
        else:
            template = await _template(admin, server_url)
            # Several times faster than going through the log, as PostgreSQL does for templates by default.
            await admin.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield f"{server_url}/{name}"
        await admin.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await admin.close()


async def drop_templates(server_url: str) -> None:
    """Leave nothing behind on a server that outlives the tests."""
    admin = await asyncpg.connect(f"{server_url}/postgres")
    for key, name in list(_made_postgresql.items()):
        if key[0] == server_url:
            await admin.execute(f"DROP DATABASE {name}")
            del _made_postgresql[key]
    await admin.close()


async def open_prepared_server(
    settings: Settings, clock: Clock, random_bytes: RandomBytes, services: Services
) -> Server:
    """`open_server` on the embedded default, its databases migrated already if they were not there."""
    if settings.database_url is None and settings.keystore_url is None:
        _copy(await _migrated_for(services), settings)
    return await open_server(settings, clock, random_bytes, services)


def _copy(migrated: Path, settings: Settings) -> None:
    urls = {"miss.db": settings.database, "keys.db": settings.keystore, "register.db": settings.register}
    for name, url in urls.items():
        file = Path(url.removeprefix("sqlite:///"))
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(migrated / name, file)


async def _migrated_for(services: Services) -> Path:
    if services.versions not in _migrated:
        folder = Path(_folder.name) / f"migrated-{len(_migrated)}"
        folder.mkdir()
        schemas = (application_schema(services.versions), keystore_schema(), register_schema())
        for name, schema in zip(("miss.db", "keys.db", "register.db"), schemas, strict=True):
            database = Database(f"sqlite:///{folder / name}")
            await migrate(database, schema)
            await database.close()
        _migrated[services.versions] = folder
    return _migrated[services.versions]


async def _template(admin: asyncpg.Connection, server_url: str) -> str:
    key = server_url, frozenset(SQLModel.metadata.tables)
    if key not in _made_postgresql:
        name = f"template_{os.getpid()}_{next(_numbers)}"
        await admin.execute(f"CREATE DATABASE {name}")
        await _make_tables(f"{server_url}/{name}")
        _made_postgresql[key] = name
    return _made_postgresql[key]


async def _make_tables(url: str) -> None:
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    await database.close()
