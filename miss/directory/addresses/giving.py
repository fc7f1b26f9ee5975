"""Sees to it that everybody whose account is verified has an address.

A verification plans the work in its own transaction, so that neither is there without the other; the work itself reads
the register, which on SQLite lies apart.  What was verified before addresses existed is made up for at the start.
"""

from collections.abc import Sequence

import structlog

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.addresses import store
from miss.directory.addresses.service import Addresses
from miss.directory.audit.model import SYSTEM
from miss.directory.practitioners import PractitionerNotFound, Practitioners, is_probe_id
from miss.directory.staff_people import is_staff_id
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, schedule

KIND = "address.give"
SLICE = 500
"""Accounts made up for in one transaction."""

log = structlog.get_logger("miss.directory")


class AddressGiving:
    """The observer of verifications, and the job they plan."""

    def __init__(
        self,
        addresses: Addresses,
        accounts: Accounts,
        practitioners: Practitioners,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
    ) -> None:
        self._addresses = addresses
        self._accounts = accounts
        self._practitioners = practitioners
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes

    def job_handler(self) -> JobHandler:
        """Gives one person their address."""
        return JobHandler(KIND, self._run)

    async def observe(self, tx: Transaction, account: Account) -> None:
        """Told of an account whose verification changed (`Accounts.observe`)."""
        if account.is_active and _is_addressed(account.practitioner_id):
            await self._plan(tx, account.uid)

    async def start(self) -> None:
        """Plan what is missing."""
        page: Sequence[AccountId] = [AccountId(b"")]
        while page:
            async with self._db.transaction() as tx:
                page = await store.list_unaddressed(tx, page[-1], SLICE)
                for uid in page:
                    await self._plan(tx, uid)

    async def _plan(self, tx: Transaction, uid: AccountId) -> None:
        await schedule(tx, KIND, uid.hex(), self._clock.now(), random_bytes=self._random_bytes)

    async def _run(self, job: Job) -> None:
        account = await self._accounts.get(AccountId(bytes.fromhex(job.key)))
        if not account.is_active or not _is_addressed(account.practitioner_id):
            return
        try:
            practitioner = await self._practitioners.get(account.practitioner_id)
        except PractitionerNotFound:
            # An account may be opened before the register has its person: an import and a start make up for it.
            log.warning("address.practitioner_unknown", account=job.key)
            return
        await self._addresses.assign(practitioner, by=SYSTEM)


def _is_addressed(practitioner_id: PractitionerId) -> bool:
    """People of the register are; staff people keep the address they came with, and nobody writes to a probe."""
    return not (is_staff_id(practitioner_id) or is_probe_id(practitioner_id))
