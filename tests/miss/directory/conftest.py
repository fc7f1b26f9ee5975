"""The directory filled with the fictive register, and the services that stand on it."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioners
from miss.directory.sample import open_mailboxes, open_register
from miss.directory.sign_in import PasswordCost, SignIn
from miss.storage import Database


@pytest.fixture
async def practitioners(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Practitioners:
    """The fictive register and its mailboxes, imported."""
    directory = Practitioners(db, clock, random_bytes)
    with open_register() as lines:
        await directory.import_register(lines)
    with open_mailboxes() as lines:
        await directory.import_mailboxes(lines)
    return directory


@pytest.fixture
def accounts(practitioners: Practitioners, db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Accounts:
    """No account yet; codes live 30 days and bear five wrong tries."""
    return Accounts(db, clock, random_bytes, validity=timedelta(days=30), tries=5)


@pytest.fixture
def sign_in(
    practitioners: Practitioners,
    accounts: Accounts,
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
) -> SignIn:
    """Sessions idle for 30 minutes or open for 12 hours end."""
    return SignIn(
        db,
        clock,
        random_bytes,
        practitioners,
        accounts,
        idle=timedelta(minutes=30),
        absolute=timedelta(hours=12),
        cost=PasswordCost.MINIMAL,
    )
