"""What is in force, who has accepted it, and whom the pages have to ask again."""

from collections.abc import Collection, Sequence

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act
from miss.directory.agreements import store
from miss.directory.agreements.errors import AgreementChanged, AgreementNotFound, AgreementsNotAccepted
from miss.directory.agreements.model import Acceptance, Agreement, Document, Signature, Whom, in_force, missing
from miss.storage import Database, Transaction


class Agreements:
    """The texts of this platform and their acceptances."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        accounts: Accounts,
        texts: Collection[Agreement],
        *,
        whom: Whom = Whom.SIGNED_UP,
    ) -> None:
        """`texts`: every version there ever was; `whom`: of those who sign in."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._accounts = accounts
        self._texts = tuple(texts)
        self._whom = whom
        self.current = in_force(texts)

    def get(self, document: str, version: str = "") -> Agreement:
        """A text by its name; without a version, the one in force.  Raises AgreementNotFound."""
        among = self._texts if version else self.current
        for one in among:
            if one.document.value == document and version in ("", one.version):
                return one
        raise AgreementNotFound

    def require(self, accepted: Collection[str]) -> None:
        """Judge what a form says was accepted: the hex digests of the texts it showed.

        Raises AgreementsNotAccepted if there are fewer than texts, AgreementChanged if they are of other texts.
        """
        if len(set(accepted)) < len(self.current):
            raise AgreementsNotAccepted
        if not {one.digest.hex() for one in self.current} <= set(accepted):
            raise AgreementChanged

    async def accept_at_sign_up(self, tx: Transaction, registration_id: str, signature: Signature) -> None:
        """Keep that everything in force was accepted with a sign-up, in its transaction; `require` comes first."""
        for one in self.current:
            await self._insert(tx, one, signature, uid=None, registration_id=registration_id)

    async def attach(self, tx: Transaction, registration_id: str, uid: AccountId) -> None:
        """The sign-up has become an account: what it accepted is the account's."""
        await store.attach(tx, registration_id, uid)
        accepted = await store.list_acceptances(tx, registration_id=registration_id)
        for one in accepted:
            await self._accounts.record(
                tx, Act.AGREEMENT_ACCEPTED, uid=uid, by=uid.hex(), detail=f"{one.document.value} {one.version}"
            )

    async def accept(self, uid: AccountId, accepted: Collection[str], signature: Signature) -> None:
        """Keep that an account accepts what it had not.  Raises as `require`."""
        async with self._db.snapshot() as tx:
            lacking = missing(self.current, await store.list_accepted(tx, uid))
        if not {one.digest.hex() for one in lacking} <= set(accepted):
            raise AgreementsNotAccepted if len(set(accepted)) < len(lacking) else AgreementChanged
        async with self._db.transaction() as tx:
            for one in lacking:
                await self._insert(tx, one, signature, uid=uid, registration_id="")
                detail = f"{one.document.value} {one.version}"
                await self._accounts.record(tx, Act.AGREEMENT_ACCEPTED, uid=uid, by=uid.hex(), detail=detail)

    async def owes(self, account: Account) -> bool:
        """True if the pages have to ask this account before anything else."""
        return bool(await self.list_missing(account.uid))

    async def list_missing(self, uid: AccountId) -> tuple[Agreement, ...]:
        """What is in force and not accepted, by somebody who is asked."""
        async with self._db.snapshot() as tx:
            accepted = await store.list_accepted(tx, uid)
        if not accepted and self._whom is Whom.SIGNED_UP:
            return ()
        return missing(self.current, accepted)

    async def list_acceptances(self, uid: AccountId) -> Sequence[Acceptance]:
        """What an account has accepted, oldest first."""
        async with self._db.snapshot() as tx:
            return await store.list_acceptances(tx, uid=uid)

    async def list_latest(
        self, document: Document, *, cursor: str = "", limit: int
    ) -> Sequence[tuple[str, Acceptance]]:
        """The last acceptance of a text by each account, newest first, each with the cursor of what follows it."""
        async with self._db.snapshot() as tx:
            return await store.list_latest(tx, document, cursor, limit)

    async def list_at_sign_up(self, registration_id: str) -> Sequence[Acceptance]:
        """What was accepted with a sign-up."""
        async with self._db.snapshot() as tx:
            return await store.list_acceptances(tx, registration_id=registration_id)

    async def forget(self, tx: Transaction, registration_id: str) -> None:
        """A sign-up that never became an account is deleted."""
        await store.delete_of_registration(tx, registration_id)

    async def _insert(
        self,
        tx: Transaction,
        agreement: Agreement,
        signature: Signature,
        *,
        uid: AccountId | None,
        registration_id: str,
    ) -> None:
        await store.insert(
            tx,
            agreement,
            signature,
            self._clock.now(),
            uid=uid,
            registration_id=registration_id,
            random_bytes=self._random_bytes,
        )
