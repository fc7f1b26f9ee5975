"""The machine itself: room on the disk, a broker that answers, a backup that is not old."""

import os
import shutil
from datetime import timedelta
from typing import Final

from miss.base.clock import Clock
from miss.broker import RedisBroker
from miss.server.backup.service import find_restored, last_taken, log_came
from miss.server.examination.model import Finding, problem, remark, warning
from miss.server.settings import Settings

LEAST_FREE_BYTES: Final = 2 * 2**30
LEAST_FREE_SHARE: Final = 0.1
_GIB: Final = 2**30
BACKUP_AGE: Final = timedelta(hours=1)
"""Twelve backups missed in a row."""


async def examine_machine(settings: Settings, clock: Clock) -> list[Finding]:
    """Disk, broker, backups."""
    return [
        *_examine_disk(settings),
        *await _examine_broker(settings),
        *examine_restore(settings),
        *examine_backups(settings, clock),
    ]


def _examine_disk(settings: Settings) -> list[Finding]:
    folder = settings.data_dir
    if not folder.is_dir():
        return []
    if not os.access(folder, os.W_OK | os.X_OK):
        return [
            problem(
                "{folder} ne peut pas être écrit : remontez le disque en écriture, ou rendez le dossier au compte du "
                "service.",
                "{folder} cannot be written to: mount the disk for writing, or give the folder to the account of the "
                "service.",
                folder=folder,
            )
        ]
    usage = shutil.disk_usage(folder)
    if usage.free >= LEAST_FREE_BYTES and usage.free >= LEAST_FREE_SHARE * usage.total:
        return []
    found = problem if usage.free < LEAST_FREE_BYTES else warning
    return [
        found(
            "Il reste {free:.1f} Gio sur le disque de {folder} ({share:.0%}) : agrandissez-le ou libérez de la place ; "
            "plein, plus rien n’est accepté.",
            "{free:.1f} GiB are left on the disk of {folder} ({share:.0%}): enlarge it or make room; when it is full "
            "nothing is accepted any more.",
            free=usage.free / _GIB,
            folder=folder,
            share=usage.free / usage.total,
        )
    ]


async def _examine_broker(settings: Settings) -> list[Finding]:
    if settings.redis_url is None:
        return []
    broker = RedisBroker(settings.redis_url.get_secret_value())
    await broker.start()
    answers = broker.connected
    await broker.close()
    if answers:
        return []
    return [
        problem(
            "Redis ne répond pas (MISS_REDIS_URL) : les messages passent, avec retard.",
            "Redis does not answer (MISS_REDIS_URL): messages pass, late.",
        )
    ]


def examine_restore(settings: Settings) -> list[Finding]:
    """Whether this folder came from a backup that nobody has declared yet: devices stop where they know more."""
    moment = find_restored(settings)
    if moment is None:
        return []
    return [
        problem(
            "Ces données ont été restaurées à l’état du {moment}, sans que ce soit déclaré : « miss backup declare ».",
            "These data were restored to the state of {moment}, which was not declared: “miss backup declare”.",
            moment=f"{moment:%Y-%m-%d %H:%M} UTC",
        )
    ]


def examine_backups(settings: Settings, clock: Clock) -> list[Finding]:
    """Whether there are any, and how old the last one is."""
    if not settings.backup_repository:
        return [
            remark(
                "aucune sauvegarde n’est réglée : MISS_BACKUP_REPOSITORY (docs/operations.md, « Backups »)",
                "no backup is configured: MISS_BACKUP_REPOSITORY (docs/operations.md, “Backups”)",
            )
        ]
    last = last_taken(settings)
    if last is None:
        return [
            problem(
                "Aucune sauvegarde n’a encore été faite : « miss backup take », puis le minuteur de deploy/systemd.",
                "No backup was made yet: “miss backup take”, then the timer of deploy/systemd.",
            )
        ]
    age = clock.now() - last
    if age <= BACKUP_AGE:
        return [] if log_came(settings) else [_log_missing(settings)]
    return [
        problem(
            "La dernière sauvegarde date de {hours:.0f} h : voyez « journalctl -u miss-backup ».",
            "The last backup is {hours:.0f} h old: see “journalctl -u miss-backup”.",
            hours=age.total_seconds() / 3600,
        )
    ]


def _log_missing(settings: Settings) -> Finding:
    return problem(
        "Le journal de PostgreSQL n’arrive plus dans {folder} : chaque sauvegarde copie toute la base, et le serveur "
        "garde son journal jusqu’à remplir son disque. Voyez « journalctl -u miss-wal ».",
        "PostgreSQL’s log does not arrive in {folder} any more: each backup copies the whole cluster, and the server "
        "keeps its log until its disk is full. See “journalctl -u miss-wal”.",
        folder=settings.backup_wal_dir,
    )
