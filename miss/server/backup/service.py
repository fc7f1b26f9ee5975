"""One backup, and one restore, of a whole deployment.  ADR 50

A backup may be cut short at any point: what was copied stays in the repository for the next one, and a backup counts
once both halves are in.  A restore writes into an empty folder and touches nothing else: what is there now stays
until somebody decides otherwise.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url

from miss.base.clock import Clock, monotonic_s
from miss.server.backup import log, model, postgresql, sqlite
from miss.server.backup.errors import (
    BackupIncomplete,
    FolderNotEmpty,
    LogOnlyForLatest,
    NoBackupConfigured,
    NoLogThere,
)
from miss.server.backup.model import Part, Snapshot, Taken, choose
from miss.server.backup.restic import Repository, Stored
from miss.server.settings import Settings

STAGING: Final = "backup"
LAST: Final = "last.json"
FORMAT: Final = 1

Tell = Callable[[str, float], None]
"""Hears which step is under way, and how much of it is done, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Restored:
    """Where a restore put things, and what is left to do."""

    folder: Path
    moment: datetime
    is_postgresql: bool


class Backups:
    """The backups of one deployment."""

    def __init__(self, settings: Settings, clock: Clock, tell: Tell = lambda _step, _part: None) -> None:
        """Raises NoBackupConfigured."""
        if settings.backup_password_file is None or settings.backup_keys_password_file is None:
            raise NoBackupConfigured
        self._settings = settings
        self._clock = clock
        self._tell = tell
        self._log_comes = True
        self.data = Repository(settings.backup_repository, settings.backup_password_file, Part.DATA)
        self.keys = Repository(settings.backup_keys_repository, settings.backup_keys_password_file, Part.KEYS)

    # Taking

    async def take(self) -> Taken:
        """Copy everything now, then let go of what is too old.

        Raises CopyFailed, RepositoryFailed, ProgramMissing: the backup before it stands.
        """
        moment, started_s = self._clock.now().replace(microsecond=0), monotonic_s()
        await self.data.ensure()
        await self.keys.ensure()
        data = await self._take_data(moment)
        keys = await self._take_keys(moment)
        await self.data.forget(self._settings.backup_days)
        await self.keys.forget(self._settings.backup_keys_days)
        taken = Taken(
            moment,
            data.files + keys.files,
            data.read_bytes + keys.read_bytes,
            data.added_bytes + keys.added_bytes,
            monotonic_s() - started_s,
            self._log_comes,
        )
        note_taken(self._settings, moment, log_comes=taken.log_comes)
        return taken

    async def _take_data(self, moment: datetime) -> Stored:
        root = self._settings.data_dir.resolve()
        staging = root / STAGING
        staging.mkdir(mode=0o700, parents=True, exist_ok=True)
        copied = await self._copy_databases(staging, moment)
        (staging / model.MANIFEST).write_text(json.dumps({"format": FORMAT, "moment": moment.isoformat()}))
        names = [f"{STAGING}/{name}" for name in (*copied, model.MANIFEST)]
        names += [name for name in (model.BLOBS, model.SPOOL) if (root / name).is_dir()]
        stored = await self.data.put(root, names, moment, lambda part: self._tell("data", part))
        for name in (model.DATABASE, model.REGISTER):
            (staging / name).unlink(missing_ok=True)
        return stored

    async def _copy_databases(self, staging: Path, moment: datetime) -> list[str]:
        """Consistent copies of the application's databases in `staging`; their names there."""
        settings = self._settings
        self._tell("database", 0.0)
        if settings.database_url is None:
            for url, name in ((settings.database, model.DATABASE), (settings.register, model.REGISTER)):
                await asyncio.to_thread(sqlite.copy_sqlite, file_of(url), staging / name)
            copied = [model.DATABASE, model.REGISTER]
        else:
            copied = await self._copy_cluster(settings.database, staging, moment)
        self._tell("database", 1.0)
        return copied

    async def _copy_cluster(self, url: str, staging: Path, moment: datetime) -> list[str]:
        """The base and its log up to now; a new base if the log has not come, or not without a hole."""
        base, folder = staging / model.CLUSTER, self._settings.backup_wal_dir
        if folder is None:
            await postgresql.take_base(url, base)
            return [model.CLUSTER]
        self._log_comes = await log.is_received(url, folder, model.moment_tag(moment))
        if not (self._log_comes and self._is_fresh(base) and await asyncio.to_thread(log.continues, base, folder)):
            await postgresql.take_base(url, base)
        postgresql.forget_log(base, folder)
        # Beside the base, whatever the folder is called elsewhere: a snapshot restores without the settings of then.
        await asyncio.to_thread(log.copy_log, folder, staging / model.LOG)
        return [model.CLUSTER, model.LOG]

    def _is_fresh(self, base: Path) -> bool:
        label = base / "backup_label"
        if not label.is_file():
            return False
        age_s = self._clock.now().timestamp() - label.stat().st_mtime
        return age_s < self._settings.backup_base_hours * 3600

    async def _take_keys(self, moment: datetime) -> Stored:
        async with self._staged_keys() as folder:
            return await self.keys.put(folder, ["."], moment, lambda part: self._tell("keys", part))

    @asynccontextmanager
    async def _staged_keys(self) -> AsyncIterator[Path]:
        """Copies of every key in one folder beside the master key, for as long as it takes."""
        settings = self._settings
        folder = settings.master_key.resolve().parent / f".{STAGING}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700, parents=True)
        try:
            if settings.keystore_url is None:
                await asyncio.to_thread(sqlite.copy_sqlite, file_of(settings.keystore), folder / model.KEYSTORE)
            else:
                await postgresql.dump(settings.keystore, folder / model.KEYSTORE_DUMP)
            shutil.copy2(settings.master_key, folder / model.MASTER_KEY)
            shutil.copytree(settings.operator_keys, folder / model.OPERATOR)
            mail_key = settings.mail_key_file or settings.data_dir / "keys" / model.MAIL_KEY
            if mail_key.is_file():
                shutil.copy2(mail_key, folder / model.MAIL_KEY)
            device = settings.platform_device_dir or settings.data_dir / model.PLATFORM_DEVICE
            if device.is_dir():
                shutil.copytree(device, folder / model.PLATFORM_DEVICE)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # Looking

    async def list_(self) -> list[tuple[Snapshot, bool]]:
        """Every copy of the data, oldest first, and whether keys that open it are kept."""
        keys = await self.keys.list_()
        latest = max((one.moment for one in keys), default=None)
        return [(one, latest is not None and latest >= one.moment) for one in await self.data.list_()]

    async def verify(self, *, everything: bool) -> None:
        """Have both repositories checked; `everything`: each byte is read.  Raises RepositoryFailed."""
        for repository in (self.data, self.keys):
            await repository.check(everything=everything)

    # Restoring

    async def restore(self, folder: Path, at: datetime | None = None, survivor: Path | None = None) -> Restored:
        """The deployment as it was at `at` (None: as late as possible), as a data folder of the embedded layout.

        `survivor`: on PostgreSQL, the folder of the receiver if it was not lost: it leads further than the last copy.
        `folder` then has what `MISS_DATA_DIR` has, keys included; on PostgreSQL also `postgresql/` and `wal/`, which a
        PostgreSQL server started there replays, and `keys/keystore.dump`.  Raises FolderNotEmpty, NoSuchBackup,
        BackupIncomplete, RepositoryFailed, LogOnlyForLatest, NoLogThere.
        """
        _require_empty(folder)
        if survivor is not None:
            _require_log(survivor, at)
        data, keys = choose(await self.data.list_(), await self.keys.list_(), at)
        _make(folder)
        self._tell("data", 0.0)
        await self.data.take_out(data, folder)
        self._tell("keys", 0.0)
        await self.keys.take_out(keys, folder / model.KEYS)
        staging = folder / STAGING
        if not (staging / model.MANIFEST).is_file():
            raise BackupIncomplete(part=model.MANIFEST, snapshot=data.id[:8])
        for one in sorted(staging.iterdir()):
            one.rename(folder / one.name)
        staging.rmdir()
        is_postgresql = (folder / model.CLUSTER).is_dir()
        _require_parts(folder, data, is_postgresql=is_postgresql)
        if (folder / model.KEYS / model.PLATFORM_DEVICE).is_dir():
            (folder / model.KEYS / model.PLATFORM_DEVICE).rename(folder / model.PLATFORM_DEVICE)
        if survivor is not None and (folder / model.LOG).is_dir():
            await asyncio.to_thread(log.add_survivors, survivor, folder / model.LOG)
        if is_postgresql and (folder / model.LOG).is_dir():
            postgresql.prepare_recovery(folder / model.CLUSTER, folder / model.LOG)
        (folder / model.MANIFEST).unlink()
        note_restored(folder, data.moment)
        return Restored(folder, data.moment, is_postgresql)


