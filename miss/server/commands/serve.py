"""`miss serve`, `miss migrate`."""

import asyncio
import signal
from typing import Annotated

import typer

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.directory.register.store import register_schema
from miss.directory.signer import load_or_create_signer
from miss.server.app import open_server
from miss.server.commands.session import load_settings, run
from miss.server.service import find_services
from miss.server.settings import Settings
from miss.server.wiring.furniture import ensure_master_key
from miss.storage import Database
from miss.storage.migrate import application_schema, keystore_schema
from miss.storage.migrate import migrate as migrate_database


def serve() -> None:
    """Serve until SIGTERM or Ctrl-C.  Never seeds, never runs the demonstration."""
    run(_serve(load_settings()))


async def _serve(settings: Settings) -> None:
    server = await open_server(settings, SystemClock(), system_random, find_services())
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
    run(_migrate(settings))
    if create_keys:
        ensure_master_key(settings, system_random)
        load_or_create_signer(settings.operator_keys, SystemClock(), system_random)
        typer.echo(f"{settings.master_key}, {settings.operator_keys}: sauvegardez-les à part des données")


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
