"""Link an application of one-time codes, prove oneself with its codes or with the sheet of recovery codes.

An application counts once its first code was right.  Source: RFC 6238; CNIL's recommendation on multi-factor
authentication (2025); secrets are sealed at rest under a key per account (ADR 8).
"""

from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act
from miss.directory.accounts.codes import SALT_BYTES, compose_code
from miss.directory.sign_in import store as sign_in_store
from miss.directory.sign_in.errors import StepExpired
from miss.directory.sign_in.factors import store
from miss.directory.sign_in.factors.errors import (
    FactorExists,
    FactorMissing,
    NoSecondFactor,
    WrongFirstCode,
    WrongSecondFactor,
)
from miss.directory.sign_in.factors.model import (
    RECOVERY_CODES,
    SECRET_BYTES,
    Factors,
    TotpOffer,
    compose_offer,
    find_counter,
    find_recovery_code,
    hash_recovery_code,
    looks_like_totp,
)
from miss.directory.sign_in.model import Method, Opened, SignedIn, Visit
from miss.directory.sign_in.passkeys import store as passkey_store
from miss.directory.sign_in.service import SHARED, SignIn
from miss.directory.sign_in.steps import Step, StepKind
from miss.storage import Database, Transaction
from miss.storage.sealed import KeyStore

WHAT = "totp_secret"
SEALED = "sealed"


@dataclass(frozen=True, slots=True)
class Added:
    """A second factor was added: the session goes on under a new token."""

    opened: Opened
    recovery_codes: tuple[str, ...]
    """The sheet, to be shown this once; empty if there is one already."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A code that was right; whether it was used is decided when it is."""

    method: Method
    use: Callable[[Transaction], Awaitable[bool]]


