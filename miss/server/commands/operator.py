"""`miss operator`: acts of the identity operator on accounts.  Every act is recorded with who did it."""

import getpass
from collections.abc import Awaitable, Callable
from enum import StrEnum

import typer

from miss.chat.devices.errors import NothingToReset
from miss.directory.accounts import Account, AccountNotFound, ActivationPurpose, Role
from miss.directory.practitioners import PractitionerNotFound
from miss.server.commands.session import load_settings, opened, run
from miss.server.doors import Server

RESET_WARNING = (
    "réinitialisation : à l'emploi de ce code, tous les appareils et la clé de récupération de ce compte sont "
    "révoqués, ses conversations passées sont perdues pour lui, et ses correspondants sont avertis"
)

app = typer.Typer(help="Verify identities, issue activation codes, suspend.", no_args_is_help=True)


@app.command("open")
def open_(rpps: str, role: list[Role] = [Role.PRACTITIONER]) -> None:  # noqa: B006 - typer reads it, nobody changes it
    """Open an account for a practitioner of the directory; it stays pending until verified."""

    async def work(server: Server) -> str:
        practitioner = await server.house.practitioners.find_by_rpps(rpps)
        if practitioner is None:
            raise PractitionerNotFound
        account = await server.house.accounts.open(practitioner.id, by=_actor(), roles=frozenset(role))
        return f"compte ouvert, à vérifier : {account.uid.hex()}"

    _act(work)


@app.command()
def verify(rpps: str) -> None:
    """Record that this person's identity was checked."""

    async def work(server: Server) -> str:
        account = await server.house.accounts.verify((await _account(server, rpps)).uid, by=_actor())
        return f"compte {account.verification}"

    _act(work)


class LetterPurpose(StrEnum):
    """What a code from a letter opens; a recovery ticket is no operator's to give."""

    DEVICE = ActivationPurpose.DEVICE
    BROWSER = ActivationPurpose.BROWSER
    RESET = ActivationPurpose.RESET


@app.command()
def activation(rpps: str, purpose: LetterPurpose = LetterPurpose.DEVICE) -> None:
    """Issue a one-time activation code, to be handed over with the letter; it is shown this once.

    A code to reset starts a person's devices over when all of them and the recovery key are lost: check the identity
    again first.
    """

    async def work(server: Server) -> str:
        account = await _account(server, rpps)
        if purpose is LetterPurpose.RESET and not await server.chat.devices.list_(account.uid):
            raise NothingToReset
        issued = await server.house.accounts.issue_activation(account.uid, ActivationPurpose(purpose), by=_actor())
        said = f"code {issued.code}, valable jusqu'au {issued.expires_at:%d/%m/%Y}"
        return f"{said}\n{RESET_WARNING}" if purpose is LetterPurpose.RESET else said

    _act(work)


@app.command()
def suspend(rpps: str, reason: str) -> None:
    """Close an account at once; it can be verified again."""

    async def work(server: Server) -> str:
        account = await server.house.accounts.suspend((await _account(server, rpps)).uid, by=_actor(), reason=reason)
        return f"compte {account.verification}"

    _act(work)


@app.command()
def fingerprint() -> None:
    """Print the root key's fingerprint, which every activation letter bears."""

    async def work(server: Server) -> str:
        return server.chat.signer.root_fingerprint

    _act(work)


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


async def _account(server: Server, rpps: str) -> Account:
    account = await server.house.accounts.find_by_rpps(rpps)
    if account is None:
        raise AccountNotFound
    return account


def _act(work: Callable[[Server], Awaitable[str]]) -> None:
    async def act() -> str:
        async with opened(load_settings()) as server:
            return await work(server)

    typer.echo(run(act()))
