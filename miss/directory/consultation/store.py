"""Which entries are those of people with an active account."""

from collections.abc import Collection

from sqlmodel import col, select

from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts.model import Verification
from miss.directory.accounts.tables import AccountRow
from miss.storage import Transaction


async def active_accounts(tx: Transaction, ids: Collection[str]) -> dict[PractitionerId, AccountId]:
    """The active accounts of `ids` (some hundreds at most); the others are absent."""
    rows = await tx.exec(
        select(AccountRow.practitioner_id, AccountRow.uid).where(
            col(AccountRow.practitioner_id).in_(ids), AccountRow.verification == Verification.VERIFIED.value
        )
    )
    return {PractitionerId(practitioner_id): AccountId(uid) for practitioner_id, uid in rows}
