"""What every command starts with: settings that were understood, rooms that were built."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import typer
from dotenv import load_dotenv
from pydantic import ValidationError

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.server.logs import configure_logs
from miss.server.service import find_services
from miss.server.settings import Settings

if TYPE_CHECKING:
    from miss.server.doors import Server

T = TypeVar("T")

ENV_FILE = "MISS_ENV_FILE"


def load_settings(log_name: str = "", **overrides: object) -> Settings:
    """Settings from the environment; a wrong one ends the command with a sentence for each mistake.

    Logs go to standard error, or to the end of the file `log_name` in the data folder.
    """
    if file_name := os.environ.get(ENV_FILE):
        # Into the environment, so that services' settings are read from the file too; what is set already stays.
        load_dotenv(file_name)
    unknown = unknown_settings(os.environ)
    if unknown:
        typer.echo(f"{', '.join(unknown)} : réglage inconnu. « miss check --settings » les donne tous.", err=True)
        sys.exit(2)
    try:
        settings = Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        for mistake in error.errors(include_url=False, include_input=False):
            name = "MISS_" + "_".join(str(part) for part in mistake["loc"]).upper() if mistake["loc"] else "settings"
            typer.echo(f"{name}: {mistake['msg'].removeprefix('Value error, ')}", err=True)
        sys.exit(2)
    file: TextIO | None = None
    if log_name:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        file = (settings.data_dir / log_name).open("a", encoding="utf-8")
    configure_logs(settings.log_format, settings.log_level, file)
    return settings


def unknown_settings(environment: Iterable[str]) -> list[str]:
    """Names that look like settings of the server and are none: a misspelt one must not be silently ignored."""
    known = {f"MISS_{name.upper()}" for name in Settings.model_fields} | {ENV_FILE}
    return sorted(
        name
        for name in environment
        if name.startswith("MISS_") and name not in known and not name.startswith("MISS_TEST_")
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
