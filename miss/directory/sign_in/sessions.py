"""Sessions of the pages: opened, found, locked, listed, ended.  How somebody proves who they are is not known here."""

from base64 import urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta

from miss.base.clock import Clock
from miss.base.ids import AccountId, OrganizationId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts, Act
from miss.directory.accounts.errors import AccountNotActive
from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.practitioners.model import is_party_id, organization_party
from miss.directory.roles import Grant, Principal, Role
from miss.directory.sign_in import store
from miss.directory.sign_in.errors import NoMandate, SessionNotFound, StepExpired
from miss.directory.sign_in.model import (
    FORGET_AFTER,
    Limits,
    LockedSession,
    Method,
    Opened,
    Session,
    SignedIn,
    Standing,
    Visit,
    hash_token,
)
from miss.directory.sign_in.steps import STEP_VALIDITY, Step, StepKind
from miss.storage import Database, Transaction

TOKEN_BYTES = 32
MAX_USER_AGENT = 200
MAX_SESSIONS = 100
TOUCH_SHARE = 20
"""A session's use is written down once per this share of the idle time, not at every page."""

GrantsOf = Callable[[Account], Awaitable[frozenset[Grant]]]
Owes = Callable[[Account], Awaitable[bool]]
"""True for somebody who has yet to accept what is in force."""


