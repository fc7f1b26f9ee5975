"""`miss serve`, `miss migrate`."""

import asyncio
import signal
from typing import Annotated

import typer

from miss.base.clock import SystemClock
from miss.base.errors import MissError
from miss.base.random import system_random
from miss.directory.register.store import register_schema
from miss.directory.signer import load_or_create_signer
from miss.server.app import open_server
from miss.server.commands.session import load_settings, run
from miss.server.premises import require_clock, require_keys, require_writable
from miss.server.service import find_services
from miss.server.settings import Settings
from miss.server.wiring.furniture import ensure_master_key
from miss.storage import Database
from miss.storage.migrate import application_schema, keystore_schema
from miss.storage.migrate import migrate as migrate_database


def serve(
    clock_is_right: Annotated[
        bool, typer.Option("--clock-is-right", help="Serve though the access log has entries of a later time.")
    ] = False,
) -> None:
    """Serve until SIGTERM or Ctrl-C.  Never seeds, never runs the demonstration."""
    run(_serve(load_settings(), clock_is_right=clock_is_right))


async def _serve(settings: Settings, *, clock_is_right: bool) -> None:
    server = await open_server(settings, SystemClock(), system_random, find_services())
    if not clock_is_right:
        try:
            await require_clock(server.house.db, server.house.clock)
        except MissError:
            await server.close()
            raise
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stop.set)
    await server.serve(stop)


def migrate(
    create_keys: Annotated[bool, typer.Option("--create-keys", help="Make the key files that are missing.")] = False,
) -> None:
    """Bring the databases to the schema of this version; make a backup first."""
    settings = load_settings()
    require_writable(settings)
    run(_migrate(settings))
    if create_keys:
        run(_require_keys(settings))
        ensure_master_key(settings, system_random)
        load_or_create_signer(settings.operator_keys, SystemClock(), system_random)
        typer.echo(f"{settings.master_key}, {settings.operator_keys}: sauvegardez-les à part des données")


async def _require_keys(settings: Settings) -> None:
    """Keys are made for new databases only.  Raises MasterKeyLost, OperatorKeysLost."""
    db, keys = Database(settings.database), Database(settings.keystore)
    try:
        await require_keys(settings, SystemClock(), db, keys)
    finally:
        await db.close()
        await keys.close()


async def _migrate(settings: Settings) -> None:
    schemas = (
        (settings.database, application_schema(find_services().versions)),
        (settings.keystore, keystore_schema()),
        (settings.register, register_schema()),
    )
    for url, schema in schemas:
        db = Database(url)
        try:
            await migrate_database(db, schema)
            typer.echo(f"{db.name}: à jour")
        finally:
            await db.close()
