"""`miss operator`: acts of the identity operator on accounts.  Every act is recorded with who did it."""

import getpass
from collections.abc import Awaitable, Callable
from enum import StrEnum

import typer

from miss.chat.devices.errors import NothingToReset
from miss.directory.accounts import Account, AccountNotFound, ActivationPurpose
from miss.directory.practitioners import PractitionerNotFound
from miss.directory.roles import Role
from miss.server.commands.session import load_settings, opened, run
from miss.server.doors import Server
from miss.server.wiring.signing_in import build_second_factors

RESET_WARNING = (
    "réinitialisation : à l'emploi de ce code, tous les appareils et la clé de récupération de ce compte sont "
    "révoqués, ses conversations passées sont perdues pour lui, et ses correspondants sont avertis"
)

app = typer.Typer(help="Verify identities, issue activation codes, suspend.", no_args_is_help=True)


class AppointedRole(StrEnum):
    """What this command makes of somebody; other roles are granted on the pages, by who may."""

    PRACTITIONER = Role.PRACTITIONER
    TECHNICIAN = Role.TECHNICIAN
    AUDITOR = Role.AUDITOR


@app.command("open")
def open_(rpps: str, role: list[AppointedRole] = [AppointedRole.PRACTITIONER]) -> None:  # noqa: B006 - typer reads it
    """Open an account for somebody in the directory; it stays pending until verified."""

    async def work(server: Server) -> str:
        practitioner = await server.house.practitioners.find_by_rpps(rpps)
        if practitioner is None:
            raise PractitionerNotFound
        account = await server.house.accounts.open(practitioner.id, by=_actor())
        for appointed in role:
            await server.house.roles.appoint(account, Role(appointed), by=_actor())
        return f"compte ouvert, à vérifier : {account.uid.hex()}"

    _act(work)


@app.command()
def appoint(rpps: str, role: AppointedRole) -> None:
    """Give the holder of an account a role on this platform; technician and auditor are never one person."""

    async def work(server: Server) -> str:
        grant = await server.house.roles.appoint(await _account(server, rpps), Role(role), by=_actor())
        return f"rôle attribué : {grant.role}"

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
def forget_second_factors(rpps: str) -> None:
    """Somebody lost every second factor and the recovery codes: check who they are again first; sessions end."""

    async def work(server: Server) -> str:
        factors = build_second_factors(server.house)
        await factors.remove_all((await _account(server, rpps)).uid, by=_actor())
        return (
            "seconds facteurs retirés ; émettez un code d'activation (--purpose browser) si le mot de passe est perdu"
        )

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
