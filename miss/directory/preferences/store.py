"""Queries on preferences."""

from datetime import datetime

from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts.tables import AccountRow
from miss.directory.preferences.model import DEFAULT, NotificationLevel
from miss.directory.preferences.tables import AccountPreferenceRow
from miss.storage import Transaction


async def get_level(tx: Transaction, uid: AccountId) -> NotificationLevel:
    """What the account chose, or the default."""
    row = await tx.get(AccountPreferenceRow, uid)
    return NotificationLevel(row.notification) if row else DEFAULT


async def get_level_of(tx: Transaction, practitioner_id: PractitionerId) -> NotificationLevel:
    """As `get_level`, for somebody known by their entry in the directory; the default for who has no account."""
    query = (
        select(AccountPreferenceRow.notification)
        .join(AccountRow, col(AccountRow.uid) == col(AccountPreferenceRow.uid))
        .where(AccountRow.practitioner_id == practitioner_id)
    )
    found = (await tx.exec(query)).one_or_none()
    return NotificationLevel(found) if found else DEFAULT


async def put_level(tx: Transaction, uid: AccountId, level: NotificationLevel, now: datetime) -> None:
    """Keep the choice in place of the one before.  The account is locked."""
    row = await tx.get(AccountPreferenceRow, uid) or AccountPreferenceRow(uid=uid, notification="", changed_at=now)
    row.notification, row.changed_at = level.value, now
    tx.add(row)
    await tx.flush()
