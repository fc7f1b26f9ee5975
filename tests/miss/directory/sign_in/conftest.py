"""People who can sign in."""

from dataclasses import dataclass

import pytest

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, ActivationPurpose
from miss.directory.practitioners import Practitioners
from miss.directory.sample import people
from miss.directory.sign_in import Opened, SecondFactorAsked, SignedIn, SignIn, Visit
from miss.directory.sign_in.factors import SecondFactors
from miss.directory.sign_in.passkeys.model import relying_party
from miss.directory.sign_in.passkeys.service import Passkeys
from miss.storage import Database
from miss.storage.sealed import KeyStore

PASSWORD = "quatre mots sans aucun rapport"
ORIGIN = "https://miss.example"
NOWHERE = Visit()


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a password."""

    rpps: str
    account: Account
    sign_in: SignIn

    async def begin(self, visit: Visit = NOWHERE, *, replaces: str = "") -> Opened | SecondFactorAsked:
        """What their password opens."""
        return await self.sign_in.sign_in(self.rpps, PASSWORD, visit, replaces=replaces)

    async def enter(self, visit: Visit = NOWHERE, *, replaces: str = "") -> str:
        """The token of a session that the password alone opens."""
        opened = await self.begin(visit, replaces=replaces)
        assert isinstance(opened, Opened)
        return opened.token

    async def asked(self, visit: Visit = NOWHERE) -> str:
        """The token of the step at which a second factor is asked for."""
        asked = await self.begin(visit)
        assert isinstance(asked, SecondFactorAsked)
        return asked.token

    async def at(self, token: str) -> SignedIn:
        """Who speaks with that session."""
        found = await self.sign_in.find_session(token)
        assert isinstance(found, SignedIn)
        return found


async def open_person(rpps: str, practitioners: Practitioners, accounts: Accounts, sign_in: SignIn) -> Person:
    """A verified account with a password."""
    found = await practitioners.find_by_rpps(rpps)
    assert found is not None
    account = await accounts.open(found.id, by="cli")
    account = await accounts.verify(account.uid, "cli")
    issued = await accounts.issue_activation(account.uid, ActivationPurpose.BROWSER, "cli")
    await sign_in.choose_password(rpps, issued.code, PASSWORD)
    return Person(rpps, account, sign_in)


@pytest.fixture
async def anne(practitioners: Practitioners, accounts: Accounts, sign_in: SignIn) -> Person:
    return await open_person(people.ANNE_MODELE, practitioners, accounts, sign_in)


@pytest.fixture
async def karim(practitioners: Practitioners, accounts: Accounts, sign_in: SignIn) -> Person:
    return await open_person(people.KARIM_ESSAI, practitioners, accounts, sign_in)


@pytest.fixture
def factors(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    keystore: KeyStore,
    accounts: Accounts,
    sign_in: SignIn,
) -> SecondFactors:
    return SecondFactors(db, clock, random_bytes, keystore, accounts, sign_in)


@pytest.fixture
def passkeys(
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
    accounts: Accounts,
    sign_in: SignIn,
    factors: SecondFactors,
) -> Passkeys:
    return Passkeys(db, clock, random_bytes, accounts, sign_in, factors, relying_party(ORIGIN))
