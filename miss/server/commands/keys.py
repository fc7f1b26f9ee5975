"""`miss keys`: the master key that wraps every data key of sealed content.

Only the key store is opened; servers may be at work.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.server.commands.session import load_settings, run
from miss.server.settings import Settings
from miss.storage import Database
from miss.storage.migrate import keystore_schema, require_current
from miss.storage.sealed import load_master_keys, renew_master_key, wrapping_since

PARIS = ZoneInfo("Europe/Paris")

app = typer.Typer(help="The master key of sealed content.", no_args_is_help=True)


@app.command()
def renew(
    keep_former: Annotated[
        bool,
        typer.Option(
            "--keep-former",
            help="Leave the former key in the file, for machines with a copy of it: hand the file out, then run "
            "again without.",
        ),
    ] = False,
) -> None:
    """Put a new master key in the place of the old one, or finish a renewal that was interrupted.

    Back up the key store and the key file afterwards: earlier backups of the key store no longer open.
    """
    run(_renew(load_settings(), keep_former))


async def _renew(settings: Settings, keep_former: bool) -> None:
    async with _key_store(settings) as db:
        renewed = await renew_master_key(
            db, settings.master_key, SystemClock(), system_random, keep_former=keep_former, tell=_tell
        )
    typer.echo(f"✓ clé maîtresse {renewed.current} en service, {renewed.rewrapped} clés de données reprises")
    if renewed.is_former_kept:
        typer.echo(
            f"L’ancienne clé ({renewed.former}) reste dans {settings.master_key} : remettez ce fichier à chaque "
            "machine, puis relancez « miss keys renew » sans option pour la détruire."
        )
    else:
        typer.echo(f"L’ancienne clé ({renewed.former}) est détruite : sauvegardez {settings.master_key} et les clés.")


def _tell(done: int) -> None:
    typer.echo(f"  {done} clés de données reprises…", err=True)


@app.command()
def show() -> None:
    """Which master key wraps, and since when."""
    run(_show(load_settings()))


async def _show(settings: Settings) -> None:
    masters = load_master_keys(settings.master_key)
    async with _key_store(settings) as db:
        since = await wrapping_since(db)
    if since is None:
        typer.echo(f"{masters.first.id}, n’a encore rien chiffré")
    else:
        days = (SystemClock().now() - since).days
        typer.echo(f"en service depuis le {since.astimezone(PARIS):%d/%m/%Y à %H:%M} ({days} jours)")


@asynccontextmanager
async def _key_store(settings: Settings) -> AsyncIterator[Database]:
    db = Database(settings.keystore)
    try:
        await require_current(db, keystore_schema())
        yield db
    finally:
        await db.close()
