"""Choose a password, sign in with it, come back with it.

Source: CNIL 2022-100 (passwords, throttled tries); security.md §2, row 22.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act, ActivationPurpose
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.sign_in import store
from miss.directory.sign_in.errors import BadCredentials, NothingToUnlock
from miss.directory.sign_in.model import (
    Limits,
    LockedSession,
    Method,
    Opened,
    SecondFactorAsked,
    SignedIn,
    Visit,
    subject_of_nobody,
)
from miss.directory.sign_in.passwords import PasswordCost, PasswordHasher
from miss.directory.sign_in.sessions import Sessions
from miss.directory.sign_in.steps import StepKind
from miss.directory.sign_in.strength import Strength, personal_words
from miss.directory.sign_in.tries import Tries
from miss.storage import Database, Transaction

SHARED = "shared"
HasSecondFactor = Callable[[Transaction, AccountId], Awaitable[bool]]

_NOBODY = AccountId(b"")


class SignIn:
    """Sign-in to the pages with RPPS number or secure-mail address, and password."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        *,
        idle: timedelta,
        absolute: timedelta,
        shared_idle: timedelta = timedelta(minutes=5),
        fresh: timedelta = timedelta(minutes=10),
        second_factor_required: bool = False,
        cost: PasswordCost = PasswordCost.INTERACTIVE,
    ) -> None:
        """`idle`, `absolute`, `shared_idle`, `fresh`: see `Limits`; `cost`: of a password hash."""
        self._db = db
        self._clock = clock
        self._practitioners = practitioners
        self._accounts = accounts
        self._hasher = PasswordHasher(cost, random_bytes)
        self._second_factors: list[HasSecondFactor] = []
        self.tries = Tries(db, clock)
        self.sessions = Sessions(
            db,
            clock,
            random_bytes,
            practitioners,
            accounts,
            Limits(idle, absolute, shared_idle, fresh),
            second_factor_required=second_factor_required,
        )

    def ask_for(self, has_second_factor: HasSecondFactor) -> None:
        """Have a password followed by a second factor for those of whom `has_second_factor` is true."""
        self._second_factors.append(has_second_factor)

    async def has_second_factor(self, tx: Transaction, uid: AccountId) -> bool:
        """True if a password alone does not sign this account in."""
        return any([await has(tx, uid) for has in self._second_factors])

    # Passwords

    async def choose_password(self, rpps: str, code: str, password: str) -> None:
        """Set the password with a `browser` activation code (the install check); all sessions of the account end.

        Raises PasswordTooShort, PasswordTooLong or PasswordTooWeak before the code is looked at; then as
        `Accounts.check_activation`; then, only to who knows the code, PasswordPersonal.  Code and password change
        together or not at all.
        """
        await self._hasher.require_acceptable(password, (rpps,))
        account = await self._accounts.check_activation(rpps, code, ActivationPurpose.BROWSER)
        practitioner = await self._practitioners.get(account.practitioner_id)
        await self._hasher.require_acceptable(password, personal_words(practitioner))
        password_hash = await self._hasher.hash(password)
        async with self._db.transaction() as tx:
            await self._accounts.consume_activation(tx, account.uid, ActivationPurpose.BROWSER, code)
            await self.set_password(tx, account, password_hash)

    async def change_password(self, signed_in: SignedIn, current: str, password: str, address: str) -> None:
        """Another password for who is signed in and knows the present one; their other sessions end.

        Raises BadCredentials, SignInThrottled, and what is said of an unacceptable password.
        """
        account = signed_in.account
        await self.check_password(account, current, address)
        password_hash = await self.hash_acceptable(signed_in.practitioner, password)
        async with self._db.transaction() as tx:
            await self.set_password(tx, account, password_hash, but=signed_in.session.id)

    async def hash_acceptable(self, practitioner: Practitioner, password: str) -> str:
        """The hash to keep of a new password.  Raises what is said of an unacceptable one."""
        await self._hasher.require_acceptable(password, personal_words(practitioner))
        return await self._hasher.hash(password)

    async def set_password(self, tx: Transaction, account: Account, password_hash: str, *, but: str = "") -> None:
        """Keep a new hash in the caller's transaction; the account's sessions end, but that of the identifier `but`."""
        await store.replace_password(tx, account.uid, password_hash, self._clock.now())
        await store.delete_sessions(tx, account.uid, but=but)
        await store.delete_steps(tx, account.uid, StepKind.SECOND_FACTOR)
        await store.delete_steps(tx, account.uid, StepKind.RESET)
        await store.forget_failures(tx, account.practitioner_id)
        await self._accounts.record(tx, Act.PASSWORD_CHOSEN, uid=account.uid, by=account.uid.hex())

    async def estimate(self, password: str, practitioner: Practitioner | None) -> Strength:
        """How strong a password would be for somebody; None: a stranger, of whom nothing is told by this."""
        return await self._hasher.estimate(password, personal_words(practitioner) if practitioner else ())

    async def check_password(self, account: Account, password: str, address: str) -> None:
        """Raises BadCredentials, SignInThrottled or AddressThrottled unless it is the account's password."""
        await self.tries.begin(account.practitioner_id, address)
        async with self._db.snapshot() as tx:
            kept = await store.find_password(tx, account.uid)
        if not await self._hasher.verify(password, kept):
            await self.record_refusal(account, "password")
            raise BadCredentials
        async with self._db.transaction() as tx:
            await self.tries.succeed(tx, account.practitioner_id, address)

    # Signing in

    async def sign_in(
        self, login: str, password: str, visit: Visit, *, replaces: str = ""
    ) -> Opened | SecondFactorAsked:
        """A new session, or the way to it by a second factor for who has one.

        `login`: as `Practitioners.find_by_login`; `replaces`: the token of a session that this browser had.
        Raises BadCredentials, the same and after the same work for a name without an account; SignInThrottled;
        AddressThrottled; AccountNotActive to who knows the password of a closed account.
        """
        practitioner = await self._practitioners.find_by_login(login)
        subject = practitioner.id if practitioner else subject_of_nobody(login)
        await self.tries.begin(subject, visit.address)
        # The same queries and the same hash for nobody.
        account = await self._accounts.find_by_practitioner(practitioner.id if practitioner else PractitionerId(""))
        async with self._db.snapshot() as tx:
            kept = await store.find_password(tx, account.uid if account else _NOBODY)
        if not await self._hasher.verify(password, kept) or account is None:
            await self.record_refusal(account, "password")
            raise BadCredentials
        if not account.is_active:
            await self.record_refusal(account, account.verification.value)
            raise AccountNotActive
        async with self._db.transaction() as tx:
            await self.tries.succeed(tx, subject, visit.address)
            if not await self.has_second_factor(tx, account.uid):
                return await self.sessions.open(tx, account, Method.PASSWORD, visit, replaces=replaces)
        shared = {SHARED: "1"} if visit.is_shared else {}
        return SecondFactorAsked(await self.sessions.begin_step(StepKind.SECOND_FACTOR, account.uid, shared))

    async def unlock(self, token: str, password: str, address: str) -> Opened:
        """Open a locked session again, for its own person: a new token.

        No new proof for sensitive acts.  Raises NothingToUnlock, BadCredentials, SignInThrottled, AddressThrottled.
        """
        locked = await self.sessions.find(token)
        if not isinstance(locked, LockedSession):
            raise NothingToUnlock
        await self.check_password(locked.account, password, address)
        async with self._db.transaction() as tx:
            return await self.sessions.renew(tx, token, Method.PASSWORD, is_proof=False)

    async def confirm_password(self, signed_in: SignedIn, token: str, password: str, address: str) -> Opened:
        """Prove again who one is, for somebody without a second factor: a new token.

        Raises BadCredentials, also if the account has a second factor; SignInThrottled; AddressThrottled.
        """
        await self.check_password(signed_in.account, password, address)
        async with self._db.transaction() as tx:
            if await self.has_second_factor(tx, signed_in.account.uid):
                raise BadCredentials
            return await self.sessions.renew(tx, token, Method.PASSWORD)

    async def record_refusal(self, account: Account | None, detail: str) -> None:
        """One line in the account's story, or in nobody's."""
        async with self._db.transaction() as tx:
            uid = account.uid if account else None
            await self._accounts.record(tx, Act.SIGN_IN_REFUSED, uid=uid, by="", detail=detail)

    async def find_session(self, token: str) -> SignedIn | LockedSession | None:
        """See `Sessions.find`."""
        return await self.sessions.find(token)

    async def sign_out(self, token: str) -> None:
        """See `Sessions.sign_out`."""
        await self.sessions.sign_out(token)
