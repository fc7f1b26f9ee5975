"""A new master key in the place of the old one: every data key wrapped anew, then the old master key destroyed.

Content is not touched.  Whoever holds an old backup of the key store needs the master key of that time, which no longer
exists: data keys destroyed before a renewal are gone from backups too (ADR 40).

Four steps, each of which leaves everything readable, so that a crash between any two is resumed by running again: the
new key is added to the file; the key store names it the one that wraps; what the old one wrapped is wrapped anew;
the file keeps the new one alone.  Servers at work read the file again when they meet a key they do not know.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.storage.database import Database
from miss.storage.errors import MasterKeyLost
from miss.storage.sealed import store
from miss.storage.sealed.master import KEY_BYTES, MasterKey, MasterKeys, read_master_keys, replace_master_keys
from miss.storage.sealed.wrapping import unwrap, wrap

SLICE = 200
"""Data keys wrapped anew in one transaction: a few milliseconds."""

log = structlog.get_logger("miss.sealed")


@dataclass(frozen=True, slots=True)
class Renewed:
    """What became of the keys."""

    former: str
    """Id of the master key that is gone, or going if it was kept."""
    current: str
    rewrapped: int
    is_former_kept: bool


async def renew_master_key(
    db: Database,
    path: Path,
    clock: Clock,
    random_bytes: RandomBytes,
    *,
    keep_former: bool = False,
    tell: Callable[[int], None] = lambda _done: None,
) -> Renewed:
    """Renew the key at `path` that wraps the data keys in `db`, or finish a renewal that was interrupted.

    `keep_former` leaves the old key in the file, for machines that have a copy of it: hand the new file out, then run
    again.  `tell` hears how many data keys are done.  Raises MasterKeyUnsafe, SealBroken for a data key that none of
    the file's keys opens, OSError if the file cannot be written.
    """
    keys = read_master_keys(path)
    wrapping = await store.get_wrapping(db) or keys[0].id
    if len(keys) == 1:
        keys = (*keys, MasterKey(random_bytes(KEY_BYTES)))
        replace_master_keys(path, keys)
    # Interrupted after the second step, the key store names the new one already.
    current = keys[-1]
    if wrapping != current.id:
        await store.set_wrapping(db, current.id, clock.now())
    rewrapped = await _rewrap(db, MasterKeys(keys), current, random_bytes, tell)
    if not keep_former:
        replace_master_keys(path, [current])
    log.info("master_key.renewed", current=current.id, rewrapped=rewrapped, kept=keep_former)
    return Renewed(keys[0].id, current.id, rewrapped, keep_former)


async def require_opener(db: Database, path: Path) -> None:
    """Refuse a file without the master key that wraps in `db`: lost, or another deployment's.

    A file that is to be made for a new key store passes.  Raises MasterKeyLost, MasterKeyUnsafe.
    """
    wrapping = await store.get_wrapping(db)
    if wrapping is not None and not _holds(path, wrapping):
        raise MasterKeyLost(path=path)


def _holds(path: Path, master_id: str) -> bool:
    return path.exists() and any(key.id == master_id for key in read_master_keys(path))


async def wrapping_since(db: Database) -> datetime | None:
    """Since when the master key of today wraps; None: nothing was wrapped yet."""
    return await store.get_wrapping_since(db)


async def _rewrap(
    db: Database, keys: MasterKeys, current: MasterKey, random_bytes: RandomBytes, tell: Callable[[int], None]
) -> int:
    done = 0
    while True:
        async with db.transaction() as tx:
            wrapped = await store.list_wrapped_by_others(tx, current.id, SLICE)
            for one in wrapped:
                key = unwrap(keys, one.master_id, one.key_id, one.wrapped)
                await store.rewrap(tx, one, wrap(current, one.key_id, key, random_bytes), current.id)
        if not wrapped:
            return done
        done += len(wrapped)
        tell(done)
