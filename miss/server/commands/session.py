"""What every command starts with: settings that were understood, rooms that were built."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import typer
from dotenv import load_dotenv
from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.server.errors import SettingsFileMissing
from miss.server.logs import configure_logs
from miss.server.service import find_services
from miss.server.settings import Settings

if TYPE_CHECKING:
    from miss.server.doors import Server

T = TypeVar("T")
S = TypeVar("S", bound=BaseSettings)

ENV_FILE = "MISS_ENV_FILE"


def load_settings(log_name: str = "", **overrides: object) -> Settings:
    """Settings from the environment; a wrong one ends the command with a sentence for each mistake.

    Those of the services are looked at too, though each reads its own.  Logs go to standard error, or to the end of
    the file `log_name` in the data folder.  Raises SettingsFileMissing.
    """
    if file_name := os.environ.get(ENV_FILE):
        if not os.access(file_name, os.R_OK):
            raise SettingsFileMissing(file=file_name)
        # Into the environment, so that services' settings are read from the file too; what is set already stays.
        load_dotenv(file_name)
    unknown = unknown_settings(os.environ)
    if unknown:
        typer.echo(f"{', '.join(unknown)} : réglage inconnu. « miss check --settings » les donne tous.", err=True)
        sys.exit(2)
    settings = _read(Settings, overrides)
    for service in find_services().all:
        _read(service.settings, {})
    file: TextIO | None = None
    if log_name:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        file = (settings.data_dir / log_name).open("a", encoding="utf-8")
    configure_logs(settings.log_format, settings.log_level, file)
    return settings


def _read(kind: type[S], overrides: Mapping[str, object]) -> S:
    """Settings of one kind; ends the command, exit code 2, with a sentence for each mistake."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    try:
        return kind(**overrides)  # type: ignore[arg-type]
    except SettingsError as error:
        # « error parsing value for field "folders" from source … »: one that is to be JSON.
        name = next(iter(re.findall(r'field "(\w+)"', str(error))), "")
        typer.echo(_mistake(kind, prefix, name, "this is no JSON"), err=True)
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            name = "_".join(str(part) for part in mistake["loc"])
            typer.echo(_mistake(kind, prefix, name, mistake["msg"].removeprefix("Value error, ")), err=True)
    typer.echo("Rien n’a été démarré. « miss check --settings » donne tous les réglages.", err=True)
    sys.exit(2)


def _mistake(kind: type[BaseSettings], prefix: str, name: str, what: str) -> str:
    """A name, what is wrong with it, and what it is for; several settings that do not go together name themselves."""
    if name not in kind.model_fields:
        return what
    return f"{prefix}{name.upper()}: {what}. {kind.model_fields[name].description or ''}"


def unknown_settings(environment: Iterable[str]) -> list[str]:
    """Names that look like settings and are none: a misspelt one must not be silently ignored."""
    kinds: list[type[BaseSettings]] = [Settings, *(service.settings for service in find_services().all)]
    prefixes = tuple(str(kind.model_config.get("env_prefix", "")) for kind in kinds)
    known = {
        f"{prefix}{name.upper()}" for prefix, kind in zip(prefixes, kinds, strict=True) for name in kind.model_fields
    }
    return sorted(
        name
        for name in environment
        if name.startswith(prefixes) and name not in known | {ENV_FILE} and not name.startswith("MISS_TEST_")
    )


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator["Server"]:
    """A built server with its doors closed, for commands that work on its rooms."""
    # Most commands need no server, and loading one takes longer than what they do.
    from miss.server.app import open_server

    server = await open_server(settings, SystemClock(), system_random, find_services())
    try:
        yield server
    finally:
        await server.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine."""
    return asyncio.run(work)
