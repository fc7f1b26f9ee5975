"""What has to hold before anything is written: a disk, the keys that belong to the data, a clock to be believed.

Each refusal names what is wrong and the remedy, and has changed nothing.  A key that is lost is never replaced by a
new one: that would open nothing, and hide the loss until the backups of the old one are gone.
"""

import os
from datetime import timedelta
from pathlib import Path
from typing import Final

from miss.base.clock import Clock
from miss.directory.audit import AuditLog
from miss.server.errors import ClockBehind, ClocksDiffer, FolderNotWritable, OperatorKeysLost
from miss.server.examination.databases import measure_clock
from miss.server.settings import Settings
from miss.storage import Database
from miss.storage.sealed import require_opener

CLOCK_TOLERANCE: Final = timedelta(minutes=5)
"""Beyond it codes of second factors and dates of devices are refused: what a user then reads blames the wrong clock."""


def require_writable(settings: Settings) -> None:
    """Raises FolderNotWritable for the data folder, or the one that it is to be made in."""
    folder = settings.data_dir.absolute()
    existing = next(one for one in (folder, *folder.parents) if one.exists())
    for one in (existing, folder / "keys"):
        if one.exists() and not _is_writable(one):
            raise FolderNotWritable(folder=one)


def _is_writable(folder: Path) -> bool:
    # Asks the mount as well: on a read-only one root has no leave either.
    return os.access(folder, os.W_OK | os.X_OK)


async def require_keys(settings: Settings, clock: Clock, db: Database, keys: Database) -> None:
    """Raises MasterKeyLost, OperatorKeysLost if these databases have served with keys that are not there."""
    await require_opener(keys, settings.master_key)
    folder = settings.operator_keys
    if not (folder / "root.pub").exists() and await AuditLog(db, clock).find_last_moment() is not None:
        raise OperatorKeysLost(folder=folder)


async def require_clock(db: Database, clock: Clock) -> None:
    """Raises ClocksDiffer, ClockBehind.

    A clock that is ahead shows beside PostgreSQL's; one that is behind, also beside what was written before.
    """
    there, here = await measure_clock(db), clock.now()
    if there is not None and abs(there - here) > CLOCK_TOLERANCE:
        raise ClocksDiffer(minutes=round(abs(there - here) / timedelta(minutes=1)))
    last = await AuditLog(db, clock).find_last_moment()
    if last is not None and last - here > CLOCK_TOLERANCE:
        raise ClockBehind(minutes=round((last - here) / timedelta(minutes=1)))
