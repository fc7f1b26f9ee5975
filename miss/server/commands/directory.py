"""`miss directory`: the register and what is in it."""

from pathlib import Path
from typing import Annotated

import typer

from miss.directory.practitioners import ImportReport
from miss.server.commands.session import load_settings, opened, run

app = typer.Typer(help="The directory of practitioners.", no_args_is_help=True)


@app.command("import")
def import_(
    register: Annotated[Path | None, typer.Option(help="PS_LibreAcces_Personne_activite_….txt")] = None,
    mailboxes: Annotated[Path | None, typer.Option(help="Extraction_Correspondance_MSSante_….txt")] = None,
) -> None:
    """Import extractions of the national register; the same file twice changes nothing."""
    if register is None and mailboxes is None:
        raise typer.BadParameter("name a file with --register or --mailboxes")
    run(_import(register, mailboxes))


async def _import(register: Path | None, mailboxes: Path | None) -> None:
    async with opened(load_settings()) as server:
        practitioners = server.house.practitioners
        if register:
            with register.open("rb") as lines:
                _print(register, await practitioners.import_register(lines, _progress))
        if mailboxes:
            with mailboxes.open("rb") as lines:
                _print(mailboxes, await practitioners.import_mailboxes(lines, _progress))


def _progress(lines: int) -> None:
    typer.echo(f"\r{lines:,} lignes lues", nl=False, err=True)


def _print(path: Path, report: ImportReport) -> None:
    typer.echo(
        f"\n{path.name} : {report.new} nouveaux, {report.changed} modifiés, {report.unchanged} inchangés, "
        f"{report.rejected_count} lignes refusées, {report.doubtful_count} douteuses"
    )
    for remark in (*report.rejected, *report.doubtful):
        typer.echo(f"  ligne {remark.line} : {remark.reason.text.fr}")


@app.command()
def search(words: list[str], limit: int = 20) -> None:
    """Search by name, specialty, profession or town; accents and case do not matter."""
    run(_search(" ".join(words), limit))


async def _search(words: str, limit: int) -> None:
    async with opened(load_settings()) as server:
        found = await server.house.practitioners.search(words, limit=limit)
    for practitioner in found:
        specialties = ", ".join(specialty.display for specialty in practitioner.specialties)
        typer.echo(
            f"{practitioner.rpps or practitioner.national_id}  {practitioner.display_name}, "
            f"{specialties or practitioner.profession.display}, {practitioner.town}"
        )
    if not found:
        typer.echo("Personne ne correspond. Essayez le nom seul, ou une autre orthographe.")