class Sessions:
    """Who is signed in where."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        accounts: Accounts,
        limits: Limits,
        *,
        second_factor_required: bool = False,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._accounts = accounts
        self._second_factor_required = second_factor_required
        self._grant_sources: list[GrantsOf] = []
        self._owes: Owes | None = None
        self.limits = limits

    def add_grants(self, grants_of: GrantsOf) -> None:
        """Ask `grants_of` as well for the roles of who is signed in; it returns those that are alive."""
        self._grant_sources.append(grants_of)

    def ask_agreements(self, owes: Owes) -> None:
        """Have `owes` say, whenever somebody is looked up, whether they must accept something first."""
        self._owes = owes

    async def principal(self, account: Account) -> Principal:
        """Who acts, with every role, from whatever source."""
        grants = [await grants_of(account) for grants_of in self._grant_sources]
        return Principal(account.uid, frozenset().union(*grants))

    async def open(
        self, tx: Transaction, account: Account, method: Method, visit: Visit, *, replaces: str = ""
    ) -> Opened:
        """Sign `account` in, in the caller's transaction; the session of the token `replaces` ends.

        A browser never keeps a token from before (session fixation).  Raises AccountNotActive.
        """
        if not account.is_active:
            raise AccountNotActive
        now, token = self._clock.now(), self._new_token()
        session = Session(
            id=new_row_id(now, self._random_bytes),
            uid=account.uid,
            method=method,
            signed_in_at=now,
            confirmed_at=now,
            last_used_at=now,
            ends_at=now + self.limits.absolute,
            locked_at=None,
            visit=Visit(_printable(visit.user_agent), visit.address[:45], visit.is_shared),
            acting_for=PractitionerId(""),
        )
        if replaces:
            await self.end(tx, replaces)
        await store.insert_session(tx, hash_token(token), session)
        await store.delete_ended(tx, now, now - FORGET_AFTER)
        await self._accounts.record(tx, Act.SIGNED_IN, uid=account.uid, by=account.uid.hex(), detail=method.value)
        return Opened(token)

    async def find(self, token: str) -> SignedIn | LockedSession | None:
        """Who speaks; the session's idle time starts anew.  None: unknown, expired, or its account was closed."""
        token_hash, now = hash_token(token), self._clock.now()
        async with self._db.snapshot() as tx:
            session = await store.find_session(tx, token_hash)
        if session is None:
            return None
        account = await self._accounts.get(session.uid)
        standing = session.standing(account, now, self.limits)
        if standing is Standing.OVER:
            async with self._db.transaction() as tx:
                await store.delete_session(tx, token_hash)
            return None
        practitioner = await self._practitioners.get(account.practitioner_id)
        if standing is Standing.LOCKED:
            return LockedSession(account, practitioner, session)
        expires_at = session.expires_at(self.limits)
        if now - session.last_used_at >= (expires_at - session.last_used_at) / TOUCH_SHARE:
            async with self._db.transaction() as tx:
                await store.touch_session(tx, token_hash, now)
            expires_at = min(now + (expires_at - session.last_used_at), session.ends_at)
        must_enrol = self._second_factor_required and not session.method.is_strong
        is_fresh = session.is_fresh(now, self.limits)
        principal = await self.principal(account)
        must_accept = self._owes is not None and await self._owes(account)
        acting_for = await self._principal_of(practitioner, principal, session.acting_for)
        return SignedIn(
            account, practitioner, principal, session, expires_at, is_fresh, must_enrol, must_accept, acting_for
        )

    async def act_for(self, signed_in: SignedIn, token: str, practitioner_id: PractitionerId) -> None:
        """Act for that practitioner or establishment on this browser from now on; empty: in one's own name.

        Raises NoMandate without a mandate of theirs, SessionNotFound.
        """
        if practitioner_id and practitioner_id not in parties_of(signed_in.principal):
            raise NoMandate
        async with self._db.transaction() as tx:
            if not await store.set_acting_for(tx, hash_token(token), practitioner_id):
                raise SessionNotFound

    async def _principal_of(
        self, person: Practitioner, principal: Principal, chosen: PractitionerId
    ) -> Practitioner | None:
        """For whom they act: whom they chose; for a staff person, who never acts in their own name, the only one.

        Nobody once the mandate has ended, the practitioner's own account is closed, or the establishment has no record.
        """
        parties = parties_of(principal)
        only = next(iter(parties)) if person.is_staff and len(parties) == 1 else PractitionerId("")
        wanted = chosen if chosen in parties else only
        if not wanted:
            return None
        account = None if is_party_id(wanted) else await self._accounts.find_by_practitioner(wanted)
        if not is_party_id(wanted) and (account is None or not account.is_active):
            return None
        return (await self._practitioners.get_many([wanted])).get(wanted)

    async def renew(self, tx: Transaction, token: str, method: Method, *, is_proof: bool = True) -> Opened:
        """A new token for a session whose person came back, or proved again who they are (`is_proof`); it is open.

        Raises SessionNotFound.
        """
        found = await store.find_session(tx, hash_token(token))
        if found is None:
            raise SessionNotFound
        now, new = self._clock.now(), self._new_token()
        strongest = found.method if found.method.is_strong else method
        confirmed_at = now if is_proof else found.confirmed_at
        await store.renew_session(
            tx, hash_token(token), hash_token(new), method=strongest, confirmed_at=confirmed_at, now=now
        )
        act = Act.CONFIRMED if is_proof else Act.UNLOCKED
        await self._accounts.record(tx, act, uid=found.uid, by=found.uid.hex(), detail=method.value)
        return Opened(new)

    async def lock(self, token: str) -> None:
        """Show nothing until its person comes back; nothing happens if there is no such session."""
        async with self._db.transaction() as tx:
            await store.lock_session(tx, hash_token(token), self._clock.now())

    async def sign_out(self, token: str) -> None:
        """End the session; nothing happens if there is none."""
        async with self._db.transaction() as tx:
            await self.end(tx, token)

    async def end(self, tx: Transaction, token: str) -> None:
        """As `sign_out`, in the caller's transaction."""
        session = await store.find_session(tx, hash_token(token))
        if session is not None and await store.delete_session(tx, hash_token(token)):
            await self._accounts.record(tx, Act.SIGNED_OUT, uid=session.uid, by=session.uid.hex())

    async def list_(self, account: Account) -> Sequence[Session]:
        """The account's sessions that are open or locked, the one used last first (at most `MAX_SESSIONS`)."""
        async with self._db.snapshot() as tx:
            sessions = await store.list_sessions(tx, account.uid, MAX_SESSIONS)
        now = self._clock.now()
        return [one for one in sessions if one.standing(account, now, self.limits) is not Standing.OVER]

    async def revoke(self, uid: AccountId, session_id: str) -> None:
        """End one of one's own sessions, wherever it is.  Raises SessionNotFound."""
        async with self._db.transaction() as tx:
            if not await store.delete_session_by_id(tx, uid, session_id):
                raise SessionNotFound
            await self._accounts.record(tx, Act.SESSION_REVOKED, uid=uid, by=uid.hex())

    async def revoke_others(self, uid: AccountId, keep: str) -> int:
        """Sign out everywhere but in the session of that identifier (empty: there as well); how many ended."""
        async with self._db.transaction() as tx:
            ended = await store.delete_sessions(tx, uid, but=keep)
            await self._accounts.record(tx, Act.SESSION_REVOKED, uid=uid, by=uid.hex(), detail=f"all:{ended}")
        return ended

    # Steps on the way in

    async def begin_step(
        self,
        kind: StepKind,
        uid: AccountId | None,
        data: Mapping[str, str],
        *,
        validity: timedelta = STEP_VALIDITY,
    ) -> str:
        """The token of something begun, for a cookie; only its hash is kept."""
        async with self._db.transaction() as tx:
            token = await self.insert_step(tx, kind, uid, data, validity=validity)
            now = self._clock.now()
            await store.delete_ended(tx, now, now - FORGET_AFTER)
        return token

    async def insert_step(
        self, tx: Transaction, kind: StepKind, uid: AccountId | None, data: Mapping[str, str], *, validity: timedelta
    ) -> str:
        """As `begin_step`, in the caller's transaction."""
        token = self._new_token()
        await store.insert_step(tx, hash_token(token), Step(kind, uid, data, self._clock.now() + validity))
        return token

    async def get_step(self, token: str, kind: StepKind) -> Step:
        """What was begun.  Raises StepExpired."""
        async with self._db.snapshot() as tx:
            step = await store.find_step(tx, hash_token(token), kind)
        if step is None or step.ends_at <= self._clock.now():
            raise StepExpired
        return step

    async def take_step(self, tx: Transaction, token: str, kind: StepKind) -> Step:
        """End it in the caller's transaction: it serves once.  Raises StepExpired."""
        step = await store.find_step(tx, hash_token(token), kind)
        if step is None or step.ends_at <= self._clock.now() or not await store.delete_step(tx, hash_token(token)):
            raise StepExpired
        return step

    def _new_token(self) -> str:
        return urlsafe_b64encode(self._random_bytes(TOKEN_BYTES)).decode().rstrip("=")


def parties_of(principal: Principal) -> frozenset[PractitionerId]:
    """For whom somebody may act now: the practitioners whose secretary they are, the establishments of which they are
    a member (`organization_party`).
    """
    people = {PractitionerId(scope.id) for scope in principal.scopes(Role.SECRETARY)}
    places = {organization_party(OrganizationId(one.id)) for one in principal.scopes(Role.ORGANIZATION_MEMBER)}
    return frozenset(people | places)


def _printable(user_agent: str) -> str:
    """What the browser says of itself, fit for a column and a page."""
    return "".join(character for character in user_agent if character.isprintable())[:MAX_USER_AGENT]
