"""`miss establishment`: everything of one establishment, made into an archive; and taken in.  ADR 55"""

import getpass
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import typer

from miss.base.ids import OrganizationId
from miss.base.random import system_random
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.uploads import Uploads
from miss.server.commands.session import load_settings, opened, run
from miss.server.doors import Server
from miss.server.reversibility.age import new_key, unseal
from miss.server.reversibility.errors import ArchiveNotAsked
from miss.server.reversibility.rooms import build_exporter, demands_of
from miss.server.reversibility.service import Made
from miss.server.reversibility.taking import Taking, check

app = typer.Typer(help="An establishment leaves with its data, or arrives.", no_args_is_help=True)

Secret = Annotated[Path, typer.Option("--key", exists=True, dir_okay=False, help="File with the secret age key.")]


@app.command()
def key(
    to: Annotated[Path, typer.Option("--to", help="New file for the secret key, mode 0600.")],
) -> None:
    """Make a key for an archive, on the establishment's own machine (age-keygen makes the same)."""
    secret, public = new_key(system_random)
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(f"# public key: {public}\n{secret}\n")
    typer.echo(f"clé publique, à donner à l’opérateur : {public}\nclé secrète, à garder : {to}")


@app.command()
def waiting() -> None:
    """Who waits for their archive."""

    async def work() -> None:
        async with opened(load_settings()) as server:
            demands = await demands_of(server.house).list_waiting()
        for one in demands:
            typer.echo(f"{one.establishment_id}  demandé le {one.asked_at:%d/%m/%Y}  {one.recipient}")
        if not demands:
            typer.echo("Aucun export n’est attendu.")

    run(work())


@app.command()
def export(
    establishment: Annotated[str, typer.Argument(help="Identifier of the establishment.")],
    to: Annotated[Path, typer.Option("--to", help="New file for the sealed archive.")],
    recipient: Annotated[
        str, typer.Option(help="Public age key; empty: the one that its administrator gave on the page.")
    ] = "",
) -> None:
    """Everything of one establishment, sealed to its key; what is made is written into the access log."""
    settings = load_settings()

    async def work() -> Made:
        async with opened(settings) as server:
            wanted = OrganizationId(establishment)
            sealed_to = recipient or await _asked(server, wanted)
            with to.open("xb") as target:
                exporter = build_exporter(server.house, server.chat.signer)
                return await exporter.export(wanted, target, sealed_to, _me(), _progress())

    try:
        made = run(work())
    except BaseException:
        # Half an archive opens as none, and must not be handed over.
        to.unlink(missing_ok=True)
        raise
    typer.echo(f"{to} : {len(made.manifest.files)} fichiers, {made.size_bytes} octets\nSHA-256 {made.sha256}")


@app.command("import")
def import_(
    archive: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The sealed archive.")],
    key: Secret,
    verify: Annotated[bool, typer.Option("--verify", help="Check everything and take nothing in.")] = False,
    root_fingerprint: Annotated[
        str, typer.Option(help="Of the operator who made it, as printed on its letters: its signature is checked.")
    ] = "",
) -> None:
    """Check an archive, and take its record, departments and staff in where the establishment is not known."""
    secret = next((line for line in key.read_text().splitlines() if line.startswith("AGE-")), "")
    with tempfile.TemporaryFile() as opened_file:
        with archive.open("rb") as sealed:
            for chunk in unseal(sealed, secret):
                opened_file.write(chunk)
        source = cast("BinaryIO", opened_file)
        checked = check(source, root_fingerprint)
        manifest = checked.manifest
        typer.echo(f"✓ {manifest.name} ({manifest.establishment_id}), fait le {manifest.made_at:%d/%m/%Y}")
        typer.echo(f"✓ {len(manifest.files)} fichiers entiers, chaîne du journal suivie")
        typer.echo(
            "✓ signature de l’opérateur" if root_fingerprint else "  signature non vérifiée (--root-fingerprint)"
        )
        if not verify:
            run(_take(source))


async def _take(source: BinaryIO) -> None:
    async with opened(load_settings()) as server:
        house = server.house
        lent = (house.db, house.clock, house.random_bytes)
        roster = Roster(*lent, house.practitioners)
        taking = Taking(Establishments(*lent), Uploads(*lent, house.practitioners, roster))
        taken = await taking.take(source, _me())
    typer.echo(f"✓ repris : la fiche, les services, {taken.people} personnes")
    typer.echo(f"  restent dans l’archive, vérifiés : {taken.requests} demandes, les mouvements, le journal")
    typer.echo("  à refaire ici : les rôles (membres.json dit à qui), après vérification de chaque identité")


async def _asked(server: Server, establishment_id: OrganizationId) -> str:
    demand = await demands_of(server.house).find_last(establishment_id)
    if demand is None or demand.made_at is not None:
        raise ArchiveNotAsked
    return demand.recipient


def _progress() -> Callable[[str], None]:
    """Tells of every hundredth file, where somebody watches."""
    count = 0

    def tell(_path: str) -> None:
        nonlocal count
        count += 1
        if count % 100 == 0:
            typer.echo(f"… {count} fichiers", err=True)

    return tell


def _me() -> str:
    return f"cli:{getpass.getuser()}"