def note_restored(folder: Path, moment: datetime) -> None:
    """Write down that this data folder came from a backup, and of when."""
    (folder / model.RESTORED).write_text(json.dumps({"moment": moment.isoformat()}))


def find_restored(settings: Settings) -> datetime | None:
    """The time that the data folder was restored to; None if it was not, or that was declared."""
    try:
        said = json.loads((settings.data_dir / model.RESTORED).read_text())
        return datetime.fromisoformat(said["moment"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_restored(settings: Settings) -> None:
    """It was declared."""
    (settings.data_dir / model.RESTORED).unlink(missing_ok=True)


def _require_empty(folder: Path) -> None:
    """Raises FolderNotEmpty."""
    if folder.exists() and any(folder.iterdir()):
        raise FolderNotEmpty(folder=folder)


def _require_log(folder: Path, at: datetime | None) -> None:
    """Raises LogOnlyForLatest, NoLogThere."""
    if at is not None:
        raise LogOnlyForLatest
    if not log.segments(folder):
        raise NoLogThere(folder=folder)


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _require_parts(folder: Path, data: Snapshot, *, is_postgresql: bool) -> None:
    """Raises BackupIncomplete."""
    wanted = [f"{model.KEYS}/{model.MASTER_KEY}", f"{model.KEYS}/{model.OPERATOR}"]
    if is_postgresql:
        wanted += [f"{model.CLUSTER}/PG_VERSION"]
    else:
        wanted += [model.DATABASE, model.REGISTER]
    for part in wanted:
        if not (folder / part).exists():
            raise BackupIncomplete(part=part, snapshot=data.id[:8])
    if not any((folder / model.KEYS / name).exists() for name in (model.KEYSTORE, model.KEYSTORE_DUMP)):
        raise BackupIncomplete(part=model.KEYSTORE, snapshot=data.id[:8])


def file_of(url: str) -> Path:
    """The file of a SQLite URL."""
    return Path(make_url(url).database or "")


def note_taken(settings: Settings, moment: datetime, *, log_comes: bool = True) -> None:
    """Write down that a backup is whole, for `miss check` and `/metrics`."""
    said = {"moment": moment.isoformat(), "log_comes": log_comes}
    (settings.data_dir / STAGING / LAST).write_text(json.dumps(said))


def log_came(settings: Settings) -> bool:
    """Whether the log of PostgreSQL had come at the last backup; True where there is none."""
    try:
        return json.loads((settings.data_dir / STAGING / LAST).read_text()).get("log_comes") is not False
    except (OSError, ValueError, AttributeError):
        return True


def last_taken(settings: Settings) -> datetime | None:
    """When the last whole backup began; None: there was none on this machine."""
    try:
        said = json.loads((settings.data_dir / STAGING / LAST).read_text())
        return datetime.fromisoformat(said["moment"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
