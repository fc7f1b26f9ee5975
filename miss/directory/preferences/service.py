"""Choose the notification level; whoever sends a mail asks for it in the transaction that decides to send."""

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId
from miss.directory.accounts import Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.preferences import store
from miss.directory.preferences.model import NotificationLevel
from miss.storage import Database, Transaction


class Preferences:
    """What accounts have chosen."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, audit: AuditLog) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._audit = audit

    async def get_level(self, uid: AccountId) -> NotificationLevel:
        """What the account chose, or the default."""
        async with self._db.snapshot() as tx:
            return await store.get_level(tx, uid)

    async def level(self, tx: Transaction, uid: AccountId) -> NotificationLevel:
        """`get_level` in the caller's transaction."""
        return await store.get_level(tx, uid)

    async def level_of(self, tx: Transaction, practitioner_id: PractitionerId) -> NotificationLevel:
        """`level` for somebody known by their entry; the default for who has no account."""
        return await store.get_level_of(tx, practitioner_id)

    async def choose_level(self, uid: AccountId, level: NotificationLevel) -> None:
        """The person's own choice.  Raises AccountNotFound."""
        async with self._db.transaction() as tx:
            await self._accounts.lock(tx, uid)
            if await store.get_level(tx, uid) is level:
                return
            await store.put_level(tx, uid, level, self._clock.now())
            self._audit.append(
                tx,
                actor=uid.hex(),
                act="preferences.notification",
                subject=Subject.account(uid),
                detail=level.value,
            )
