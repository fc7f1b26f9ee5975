"""Choose a password, sign in, stay signed in, sign out.

Source: CNIL 2022-100 (passwords, throttled tries).
"""

from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import blake2b
from math import ceil

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act, ActivationPurpose
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.sign_in import store
from miss.directory.sign_in.errors import BadCredentials, SignInThrottled
from miss.directory.sign_in.model import FORGET_AFTER, Session, SignedIn
from miss.directory.sign_in.passwords import PasswordCost, PasswordHasher, require_acceptable
from miss.storage import Database

TOKEN_BYTES = 32
MAX_USER_AGENT = 200
TOUCH_SHARE = 20
"""A session's use is written down once per this share of the idle time, not at every page."""


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
        cost: PasswordCost = PasswordCost.INTERACTIVE,
    ) -> None:
        """`idle`: a session unused for so long is over; `absolute`: it is over anyway; `cost`: of a password hash."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._idle = idle
        self._absolute = absolute
        self._hasher = PasswordHasher(cost, random_bytes)

    async def choose_password(self, rpps: str, code: str, password: str) -> None:
        """Set the password with a `browser` activation code (the install check); all sessions of the account end.

        Raises PasswordTooShort or PasswordTooLong before the code is looked at; then as
        `Accounts.check_activation`.  Code and password change together or not at all.
        """
        require_acceptable(password)
        account = await self._accounts.check_activation(rpps, code, ActivationPurpose.BROWSER)
        password_hash = await self._hasher.hash(password)
        async with self._db.transaction() as tx:
            await self._accounts.consume_activation(tx, account.uid, ActivationPurpose.BROWSER, code)
            await store.replace_password(tx, account.uid, password_hash, self._clock.now())
            await store.forget_failures(tx, account.practitioner_id)
            await self._accounts.record(tx, Act.PASSWORD_CHOSEN, uid=account.uid, by=account.uid.hex())

    async def sign_in(self, login: str, password: str, user_agent: str) -> str:
        """The token of a new session, for a cookie; only its hash is kept.

        `login`: RPPS number or secure-mail address.  Raises BadCredentials, the same and as slowly for a name
        without an account; SignInThrottled; AccountNotActive to who knows the password of a closed account.
        """
        practitioner = await self._find_practitioner(login)
        subject = practitioner.id if practitioner else _subject_of_nobody(login)
        await self._begin_try(subject)
        account = await self._accounts.find_by_practitioner(practitioner.id) if practitioner else None
        kept = await self._find_password(account)
        if not await self._hasher.verify(password, kept) or account is None:
            await self._record_refusal(account, "password")
            raise BadCredentials
        if not account.is_active:
            await self._record_refusal(account, account.verification.value)
            raise AccountNotActive
        return await self._open_session(account, subject, user_agent)

    async def find_session(self, token: str) -> SignedIn | None:
        """Who speaks; the session's idle time starts anew.  None: unknown, expired, or its account was closed."""
        token_hash, now = _hash_token(token), self._clock.now()
        async with self._db.snapshot() as tx:
            session = await store.find_session(tx, token_hash)
        if session is None:
            return None
        account = await self._accounts.get(session.uid)
        if not session.is_alive(account, now, self._idle):
            async with self._db.transaction() as tx:
                await store.delete_session(tx, token_hash)
            return None
        if now - session.last_used_at >= self._idle / TOUCH_SHARE:
            async with self._db.transaction() as tx:
                await store.touch_session(tx, token_hash, now)
        practitioner = await self._practitioners.get(account.practitioner_id)
        used = Session(session.uid, session.signed_in_at, now, session.ends_at)
        return SignedIn(account, practitioner, used.expires_at(self._idle))

    async def sign_out(self, token: str) -> None:
        """End the session; nothing happens if there is none."""
        token_hash = _hash_token(token)
        async with self._db.transaction() as tx:
            session = await store.find_session(tx, token_hash)
            if session is not None and await store.delete_session(tx, token_hash):
                await self._accounts.record(tx, Act.SIGNED_OUT, uid=session.uid, by=session.uid.hex())

    async def _find_practitioner(self, login: str) -> Practitioner | None:
        if "@" in login:
            return await self._practitioners.find_by_mailbox(login)
        return await self._practitioners.find_by_rpps(login)

    async def _find_password(self, account: Account | None) -> str | None:
        async with self._db.snapshot() as tx:
            return await store.find_password(tx, account.uid if account else AccountId(b""))

    async def _begin_try(self, subject: str) -> None:
        """Count the try before its password is looked at, so that parallel ones do not slip through.

        Raises SignInThrottled.
        """
        async with self._db.transaction() as tx:
            failures = await store.lock_failures(tx, subject, self._clock.now())
            now = self._clock.now()
            wait = failures.wait(now)
            if wait:
                raise SignInThrottled(retry_after_s=ceil(wait.total_seconds()))
            await store.set_failures(tx, subject, failures.add(now))

    async def _record_refusal(self, account: Account | None, detail: str) -> None:
        async with self._db.transaction() as tx:
            uid = account.uid if account else None
            await self._accounts.record(tx, Act.SIGN_IN_REFUSED, uid=uid, by="", detail=detail)

    async def _open_session(self, account: Account, subject: str, user_agent: str) -> str:
        now = self._clock.now()
        token = urlsafe_b64encode(self._random_bytes(TOKEN_BYTES)).decode().rstrip("=")
        session = Session(account.uid, now, now, now + self._absolute)
        async with self._db.transaction() as tx:
            await store.insert_session(tx, _hash_token(token), session, _printable(user_agent))
            await store.forget_failures(tx, subject)
            await store.delete_ended(tx, now, now - FORGET_AFTER)
            await self._accounts.record(tx, Act.SIGNED_IN, uid=account.uid, by=account.uid.hex())
        return token


def _printable(user_agent: str) -> str:
    """What the browser says of itself, fit for a column and a page."""
    return "".join(character for character in user_agent if character.isprintable())[:MAX_USER_AGENT]


def _hash_token(token: str) -> bytes:
    """Under which a session is kept: a random token needs no salt."""
    return blake2b(token.encode("utf-8", "replace"), digest_size=32, person=b"miss.session").digest()


def _subject_of_nobody(login: str) -> str:
    """Names that are in no directory are counted by hash: people type passwords into the wrong field."""
    folded = "".join(login.split()).lower()
    return blake2b(folded.encode("utf-8", "replace"), digest_size=32, person=b"miss.nobody").hexdigest()
