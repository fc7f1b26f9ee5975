"""Block a correspondent, undo it, and say who has blocked whom to the rooms that carry messages (ADR 37).

Nobody else sees a list: neither the correspondent, who learns of it when they write, nor the access log's entries
about the correspondent.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.blocking import store
from miss.directory.blocking.errors import (
    BlockedPersonUnknown,
    BlockExists,
    BlockNotFound,
    BlocksFull,
    SelfBlocked,
)
from miss.directory.blocking.model import MAX_BLOCKS, Block, BlockedPair, BlockReason
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.register.mailboxes import is_address, normalise_address
from miss.storage import Database, Transaction

OnBlock = Callable[[Transaction, AccountId, AccountId], Awaitable[None]]
"""Called in the transaction that blocks, before it writes: who blocks, and whom."""


class Blocking:
    """Everybody's list."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        audit: AuditLog,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._audit = audit
        self._listeners: list[OnBlock] = []

    def add_listener(self, listener: OnBlock) -> None:
        """Have `listener` act in the transaction that blocks somebody who has an account."""
        self._listeners.append(listener)

    async def block(self, account: Account, whom: str, reason: BlockReason) -> Block:
        """Put somebody on `account`'s list.  `whom`: an RPPS number, or a mail address, in the directory or not.

        Raises BlockedPersonUnknown, SelfBlocked, BlockExists, BlocksFull.
        """
        practitioner, address = await self._find(whom)
        if practitioner is not None and practitioner.id == account.practitioner_id:
            raise SelfBlocked
        other = await self._accounts.find_by_practitioner(practitioner.id) if practitioner else None
        now = self._clock.now()
        block = Block(
            id=new_row_id(now, self._random_bytes),
            by=account.uid,
            practitioner_id=practitioner.id if practitioner else None,
            address=address,
            reason=reason,
            since=now,
        )
        async with self._db.transaction() as tx:
            await self._accounts.lock(tx, account.uid)
            if await store.count(tx, account.uid) >= MAX_BLOCKS:
                raise BlocksFull(limit=MAX_BLOCKS)
            if other is not None:
                for listener in self._listeners:
                    await listener(tx, account.uid, other.uid)
            if not await store.insert(tx, block):
                raise BlockExists
            self._record(tx, account.uid, "blocking.added")
        return block

    async def unblock(self, by: AccountId, block_id: str) -> None:
        """Take somebody off the list.  Raises BlockNotFound."""
        async with self._db.transaction() as tx:
            if not await store.delete_block(tx, by, block_id):
                raise BlockNotFound
            self._record(tx, by, "blocking.removed")

    async def list_(self, by: AccountId) -> Sequence[Block]:
        """That person's list, the newest first."""
        async with self._db.snapshot() as tx:
            return await store.list_of(tx, by, MAX_BLOCKS)

    async def list_between(self, tx: Transaction, uids: Collection[AccountId]) -> list[BlockedPair]:
        """Who of these accounts has blocked whom of them, as the caller's transaction sees it."""
        return await store.list_between(tx, uids)

    async def list_set_apart(
        self, tx: Transaction, person: PractitionerId, mailboxes: Collection[str]
    ) -> frozenset[PractitionerId]:
        """Who shall get nothing from `person`: those who have blocked them, be it by one of their `mailboxes`, and
        those whom they have blocked."""
        return await store.list_set_apart(tx, person, mailboxes)

    async def list_reasons(
        self, tx: Transaction, person: Practitioner, readers: Collection[PractitionerId]
    ) -> Mapping[PractitionerId, BlockReason]:
        """Who of `readers` has blocked `person`, be it by an address of theirs, and why."""
        return await store.list_reasons(tx, person.id, person.mailboxes, readers)

    async def _find(self, whom: str) -> tuple[Practitioner | None, str]:
        """Somebody of the directory, or else an address.  Raises BlockedPersonUnknown."""
        if "@" not in whom:
            practitioner = await self._practitioners.find_by_rpps(whom)
            if practitioner is None:
                raise BlockedPersonUnknown
            return practitioner, ""
        address = normalise_address(whom)
        if not is_address(address):
            raise BlockedPersonUnknown
        practitioner = await self._practitioners.find_by_mailbox(address)
        return practitioner, "" if practitioner else address

    def _record(self, tx: Transaction, by: AccountId, act: str) -> None:
        """Into the access log: that the list changed, not who is on it, nor why."""
        self._audit.append(tx, actor=by.hex(), act=act, subject=Subject.account(by))
