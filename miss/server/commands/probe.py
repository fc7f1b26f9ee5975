"""`miss probe`: try the deployment from outside, as two people would."""

import ssl
import time
from pathlib import Path
from typing import Annotated, Final

import typer

from miss.base.clock import SystemClock
from miss.base.errors import MissError
from miss.base.random import system_random
from miss.base.text import Language
from miss.server.commands.session import load_settings, opened, run
from miss.server.console.incidents.standing import write_result
from miss.server.probe.devices import Letter, ProbeFolder, write_letters
from miss.server.probe.errors import ProbePreparedAlready
from miss.server.probe.model import Run, Verdict, Watch
from miss.server.probe.said import as_json, in_words, write_metrics
from miss.server.probe.service import probe
from miss.server.service import find_services
from miss.server.settings import Settings

FOLDER: Final = "probe"
RESULT: Final = "last.json"

app = typer.Typer(help="Send a message and a request through the real doors, and time them.")

Folder = Annotated[
    Path | None, typer.Option("--folder", help="Folder of the two devices; none: probe in MISS_DATA_DIR.")
]
Server = Annotated[str, typer.Option("--server", help="Address of the server; none: where the devices were made.")]
Authorities = Annotated[
    Path | None, typer.Option("--authorities", help="Authority of the server's certificate (PEM), if it is your own.")
]
Metrics = Annotated[
    Path | None, typer.Option("--metrics", help="Write the figures there, for node_exporter's textfile collector.")
]


@app.callback(invoke_without_command=True)
def try_once(
    context: typer.Context,
    folder: Folder = None,
    server: Server = "",
    authorities: Authorities = None,
    as_json_: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    metrics: Metrics = None,
    slow_s: Annotated[float, typer.Option("--slow", help="A step that takes longer (seconds) is slow.")] = 5.0,
    language: Annotated[Language, typer.Option("--language", help="Language of the words.")] = Language.FR,
) -> None:
    """Try the deployment once.

    Exit code 0: everything works; 1: slowly; 2: something does not; 3: the probe itself could not run.
    """
    if context.invoked_subcommand is not None:
        return
    devices = _folder(load_settings(), folder, authorities)
    try:
        found = run(_probe(devices, server))
    except MissError as error:
        typer.echo(f"{error.sentence(language)} ({error.code})", err=True)
        raise typer.Exit(Verdict.UNKNOWN) from None
    verdict = found.verdict(slow_s)
    if devices.is_ready:
        write_result(devices.path / RESULT, found.at, works=verdict in {Verdict.FINE, Verdict.SLOW})
    if metrics:
        write_metrics(metrics, found, verdict)
    for line in [as_json(found, verdict)] if as_json_ else in_words(found, verdict, language):
        typer.echo(line)
    raise typer.Exit(verdict)


@app.command()
def prepare(
    folder: Folder = None,
    server: Annotated[str, typer.Option("--server", help="Address of the running server; none: MISS_PUBLIC_URL.")] = "",
    authorities: Authorities = None,
    reset: Annotated[bool, typer.Option("--reset", help="Start over: the devices before are lost.")] = False,
) -> None:
    """Make the two devices of the probe, once, with the server's settings and while it runs."""
    settings = load_settings()
    made = _folder(settings, folder, authorities)
    if made.is_ready:
        raise ProbePreparedAlready(folder=made.path)

    async def work() -> None:
        letters = await _write_letters(settings, reset=reset)
        await made.link(server or settings.public_origin, letters, reset=reset)

    run(work())
    typer.echo(f"sonde prête : {made.path}")


async def _probe(folder: ProbeFolder, server: str) -> Run:
    services = [tried for service in find_services().all if (tried := service.probe) is not None]
    return await probe(folder, server or folder.server_url(), services, Watch(time.monotonic))


async def _write_letters(settings: Settings, *, reset: bool) -> dict[str, Letter]:
    async with opened(settings) as rooms:
        for service in find_services().all:
            if service.probe is not None:
                await service.probe.prepare(rooms.house)
        return await write_letters(rooms, reset=reset)


def _folder(settings: Settings, folder: Path | None, authorities: Path | None) -> ProbeFolder:
    trust = ssl.create_default_context(cafile=str(authorities)) if authorities else None
    return ProbeFolder(folder or settings.data_dir / FOLDER, SystemClock(), system_random, trust)
