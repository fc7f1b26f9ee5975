"""Queries on preferences."""

from datetime import datetime

from sqlalchemy import bindparam
from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts.tables import AccountRow
from miss.directory.preferences.model import DEFAULT, NotificationLevel
from miss.directory.preferences.tables import AccountPreferenceRow
from miss.storage import Transaction
from miss.storage.direct import PortableStatement

_LEVEL_OF = PortableStatement(
    select(AccountPreferenceRow.notification)
    .join(AccountRow, col(AccountRow.uid) == col(AccountPreferenceRow.uid))
    .where(col(AccountRow.practitioner_id) == bindparam("of")),
    ("of",),
)


async def get_level(tx: Transaction, uid: AccountId) -> NotificationLevel:
    """What the account chose, or the default."""
    row = await tx.get(AccountPreferenceRow, uid)
    return NotificationLevel(row.notification) if row else DEFAULT


async def get_level_of(tx: Transaction, practitioner_id: PractitionerId) -> NotificationLevel:
    """As `get_level`, for somebody known by their entry in the directory; the default for who has no account."""
    rows = await _LEVEL_OF.fetch(tx, practitioner_id)
    return NotificationLevel(rows[0][0]) if rows else DEFAULT


async def put_level(tx: Transaction, uid: AccountId, level: NotificationLevel, now: datetime) -> None:
    """Keep the choice in place of the one before.  The account is locked."""
    row = await tx.get(AccountPreferenceRow, uid) or AccountPreferenceRow(uid=uid, notification="", changed_at=now)
    row.notification, row.changed_at = level.value, now
    tx.add(row)
    await tx.flush()
