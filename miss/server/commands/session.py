"""What every command starts with: settings that were understood, rooms that were built."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TextIO, TypeVar

import typer
from pydantic import ValidationError

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.server.app import open_server
from miss.server.doors import Server
from miss.server.logs import configure_logs
from miss.server.service import find_services
from miss.server.settings import Settings

T = TypeVar("T")


def load_settings(log_name: str = "", **overrides: object) -> Settings:
    """Settings from the environment; a wrong one ends the command with a sentence for each mistake.

    Logs go to standard error, or to the end of the file `log_name` in the data folder.
    """
    try:
        settings = Settings(_env_file=os.environ.get("MISS_ENV_FILE"), **overrides)  # type: ignore[arg-type]
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


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Server]:
    """A built server with its doors closed, for commands that work on its rooms."""
    server = await open_server(settings, SystemClock(), system_random, find_services())
    try:
        yield server
    finally:
        await server.close()


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine."""
    return asyncio.run(work)
