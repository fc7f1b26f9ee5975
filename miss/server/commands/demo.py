"""`miss demo`: both main jobs at work, on fictive people."""

import asyncio
import json
import shutil
import signal
import socket
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from miss.base.clock import MovableClock, SystemClock
from miss.base.random import system_random
from miss.directory.accounts import ActivationPurpose
from miss.directory.sample import people
from miss.server.app import open_server
from miss.server.client import load_client
from miss.server.commands.session import load_settings, run
from miss.server.demo.people import issue_code
from miss.server.demo.report import Report, StepFailed
from miss.server.demo.request_story import story_start
from miss.server.demo.story import SIGN_INS, Demonstration
from miss.server.doors import Server
from miss.server.service import find_services
from miss.server.settings import Settings

LOG = "server.log"


def demo(
    once: Annotated[bool, typer.Option("--once", help="Play the story on a fresh server, then end.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for everything the story produced.")] = None,
) -> None:
    """Start on the embedded default, play the story once, stay up.  A second start serves what is there."""
    if once:
        with tempfile.TemporaryDirectory(prefix="miss-demo-") as folder:
            settings = load_settings(LOG, data_dir=Path(folder) / "var", port=_free_port(), mail_port=_free_port())
            code = run(_play(settings, out or Path("demo-out"), stay=False))
    else:
        settings = load_settings(LOG)
        code = run(_play(settings, out or settings.data_dir / "demo" / "report", stay=True))
    raise typer.Exit(code)


async def _play(settings: Settings, out: Path, *, stay: bool) -> int:
    folder = settings.data_dir / "demo"
    played = (folder / SIGN_INS).exists() and stay
    clock = MovableClock(SystemClock().now() if played else story_start(SystemClock().now()))
    server = await open_server(settings, clock, system_random, find_services())
    stop, ready = asyncio.Event(), asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal_number, stop.set)
    serving = asyncio.create_task(server.serve(stop, ready))
    opened = asyncio.create_task(ready.wait())
    await asyncio.wait({serving, opened}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        opened.cancel()
        await serving
    try:
        code = 0
        if not played:
            shutil.rmtree(out, ignore_errors=True)
            code = await _tell(Demonstration(server, clock, folder, Report(out)), stay=stay)
        if stay and not code:
            _say_where(server, folder)
            await _say_how_to_chat(server)
            await asyncio.wait({serving})
    finally:
        stop.set()
        await serving
    return code


async def _tell(demonstration: Demonstration, *, stay: bool) -> int:
    try:
        await demonstration.play(leave_one_waiting=stay)
    except StepFailed as failed:
        typer.echo(f"\nLe récit s'est arrêté : {failed}", err=True)
        return 1
    typer.echo(f"\nTout s'est passé comme prévu. Ce que le récit a produit : {demonstration.report.folder}")
    return 0


def _say_where(server: Server, folder: Path) -> None:
    typer.secho(f"\nMiSS répond sur {server.house.settings.public_origin}", bold=True)
    typer.echo(f"Demandes d'avis par messagerie : 127.0.0.1, port {server.mail_door.port} (SMTP)\n")
    for person in json.loads((folder / SIGN_INS).read_text()):
        typer.echo(f"  {person['name']:<20} identifiant {person['login']}   mot de passe {person['password']}")
    data = server.house.settings.data_dir
    typer.echo(f"\nCtrl-C pour arrêter. Tout est dans le dossier « {data} », le journal dans {data / LOG}.")
    typer.echo("Supprimez ce dossier pour recommencer.")


async def _say_how_to_chat(server: Server) -> None:
    """What links a browser as Anne Modèle's first device, as her letter would say it; nothing once she has one."""
    house = server.house
    account = await house.accounts.find_by_rpps(people.ANNE_MODELE)
    if load_client() is None or account is None or await server.chat.devices.list_(account.uid):
        return
    code = await issue_code(house, people.ANNE_MODELE, ActivationPurpose.DEVICE)
    typer.echo(f"\nMessagerie : {house.settings.public_origin}/app/ , « J’ai une lettre d’activation »")
    typer.echo(f"  RPPS {people.ANNE_MODELE}   code {code}   empreinte {server.chat.signer.root_fingerprint}")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    return port
