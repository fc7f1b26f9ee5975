"""`miss audit`: the access log, verified and exported.

It opens the database and nothing else: no key but the public one, no migration, no service.  With `--export`, `verify`
reads a file that `export` wrote, and needs not even that.
"""

import contextlib
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from miss.base.clock import SystemClock
from miss.base.text import Language
from miss.directory.audit import (
    Anchor,
    AuditFileUnreadable,
    AuditLog,
    Break,
    Entry,
    Head,
    Subject,
    Verifier,
    compose_line,
    find_forged,
    parse_line,
)
from miss.directory.signer import find_audit_public
from miss.server.commands.session import load_settings, run
from miss.server.service import find_services
from miss.server.settings import Settings
from miss.storage import Database
from miss.storage.migrate import application_schema, require_current

PARIS = ZoneInfo("Europe/Paris")

app = typer.Typer(help="Verify and export the access log.", no_args_is_help=True)

Keys = Annotated[
    list[str] | None, typer.Option("--key", help="A trusted public audit key, 64 hexadecimal digits; may be repeated.")
]


@app.command()
def verify(
    anchors: Annotated[
        Path | None,
        typer.Option(help="Anchors kept elsewhere, as `miss audit anchors` wrote them.", exists=True, dir_okay=False),
    ] = None,
    export_: Annotated[
        Path | None,
        typer.Option("--export", help="Verify this export instead of the database.", exists=True, dir_okay=False),
    ] = None,
    key: Keys = None,
) -> None:
    """Follow the whole chain; exit code 1 and the first broken entry if it does not hold."""
    trusted = _parse_keys(key)
    elsewhere = [one for one in _read_lines(anchors) if isinstance(one, Anchor)] if anchors else []
    if export_ is not None:
        _verify_export(export_, elsewhere, trusted or _own_keys(load_settings()))
    else:
        run(_verify(load_settings(), elsewhere, trusted))


async def _verify(settings: Settings, elsewhere: list[Anchor], trusted: list[bytes]) -> None:
    async with _log(settings) as log:
        verdict = await log.verify([*trusted, *_own_keys(settings)], elsewhere)
    if verdict.broken is not None:
        _refuse(verdict.broken, verdict.entries)
    typer.echo(
        f"✓ {verdict.entries} entrées, de la n° {verdict.start.number + 1} à la n° {verdict.end.number} : intactes"
    )
    if verdict.start.number:
        typer.echo(f"  n° 1 à {verdict.start.number} : effacées à leur terme, clôture signée")
    typer.echo(f"  {verdict.anchors} ancres vérifiées, dont {len(elsewhere)} conservées ailleurs")
    if not elsewhere:
        typer.echo("  Sans ancres conservées ailleurs (--anchors), un journal réécrit avec la clé ne se verrait pas.")


def _verify_export(path: Path, elsewhere: list[Anchor], trusted: list[bytes]) -> None:
    anchors, verifier, told, first = list(elsewhere), None, 0, 0
    for place, one in enumerate(_read_lines(path), 1):
        if isinstance(one, Anchor):
            if verifier is not None:
                raise AuditFileUnreadable(line=place)
            anchors.append(one)
            continue
        if verifier is None:
            if forged := find_forged(anchors, trusted):
                _refuse(forged, 0)
            first = one.number
            verifier = Verifier([anchor for anchor in anchors if anchor.number >= first], Head(first - 1, one.previous))
        told += one.fact is not None
        verifier.feed(one)
    if verifier is None:
        typer.echo("Ce fichier ne contient aucune entrée.")
        return
    if broken := verifier.finish():
        _refuse(broken, verifier.count)
    typer.echo(f"✓ entrées n° {first} à {verifier.last.number} : intactes, dont {told} en clair")
    anchored = max((anchor.number for anchor in anchors), default=0)
    if anchored < verifier.last.number:
        typer.echo(
            f"  Aucune ancre signée ne couvre les entrées après la n° {anchored if anchored >= first else first - 1}."
        )


def _refuse(broken: Break, held: int) -> None:
    typer.echo(f"✗ {broken.sentence(Language.FR)}\n  {broken.sentence(Language.EN)} ({broken.how})", err=True)
    typer.echo(f"  Entrées intactes avant cet endroit : {held}.", err=True)
    raise typer.Exit(1)


@app.command()
def export(
    since: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day, Paris time.")],
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day after the last one, Paris time.")],
    subject: Annotated[
        str | None, typer.Option(help="Tell only what concerns it: KIND:ID, such as account:00…01.")
    ] = None,
) -> None:
    """Print entries and their anchors, a line of JSON each, to be verified with `miss audit verify --export`.

    With --subject, what concerns others is left out; the links remain, so that nothing can be missing unseen.
    """
    kind, _, id_ = (subject or "").partition(":")
    if subject is not None and not (kind and id_):
        raise typer.BadParameter("KIND:ID, such as account:0123…", param_hint="--subject")
    run(_export(_day(since), _day(until), Subject(kind, id_) if subject else None))


async def _export(since: datetime, until: datetime, subject: Subject | None) -> None:
    async with _log(load_settings()) as log:
        extract = await log.export(since, until, subject)
        for anchor in extract.anchors:
            typer.echo(compose_line(anchor))
        async for entry in extract.entries:
            typer.echo(compose_line(entry))


@app.command()
def anchors() -> None:
    """Print every anchor, a line of JSON each: keep them on another machine, where this one cannot write."""
    run(_print_anchors())


async def _print_anchors() -> None:
    async with _log(load_settings()) as log:
        for anchor in await log.list_anchors():
            typer.echo(compose_line(anchor))


@contextlib.asynccontextmanager
async def _log(settings: Settings) -> AsyncIterator[AuditLog]:
    db = Database(settings.database)
    try:
        await require_current(db, application_schema(find_services().versions))
        yield AuditLog(db, SystemClock())
    finally:
        await db.close()


def _own_keys(settings: Settings) -> list[bytes]:
    public = find_audit_public(settings.operator_keys)
    return [public] if public else []


def _parse_keys(texts: list[str] | None) -> list[bytes]:
    try:
        keys = [bytes.fromhex(text) for text in texts or ()]
    except ValueError:
        keys = [b""]
    if any(len(key) != 32 for key in keys):
        raise typer.BadParameter("64 hexadecimal digits", param_hint="--key")
    return keys


def _read_lines(path: Path) -> Iterator[Entry | Anchor]:
    """What the lines of the file say.  Raises AuditFileUnreadable."""
    with path.open(encoding="utf-8", errors="replace", newline="\n") as lines:
        for place, line in enumerate(lines, 1):
            yield parse_line(line, place)


def _day(day: datetime) -> datetime:
    return day.replace(tzinfo=PARIS).astimezone(UTC)
