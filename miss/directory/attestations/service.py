"""Issue an attestation to who is signed in, check one for anybody."""

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, AccountNotActive, Accounts, Act
from miss.directory.attestations import store
from miss.directory.attestations.model import Attestation, compose_number, normalise_number
from miss.storage import Database


class Attestations:
    """The numbers that were given out."""

    def __init__(self, db: Database, clock: Clock, random_bytes: RandomBytes, accounts: Accounts) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._accounts = accounts

    async def issue(self, account: Account) -> Attestation:
        """The number of an account's present verification, the same however often.  Raises AccountNotActive."""
        if not account.is_active:
            raise AccountNotActive
        fresh = Attestation(
            compose_number(self._random_bytes), account.uid, account.verification_since, self._clock.now()
        )
        async with self._db.transaction() as tx:
            if await store.insert(tx, fresh):
                await self._accounts.record(
                    tx, Act.ATTESTATION_ISSUED, uid=account.uid, by=account.uid.hex(), detail=fresh.number
                )
            return await store.find_of(tx, account) or fresh

    async def is_valid(self, number: str) -> bool:
        """True if the number was given out and what it attests holds now; False for anything else."""
        async with self._db.snapshot() as tx:
            found = await store.find(tx, normalise_number(number))
        if found is None:
            return False
        return found.holds(await self._accounts.get(found.uid))
