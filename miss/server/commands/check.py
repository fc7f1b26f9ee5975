"""`miss check`: the effective configuration, and whether what it names is there."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Annotated

import typer

from miss.base.clock import SystemClock
from miss.base.errors import MissError
from miss.base.random import system_random
from miss.base.text import Language
from miss.broker import RedisBroker
from miss.directory.register.store import register_schema
from miss.mail.relays import load_relays
from miss.server.commands.session import load_settings, run
from miss.server.notices import platform_device
from miss.server.service import find_services
from miss.server.settings import Settings
from miss.storage import Database
from miss.storage.migrate import Schema, application_schema, keystore_schema, require_current
from miss.storage.sealed import load_master_keys, wrapping_since

RELAY_TIMEOUT_S = 5.0
MASTER_KEY_DAYS = 45
"""Half a month of grace after the month it should serve."""


def check(
    settings: Annotated[bool, typer.Option("--settings", help="Print the effective settings only.")] = False,
) -> None:
    """Examine this deployment and say what to do next; exit code 1 if something is wrong."""
    loaded = load_settings()
    print_settings(loaded)
    if settings:
        return
    for remark in _remarks(loaded):
        typer.echo(f"• {remark}")
    problems = run(_examine(loaded))
    for problem in problems:
        typer.echo(f"✗ {problem}", err=True)
    if problems:
        raise typer.Exit(1)
    typer.echo("✓ tout est en ordre")


def print_settings(settings: Settings) -> None:
    """Every setting with its value and what it means; secrets show only that they are set."""
    for owner in (settings, *(service.settings() for service in find_services().all)):
        prefix = str(type(owner).model_config.get("env_prefix", ""))
        for name, field in type(owner).model_fields.items():
            typer.echo(f"{prefix}{name.upper()}={getattr(owner, name)}    # {field.description}")


def _remarks(settings: Settings) -> Iterator[str]:
    """What is no fault: parts that are off, and how to have them."""
    if not platform_device(settings, SystemClock(), system_random).is_linked:
        yield "pas d’appareil MiSS : les avis partent par courriel seulement (« miss platform link » en fait un)"
    for service in find_services().all:
        yield from service.remarks(settings)


async def _examine(settings: Settings) -> list[str]:
    problems = [
        *await _examine_database(settings.database, application_schema(find_services().versions)),
        *await _examine_database(settings.keystore, keystore_schema()),
        *await _examine_database(settings.register, register_schema()),
    ]
    try:
        load_master_keys(settings.master_key)
    except MissError as error:
        problems.append(error.sentence(Language.FR))
    problems += await _examine_master_key_age(settings)
    if settings.redis_url and not await _redis_answers(settings.redis_url.get_secret_value()):
        problems.append("Redis ne répond pas (MISS_REDIS_URL) : les messages passent, avec retard.")
    return problems + _examine_relays(settings)


def _examine_relays(settings: Settings) -> list[str]:
    ways = [(settings.relay_host, settings.relay_port, "MISS_RELAY_HOST")] if settings.relay_host else []
    if settings.relays_file is not None:
        try:
            ways = [(relay.host, relay.port, relay.name) for relay in load_relays(settings.relays_file)]
        except MissError as error:
            return [error.sentence(Language.FR)]
    problems = []
    for host, port, name in ways:
        try:
            socket.create_connection((host, port), RELAY_TIMEOUT_S).close()
        except OSError:
            problems.append(f"Le relais {host}:{port} ne répond pas ({name}).")
    return problems


async def _examine_database(url: str, schema: Schema) -> list[str]:
    async with _database(url) as db:
        try:
            await require_current(db, schema)
        except MissError as error:
            return [error.sentence(Language.FR)]
    return []


async def _examine_master_key_age(settings: Settings) -> list[str]:
    async with _database(settings.keystore) as db:
        try:
            await require_current(db, keystore_schema())
            since = await wrapping_since(db)
        except MissError:
            # Said by those who examine the database.
            return []
    days = (SystemClock().now() - since).days if since else 0
    if days <= MASTER_KEY_DAYS:
        return []
    return [f"La clé maîtresse sert depuis {days} jours : « miss keys renew », puis sauvegardez les clés."]


@asynccontextmanager
async def _database(url: str) -> AsyncIterator[Database]:
    db = Database(url)
    try:
        yield db
    finally:
        await db.close()


async def _redis_answers(url: str) -> bool:
    broker = RedisBroker(url)
    await broker.start()
    answers = broker.connected
    await broker.close()
    return answers
