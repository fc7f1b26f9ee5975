"""People with an active account."""

from miss.directory.accounts import Account, Accounts
from miss.directory.practitioners.model import practitioner_id


async def a_member(accounts: Accounts, rpps: str) -> Account:
    """An account for that number, verified."""
    account = await accounts.open(practitioner_id(rpps), by="test")
    return await accounts.verify(account.uid, "test")
