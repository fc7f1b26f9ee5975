"""`miss backup`: copies of everything, encrypted, the keys apart from the data; and the way back.

Servers stay at work while a backup is taken.  A restore writes into a new folder and changes nothing else.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import typer

from miss.base.clock import SystemClock
from miss.server.backup.declaring import declare_restored
from miss.server.backup.service import Backups, Restored, find_restored, forget_restored
from miss.server.commands.session import load_settings, run

PARIS = ZoneInfo("Europe/Paris")
_STEPS: Final = {"database": "copie des bases", "data": "données", "keys": "clés"}
_KIB: Final = 1024

app = typer.Typer(help="Encrypted copies of everything, and the way back.", no_args_is_help=True)


@app.command()
def take() -> None:
    """Copy everything now; servers may be at work.  Run it every three minutes, by a timer (deploy/systemd/)."""
    taken = run(_backups().take())
    _end_progress()
    typer.echo(
        f"✓ sauvegarde du {_when(taken.moment)} : {taken.files} fichiers, {_size(taken.read_bytes)}, "
        f"dont {_size(taken.added_bytes)} de nouveau, en {taken.seconds:.0f} s"
    )
    if not taken.log_comes:
        typer.echo(
            "! le journal de PostgreSQL n’arrive plus dans MISS_BACKUP_WAL_DIR : toute la base a été copiée à sa "
            "place. Voyez « journalctl -u miss-wal ».",
            err=True,
        )


@app.command("list")
def list_() -> None:
    """Every backup there is."""
    found = run(_backups().list_())
    for snapshot, opens in found:
        typer.echo(f"{_when(snapshot.moment)}  {snapshot.id[:8]}{'' if opens else '  ✗ sans clés'}")
    if not found:
        typer.echo("Aucune sauvegarde : « miss backup take » en fait une.", err=True)
        raise typer.Exit(1)


@app.command()
def verify(
    everything: Annotated[
        bool, typer.Option("--everything", help="Read every byte, not the structure only: once a month.")
    ] = False,
) -> None:
    """Check that the repositories hold."""
    run(_backups().verify(everything=everything))
    typer.echo("✓ les deux dépôts tiennent" + (", chaque octet a été relu" if everything else ""))


@app.command()
def restore(
    to: Annotated[Path, typer.Option("--to", help="New folder; becomes the data folder of the embedded layout.")],
    at: Annotated[
        datetime | None, typer.Option("--at", help="As things were then (UTC); by default as late as possible.")
    ] = None,
    log: Annotated[
        Path | None,
        typer.Option("--log", help="PostgreSQL: the folder of pg_receivewal, if it survived; nothing is lost then."),
    ] = None,
) -> None:
    """Write a whole deployment into a new folder.  Nothing that exists is touched."""
    restored = run(_backups().restore(to, at.replace(tzinfo=UTC) if at else None, log))
    _end_progress()
    typer.echo(f"✓ l’état du {_when(restored.moment)} est dans {restored.folder}")
    for step in _next_steps(restored):
        typer.echo(f"  → {step}")


@app.command()
def declare(
    root_key: Annotated[
        Path | None,
        typer.Option("--root-key", help="The file root.key, wherever it is kept; by default beside root.pub."),
    ] = None,
    restored_to: Annotated[
        datetime | None,
        typer.Option("--restored-to", help="Restored by other means than ours: as things were then (UTC)."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Sign that this server was restored to an older point, so that devices put back what it lost.  Once a restore."""
    settings = load_settings()
    moment = restored_to.replace(tzinfo=UTC) if restored_to else find_restored(settings)
    if moment is None:
        typer.echo(
            "Rien à déclarer : ce dossier ne vient pas de « miss backup restore », ou c’est déjà fait. Restauré "
            "autrement (instantané d’une machine…) ? Donnez --restored-to.",
            err=True,
        )
        raise typer.Exit(1)
    typer.echo(
        f"Les appareils tiendront pour perdu ce que le serveur avait reçu après le {_when(moment)} et n’a plus ; ils "
        "renverront ce qu’ils ont. Une telle déclaration ne se retire pas."
    )
    if not yes and not typer.confirm("Déclarer ce retour en arrière ?"):
        raise typer.Exit(1)
    declared = run(declare_restored(settings, moment, root_key))
    forget_restored(settings)
    typer.echo(f"✓ retour n° {declared.epoch} déclaré ; les appareils connectés se réconcilient dans la seconde")


def _next_steps(restored: Restored) -> list[str]:
    folder = restored.folder
    if not restored.is_postgresql:
        return [
            f"arrêtez l’ancien serveur, puis MISS_DATA_DIR={folder} miss check, et « miss audit verify »",
            f"MISS_DATA_DIR={folder} miss backup declare --root-key …/root.key : signe le retour en arrière",
            f"MISS_DATA_DIR={folder} miss serve",
        ]
    return [
        f"démarrez PostgreSQL sur {folder / 'postgresql'} (il rejoue {folder / 'wal'}), même version qu’avant",
        f"pg_restore --clean --if-exists -d <magasin de clés> {folder / 'keys' / 'keystore.dump'}",
        f"MISS_DATA_DIR={folder}, MISS_MASTER_KEY_FILE={folder / 'keys' / 'master.key'}, "
        f"MISS_OPERATOR_KEYS_DIR={folder / 'keys' / 'operator'}, puis miss check et miss audit verify",
        "miss backup declare --root-key …/root.key : signe le retour en arrière, puis miss serve",
    ]


def _backups() -> Backups:
    return Backups(load_settings(), SystemClock(), _tell)


def _tell(step: str, part: float) -> None:
    if sys.stderr.isatty():
        typer.echo(f"\r\x1b[K  {_STEPS[step]} : {part:.0%}", err=True, nl=False)


def _end_progress() -> None:
    if sys.stderr.isatty():
        typer.echo("\r\x1b[K", err=True, nl=False)


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(PARIS):%d/%m/%Y à %H:%M:%S}"


def _size(size_bytes: int) -> str:
    size = float(size_bytes)
    for unit in ("o", "Kio", "Mio", "Gio"):
        if size < _KIB or unit == "Gio":
            return f"{size:.0f} {unit}" if unit == "o" else f"{size:.1f} {unit}".replace(".", ",")
        size /= _KIB
    raise AssertionError("every size has a unit")
