"""Key files: there, whole, for the service's eyes only; and how long the master key has served (ADR 40)."""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.server.examination.model import Finding, of_error, problem, warning
from miss.server.settings import Settings
from miss.storage import Database
from miss.storage.migrate import keystore_schema, require_current
from miss.storage.sealed import load_master_keys, wrapping_since

MASTER_KEY_DAYS: Final = 45
"""Half a month of grace after the month it should serve."""


async def examine_keys(settings: Settings, clock: Clock) -> list[Finding]:
    """The master key, and every file beside it and among the operator's keys."""
    try:
        load_master_keys(settings.master_key)
    except MissError as error:
        return [of_error(error), *_examine_folder(settings.operator_keys), *_examine_secrets(settings)]
    return [
        *_examine_folder(settings.operator_keys),
        *_examine_secrets(settings),
        *_root_key(settings.operator_keys),
        *await _age(settings, clock),
    ]


def _examine_folder(folder: Path) -> list[Finding]:
    if not folder.is_dir():
        return [
            problem(
                "Les clés de l’opérateur manquent ({folder}) : restaurez-les, ou « miss migrate --create-keys » au "
                "premier démarrage seulement.",
                "The operator's keys are missing ({folder}): restore them, or “miss migrate --create-keys” at the very "
                "first start only.",
                folder=folder,
            )
        ]
    return _examine_modes(sorted(folder.glob("*.key")))


def _examine_secrets(settings: Settings) -> list[Finding]:
    """The other files that only the service may read, where they are named or made."""
    named = (
        settings.mail_key_file or settings.data_dir / "keys" / "mail.pem",
        settings.backup_password_file,
        settings.backup_keys_password_file,
        settings.psc_client_secret_file,
    )
    missing = [file for file in named[1:] if file is not None and not file.exists()]
    return [
        *_examine_modes([file for file in named if file is not None and file.exists()]),
        *(
            problem(
                "{file} n’existe pas : remettez-le, ou corrigez le réglage qui le nomme.",
                "{file} does not exist: put it back, or correct the setting that names it.",
                file=file,
            )
            for file in missing
        ),
    ]


def _examine_modes(files: Iterable[Path]) -> list[Finding]:
    return [
        problem(
            "D’autres comptes de la machine peuvent lire {file} : chmod 600 {file}",
            "Other accounts of this machine can read {file}: chmod 600 {file}",
            file=file,
        )
        for file in files
        if file.stat().st_mode & 0o077
    ]


def _root_key(folder: Path) -> list[Finding]:
    if not (folder / "root.key").exists():
        return []
    return [
        warning(
            "{file} est sur cette machine : rangez-la hors ligne, elle ne sert qu’à renouveler les certificats.",
            "{file} is on this machine: keep it offline, only the renewal of certificates needs it.",
            file=folder / "root.key",
        )
    ]


async def _age(settings: Settings, clock: Clock) -> list[Finding]:
    db = Database(settings.keystore)
    try:
        await require_current(db, keystore_schema())
        since = await wrapping_since(db)
    except MissError:
        return []  # said by those who examine the databases
    finally:
        await db.close()
    days = (clock.now() - since).days if since else 0
    if days <= MASTER_KEY_DAYS:
        return []
    return [
        problem(
            "La clé maîtresse sert depuis {days} jours : « miss keys renew », puis sauvegardez les clés.",
            "The master key has served for {days} days: “miss keys renew”, then back up the keys.",
            days=days,
        )
    ]