class SecondFactors:
    """What follows a password."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        keystore: KeyStore,
        accounts: Accounts,
        sign_in: SignIn,
    ) -> None:
        """From now on `sign_in` asks those who have a second factor for it."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._keystore = keystore
        self._accounts = accounts
        self._sign_in = sign_in
        sign_in.ask_for(self._has_any)

    async def status(self, uid: AccountId) -> Factors:
        """What the account has."""
        async with self._db.snapshot() as tx:
            totp = await store.find_totp(tx, uid)
            passkeys = await passkey_store.count_passkeys(tx, uid)
            left = await store.count_codes(tx, uid)
        return Factors(totp.added_at if totp else None, passkeys, left)

    # An application

    async def offer_totp(self, signed_in: SignedIn) -> TotpOffer:
        """A fresh secret for an application; nothing counts before `add_totp`.  Raises FactorExists."""
        uid = signed_in.account.uid
        if (await self.status(uid)).totp_since is not None:
            raise FactorExists
        secret = self._random_bytes(SECRET_BYTES)
        sealed = await self._keystore.seal(_key_id(uid), secret, what=WHAT)
        data = {SEALED: b64encode(sealed).decode()}
        token = await self._sign_in.sessions.begin_step(StepKind.TOTP_NEW, uid, data)
        return compose_offer(token, secret, signed_in.practitioner.rpps or signed_in.practitioner.display_name)

    async def show_offer(self, signed_in: SignedIn, step_token: str) -> TotpOffer:
        """The offer again, after a wrong code.  Raises StepExpired."""
        step = await self._sign_in.sessions.get_step(step_token, StepKind.TOTP_NEW)
        _, secret = await self._open_offer(signed_in, step)
        return compose_offer(step_token, secret, signed_in.practitioner.rpps or signed_in.practitioner.display_name)

    async def add_totp(self, signed_in: SignedIn, token: str, step_token: str, code: str) -> Added:
        """Link the application that shows `code`; `token`: of the session.  The account's other sessions end.

        Raises StepExpired, WrongFirstCode, FactorExists.
        """
        uid = signed_in.account.uid
        step = await self._sign_in.sessions.get_step(step_token, StepKind.TOTP_NEW)
        sealed, secret = await self._open_offer(signed_in, step)
        counter = find_counter(secret, code, self._clock.now())
        if counter is None:
            raise WrongFirstCode
        async with self._db.transaction() as tx:
            await self._sign_in.sessions.take_step(tx, step_token, StepKind.TOTP_NEW)
            await self._accounts.lock(tx, uid)
            if await store.find_totp(tx, uid) is not None:
                raise FactorExists
            await store.insert_totp(tx, uid, sealed, counter, self._clock.now())
            return await self.added(tx, signed_in, token, Method.TOTP)

    async def added(self, tx: Transaction, signed_in: SignedIn, token: str, method: Method) -> Added:
        """What follows from any new second factor, in the caller's transaction: a sheet, a renewed session."""
        uid = signed_in.account.uid
        await self._accounts.record(tx, Act.SECOND_FACTOR_ADDED, uid=uid, by=uid.hex(), detail=method.value)
        codes = () if await store.count_codes(tx, uid) else await self._make_codes(tx, uid)
        await sign_in_store.delete_sessions(tx, uid, but=signed_in.session.id)
        return Added(await self._sign_in.sessions.renew(tx, token, method), codes)

    async def remove_totp(self, signed_in: SignedIn) -> None:
        """Forget the application; its key is destroyed.  Raises FactorMissing."""
        uid = signed_in.account.uid
        async with self._db.transaction() as tx:
            if not await store.delete_totp(tx, uid):
                raise FactorMissing
            await self.removed(tx, uid, Method.TOTP)
        await self._keystore.destroy(_key_id(uid))

    async def remove_all(self, uid: AccountId, by: str) -> None:
        """Somebody lost every second factor and the sheet: an operator who checked who they are starts them over.

        Sessions end.  Raises FactorMissing.
        """
        async with self._db.transaction() as tx:
            await self._accounts.lock(tx, uid)
            if not await self._has_any(tx, uid):
                raise FactorMissing
            await store.delete_totp(tx, uid)
            await passkey_store.delete_passkeys(tx, uid)
            await store.replace_codes(tx, uid, ())
            await sign_in_store.delete_sessions(tx, uid)
            await sign_in_store.delete_steps(tx, uid, StepKind.SECOND_FACTOR)
            await sign_in_store.delete_steps(tx, uid, StepKind.RESET)
            await self._accounts.record(tx, Act.SECOND_FACTOR_REMOVED, uid=uid, by=by, detail="all")
        await self._keystore.destroy(_key_id(uid))

    async def removed(self, tx: Transaction, uid: AccountId, method: Method) -> None:
        """What follows from the end of any second factor: the sheet goes with the last one."""
        await self._accounts.record(tx, Act.SECOND_FACTOR_REMOVED, uid=uid, by=uid.hex(), detail=method.value)
        if not await self._has_any(tx, uid):
            await store.replace_codes(tx, uid, ())

    async def make_codes(self, signed_in: SignedIn) -> tuple[str, ...]:
        """A new sheet, to be shown this once; the one before is worth nothing.  Raises NoSecondFactor."""
        uid = signed_in.account.uid
        async with self._db.transaction() as tx:
            if not await self._has_any(tx, uid):
                raise NoSecondFactor
            return await self._make_codes(tx, uid)

    # Proofs

    async def finish(self, step_token: str, code: str, visit: Visit, *, replaces: str = "") -> Opened:
        """Sign in with the second factor that the password was followed by.

        Raises StepExpired, WrongSecondFactor, SignInThrottled, AddressThrottled, AccountNotActive.
        """
        step = await self._sign_in.sessions.get_step(step_token, StepKind.SECOND_FACTOR)
        account = await self._accounts.get(step.uid or AccountId(b""))
        proof = await self.judge(account, code, visit.address)
        shared = Visit(visit.user_agent, visit.address, SHARED in step.data)
        async with self._db.transaction() as tx:
            await self._sign_in.sessions.take_step(tx, step_token, StepKind.SECOND_FACTOR)
            await self.use(tx, account, proof, visit.address)
            return await self._sign_in.sessions.open(tx, account, proof.method, shared, replaces=replaces)

    async def confirm(self, signed_in: SignedIn, token: str, code: str, address: str) -> Opened:
        """Prove again who one is: a new token.  Raises WrongSecondFactor, SignInThrottled, AddressThrottled."""
        proof = await self.judge(signed_in.account, code, address)
        async with self._db.transaction() as tx:
            await self.use(tx, signed_in.account, proof, address)
            return await self._sign_in.sessions.renew(tx, token, proof.method)

    async def judge(self, account: Account, code: str, address: str) -> Proof:
        """A code that is right, to be used in the transaction of what it opens.

        Raises WrongSecondFactor, SignInThrottled, AddressThrottled.
        """
        await self._sign_in.tries.begin(_subject(account.uid), address)
        proof = await self._find_proof(account.uid, code)
        if proof is None:
            await self._sign_in.record_refusal(account, "second_factor")
            raise WrongSecondFactor
        return proof

    async def use(self, tx: Transaction, account: Account, proof: Proof, address: str) -> None:
        """Use the code up.  Raises WrongSecondFactor if somebody else did meanwhile."""
        if not await proof.use(tx):
            raise WrongSecondFactor
        await self._sign_in.tries.succeed(tx, _subject(account.uid), address)

    async def _find_proof(self, uid: AccountId, code: str) -> Proof | None:
        async with self._db.snapshot() as tx:
            totp, codes = await store.find_totp(tx, uid), await store.list_codes(tx, uid)
        if looks_like_totp(code):
            if totp is None:
                return None
            secret = await self._keystore.open(_key_id(uid), totp.sealed, what=WHAT)
            counter = find_counter(secret, code, self._clock.now())
            if counter is None:
                return None
            return Proof(Method.TOTP, lambda tx: store.use_counter(tx, uid, counter))
        digest = find_recovery_code(code, uid, codes)
        if digest is None:
            return None
        return Proof(Method.RECOVERY_CODE, lambda tx: store.use_code(tx, uid, digest, self._clock.now()))

    async def _make_codes(self, tx: Transaction, uid: AccountId) -> tuple[str, ...]:
        codes = tuple(compose_code(self._random_bytes) for _ in range(RECOVERY_CODES))
        salts = [self._random_bytes(SALT_BYTES) for _ in codes]
        kept = [
            store.KeptCode(salt, hash_recovery_code(code, salt, uid)) for code, salt in zip(codes, salts, strict=True)
        ]
        await store.replace_codes(tx, uid, kept)
        await self._accounts.record(tx, Act.RECOVERY_CODES_MADE, uid=uid, by=uid.hex())
        return codes

    async def _open_offer(self, signed_in: SignedIn, step: Step) -> tuple[bytes, bytes]:
        uid = signed_in.account.uid
        if step.uid != uid:
            raise StepExpired
        sealed = b64decode(step.data[SEALED])
        return sealed, await self._keystore.open(_key_id(uid), sealed, what=WHAT)

    async def _has_any(self, tx: Transaction, uid: AccountId) -> bool:
        return await store.find_totp(tx, uid) is not None or await passkey_store.count_passkeys(tx, uid) > 0


def _key_id(uid: AccountId) -> str:
    return f"totp:{uid.hex()}"


def _subject(uid: AccountId) -> str:
    """Wrong second factors are counted apart from wrong passwords: a right password does not forgive them."""
    return f"second:{uid.hex()}"
