"""`miss directory`: the register and what is in it."""

import gc
import getpass
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from miss.directory.exports import ExportFormat
from miss.directory.imports.model import Run
from miss.directory.practitioners import ImportReport, SearchQuery
from miss.directory.register.model import Progress
from miss.server.commands.session import load_settings, opened, run
from miss.server.errors import OutputRefused
from miss.server.wiring.directory import build_exports

app = typer.Typer(help="The directory of practitioners.", no_args_is_help=True)


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Extractions, .txt or .zip; each is known by its header.")],
    accept_shrink: Annotated[
        bool, typer.Option("--accept-shrink", help="Take a file with far fewer entries than are known.")
    ] = False,
    is_test: Annotated[
        bool, typer.Option("--test", help="A test set: a wrong key is remarked upon, not refused.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON, on standard output.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no list of lines.")] = False,
) -> None:
    """Import extractions of the national register; the same files twice change nothing.

    Persons and activities (with the file of savoir-faire, if the cut has one), diplomas, secure-mail addresses.
    """
    run(_import(files, accept_shrink, is_test, as_json, quiet))


async def _import(files: Sequence[Path], accept_shrink: bool, is_test: bool, as_json: bool, quiet: bool) -> None:
    # A million rows are no garbage and make no cycles: looking for some would cost a fifth of the time.
    gc.disable()
    async with opened(load_settings()) as server:
        reports = await server.house.practitioners.imports.take_paths(
            files, tell=None if quiet else Meter(), accept_shrink=accept_shrink, is_test=is_test
        )
    if as_json:
        typer.echo(json.dumps([report.to_json() for report in reports], ensure_ascii=False, indent=1))
        return
    for report in reports:
        typer.echo(_sentence(report))
        for remark in () if quiet else (*report.rejected, *report.doubtful):
            typer.echo(f"  ligne {remark.line} : {remark.reason.text.fr}")


class Meter:
    """Shows how far an import has come, on standard error."""

    def __init__(self) -> None:
        self._started = time.monotonic()
        self._name = ""

    def __call__(self, progress: Progress) -> None:
        if progress.name != self._name:
            self._name, self._started = progress.name, time.monotonic()
        typer.echo(f"\r{progress_line(progress, time.monotonic() - self._started)}", nl=False, err=True)
        if progress.read_bytes >= progress.total_bytes > 0:
            typer.echo("\n  comparaison et écriture…", err=True)


def progress_line(progress: Progress, elapsed_s: float) -> str:
    """Lines read, how fast, and how long it still takes."""
    shown = f"{progress.name} : {_spaced(progress.lines)} lignes"
    if elapsed_s > 0:
        shown += f", {_spaced(progress.lines / elapsed_s)} par seconde"
    if progress.total_bytes and progress.read_bytes:
        left_s = elapsed_s * (progress.total_bytes - progress.read_bytes) / progress.read_bytes
        shown += f", encore {max(left_s, 0):.0f} s de lecture"
    return shown


def _spaced(number: float) -> str:
    return f"{number:,.0f}".replace(",", " ")


def _sentence(report: ImportReport) -> str:
    return (
        f"{report.name} : {report.lines} lignes ; {report.new} nouveaux, {report.changed} modifiés, "
        f"{report.gone} disparus, {report.unchanged} inchangés ; "
        f"{report.rejected_count} lignes refusées, {report.doubtful_count} douteuses, {report.skipped} sans objet"
    )


