"""What is copied, where it lies in a copy, and which copy a restore takes.  Values and rules, no I/O.

A backup is two snapshots with the same `moment`: one of the data, one of the keys, in two repositories.  The data are
copied first.  Keys are made before what they seal, and destroyed with it: keys copied after the data open everything
in them that has not been destroyed since, and nothing that has.  For the same reason a restore takes the **latest**
keys, whatever the age of the data.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from miss.server.backup.errors import NoSuchBackup

DATABASE: Final = "miss.db"
REGISTER: Final = "register.db"
CLUSTER: Final = "postgresql"
"""The base of a PostgreSQL cluster; its log beside it, in LOG."""
LOG: Final = "wal"
BLOBS: Final = "blobs"
SPOOL: Final = "spool"

KEYS: Final = "keys"
KEYSTORE: Final = "keys.db"
KEYSTORE_DUMP: Final = "keystore.dump"
MASTER_KEY: Final = "master.key"
OPERATOR: Final = "operator"
MAIL_KEY: Final = "mail.pem"
PLATFORM_DEVICE: Final = "platform-device"

MANIFEST: Final = "backup.json"
RESTORED: Final = "restored.json"
"""What a restore leaves: the time restored to, until somebody has declared it."""


class Part(StrEnum):
    """The two halves of a backup."""

    DATA = "data"
    KEYS = "keys"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One snapshot in a repository."""

    id: str
    part: Part
    moment: datetime
    """When the backup began; the same for both halves."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run did."""

    moment: datetime
    files: int
    read_bytes: int
    """The size of everything that is now safe."""
    added_bytes: int
    """How much of it the repositories did not have yet, compressed and encrypted."""
    seconds: float
    log_comes: bool
    """False on PostgreSQL if its log does not reach the folder of the backups: a whole base was copied in its place."""


def choose(data: Sequence[Snapshot], keys: Sequence[Snapshot], at: datetime | None) -> tuple[Snapshot, Snapshot]:
    """The latest data not after `at` (None: the latest of all) that keys were copied after, and the latest keys.

    A machine that was lost in the midst of a backup leaves data without keys: the backup before it is whole.
    Raises NoSuchBackup: nothing that old, or no keys from then on.
    """
    opening = max(keys, key=lambda one: one.moment, default=None)
    fit = [one for one in data if opening and one.moment <= opening.moment and (at is None or one.moment <= at)]
    if opening is None or not fit:
        raise NoSuchBackup
    return max(fit, key=lambda one: one.moment), opening


def moment_tag(moment: datetime) -> str:
    """`moment` as restic's tag: 20261122T231500Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def parse_moment(tag: str) -> datetime:
    """The instant of a tag.  Raises ValueError."""
    return datetime.strptime(tag, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
