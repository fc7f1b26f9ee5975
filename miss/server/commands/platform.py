"""`miss platform …`: the platform's own device, which sends notices as MiSS messages."""

import getpass
from typing import Annotated

import typer

from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.directory.accounts import ActivationPurpose
from miss.server.commands.session import load_settings, opened, run
from miss.server.notices import PlatformDevice, platform_device
from miss.server.notices.errors import DeviceLinkedAlready, PlatformEntryMissing
from miss.server.settings import Settings

app = typer.Typer(help="The platform's own MiSS device.", no_args_is_help=True)


@app.command()
def link(
    rpps: Annotated[str, typer.Argument(help="RPPS number of the directory entry that answers for the platform.")],
    server: Annotated[str, typer.Option(help="Address of the running server; empty: MISS_PUBLIC_URL.")] = "",
    reset: Annotated[bool, typer.Option("--reset", help="Start over: the device before is lost.")] = False,
) -> None:
    """Make the platform's device, once: its entry's account is opened and verified if it is not.

    The server has to be running.  From then on notices also leave as MiSS messages: that something came, by its
    number, and nothing else.
    """
    settings = load_settings()
    linked = _device(settings)
    if linked.is_linked:
        raise DeviceLinkedAlready(folder=linked.folder)

    async def work() -> None:
        async with opened(settings) as rooms:
            accounts, by = rooms.house.accounts, f"cli:{getpass.getuser()}"
            person = await rooms.house.practitioners.find_by_rpps(rpps)
            if person is None:
                raise PlatformEntryMissing(rpps=rpps)
            account = await accounts.find_by_rpps(rpps) or await accounts.open(person.id, by=by)
            if not account.is_active:
                await accounts.verify(account.uid, by)
            purpose = ActivationPurpose.RESET if reset else ActivationPurpose.DEVICE
            issued = await accounts.issue_activation(account.uid, purpose, by)
            fingerprint = rooms.chat.signer.root_fingerprint
        url = server or settings.public_origin
        await linked.link(url, rpps=rpps, code=issued.code, fingerprint=fingerprint, reset=reset)

    run(work())
    typer.echo(f"appareil de la plateforme relié : {linked.folder}")


@app.command()
def status() -> None:
    """Say whether the platform has its device."""
    found = _device(load_settings())
    if not found.is_linked:
        typer.echo("pas d’appareil : les avis de la plateforme partent par courriel seulement")
        raise typer.Exit(1)
    typer.echo(f"appareil relié : {found.folder}")


def _device(settings: Settings) -> PlatformDevice:
    return platform_device(settings, SystemClock(), system_random)