@app.command()
def status(
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many imports to show.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Show the last imports: what they took, why one was refused, which one is under way."""
    run(_status(limit, as_json))


async def _status(limit: int, as_json: bool) -> None:
    async with opened(load_settings()) as server:
        runs = await server.house.practitioners.imports.list_last(limit)
    if as_json:
        typer.echo(json.dumps([_run_json(one) for one in runs], ensure_ascii=False, indent=1))
        return
    if not runs:
        typer.echo("Aucune importation. « miss directory import FICHIERS… » charge le registre national.")
    for one in runs:
        typer.echo(_run_line(one))
        for summary in one.summaries:
            typer.echo(
                f"  {summary.name} : {summary.new} nouveaux, {summary.changed} modifiés, {summary.gone} disparus, "
                f"{summary.unchanged} inchangés, {summary.rejected} lignes refusées"
            )


def _run_line(one: Run) -> str:
    names = ", ".join(one.names)
    if one.ended_at is None:
        return f"{one.started_at:%d/%m/%Y %H:%M} UTC  en cours : {names}"
    seconds = (one.ended_at - one.started_at).total_seconds()
    if one.refusal:
        return f"{one.started_at:%d/%m/%Y %H:%M} UTC  refusée : {names}\n  {one.refusal}"
    return f"{one.started_at:%d/%m/%Y %H:%M} UTC  faite en {seconds:.0f} s : {names}"


def _run_json(one: Run) -> dict[str, Any]:
    return {
        "started_at": one.started_at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "files": list(one.names),
        "lines": one.lines,
        "refusal": one.refusal,
        "reports": [summary.to_json() for summary in one.summaries],
    }


@app.command()
def search(
    words: Annotated[list[str] | None, typer.Argument(help="Words of a name, a specialty, a town.")] = None,
    specialty: Annotated[str, typer.Option(help="Code of a specialty: SM15.")] = "",
    profession: Annotated[str, typer.Option(help="Code of a profession: 60.")] = "",
    department: Annotated[str, typer.Option(help="59, 2A, 974.")] = "",
    town: Annotated[str, typer.Option(help="A town's name or INSEE code.")] = "",
    radius: Annotated[float, typer.Option(help="Kilometres around the town, nearest first.")] = 0.0,
    limit: int = 20,
) -> None:
    """Search by name, specialty, profession, town or distance; accents, case and small mistakes do not matter."""
    query = SearchQuery(
        text=" ".join(words or ()),
        specialty=specialty,
        profession=profession,
        department=department,
        town=town,
        radius_km=radius,
        limit=limit,
    )
    run(_search(query))


async def _search(query: SearchQuery) -> None:
    async with opened(load_settings()) as server:
        page = await server.house.practitioners.find(query)
    for found in page.found:
        person = found.practitioner
        specialties = ", ".join(specialty.display for specialty in person.specialties)
        distance = f", à {found.distance_km:.0f} km" if found.distance_km is not None else ""
        typer.echo(
            f"{person.rpps or person.national_id}  {person.display_name}, "
            f"{specialties or person.profession.display}, {person.town}{distance}"
        )
    if not page.found:
        typer.echo("Personne ne correspond. Essayez le nom seul, ou une autre orthographe.")
    if page.has_more:
        typer.echo("D’autres personnes correspondent : précisez la recherche.", err=True)


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file; made, or replaced once it is whole.")],
    format_: Annotated[
        ExportFormat, typer.Option("--format", "-f", help="csv, xlsx, ldif or vcard.")
    ] = ExportFormat.CSV,
    excel: Annotated[bool, typer.Option("--excel", help="CSV with a byte order mark and semicolons.")] = False,
) -> None:
    """Write the platform's own entries to a file: people with an active account, published staff.

    Recorded in the access log.  The file is for the eyes of its owner only (mode 0600).
    """
    run(_export(output, format_, excel))


async def _export(output: Path, format_: ExportFormat, excel: bool) -> None:
    async with opened(load_settings()) as server:
        chunks = await build_exports(server.house).open(format_, by=f"cli:{getpass.getuser()}", for_excel=excel)
        with whole_file(output) as file:
            async for chunk in chunks:
                file.write(chunk)
            written = file.tell()
    typer.echo(f"{output} : {_spaced(written)} octets", err=True)


@contextmanager
def whole_file(output: Path) -> Iterator[IO[bytes]]:
    """A file that takes the place of `output` at the end of the block, when all of it is on disk; else there is none.

    Raises OutputRefused.
    """
    try:
        with tempfile.NamedTemporaryFile(dir=output.parent, prefix=f".{output.name}.", delete=False) as file:
            part = Path(file.name)
            try:
                yield file
                file.flush()
                os.fsync(file.fileno())
                part.replace(output)
            except BaseException:
                part.unlink()
                raise
    except OSError as error:
        raise OutputRefused(file=str(output), reason=error.strerror or "") from None
