"""Accounts: opened, verified, suspended; activation codes issued, checked, used up.  Every act is recorded."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId
from miss.base.random import RandomBytes
from miss.base.retention import HOUSE
from miss.base.text import Language
from miss.directory.accounts import codes, store
from miss.directory.accounts.errors import (
    AccountExists,
    AccountNotActive,
    AccountNotFound,
    ActivationLocked,
    BrowserCodesOnly,
    RppsRequired,
    TicketNotTheirs,
    WrongActivationCode,
)
from miss.directory.accounts.model import (
    Account,
    AccountEvent,
    Act,
    Activation,
    ActivationPurpose,
    EventPage,
    IssuedCode,
    Verification,
    change_verification,
    require_usable,
)
from miss.directory.practitioners.errors import PractitionerNotFound
from miss.directory.practitioners.model import practitioner_id as practitioner_id_of
from miss.directory.practitioners.model import rpps_of
from miss.directory.staff_people import is_staff_id, parse_staff_id
from miss.documents.identities import ADELI_PREFIX, NumberVerdict, check_adeli, check_rpps, parse_rpps
from miss.storage import Database, Transaction

UID_BYTES = 16
MAX_EVENTS = 500
CODES_LIVE = HOUSE.period("accounts.activation")
Observer = Callable[[Transaction, Account], Awaitable[None]]
"""Is told of an account that entered another state, in the transaction in which it does."""

_NOBODY = AccountId(bytes(UID_BYTES))
"""Stands for an account that does not exist, so that looking for its code costs the same."""


@dataclass(frozen=True, slots=True)
class _Right:
    """The code was right; whether it may be used is another question."""

    account: Account
    activation: Activation


class Accounts:
    """Who has an account, and in which state."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        *,
        validity: timedelta = CODES_LIVE,
        ticket_validity: timedelta = timedelta(minutes=15),
        tries: int = 5,
    ) -> None:
        """`validity`: life of a code from a letter, `ticket_validity`: of one that people give themselves.

        `tries`: wrong codes before activation is locked.
        """
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._validity = validity
        self._ticket_validity = ticket_validity
        self._tries = tries
        self._observers: list[Observer] = []

    def observe(self, observer: Observer) -> None:
        """Tell `observer` of every account that is verified, suspended or revoked from now on."""
        self._observers.append(observer)

    async def open(
        self,
        practitioner_id: PractitionerId,
        *,
        by: str,
        language: Language = Language.FR,
    ) -> Account:
        """A pending account.  Raises PractitionerNotFound, RppsRequired, AccountExists."""
        async with self._db.transaction() as tx:
            return await self._insert(tx, practitioner_id, by, language)

    async def open_verified(
        self, tx: Transaction, practitioner_id: PractitionerId, *, by: str, language: Language = Language.FR
    ) -> Account:
        """`open` and `verify` in the caller's transaction: the identity was checked before.  Raises as `open`."""
        account = await self._insert(tx, practitioner_id, by, language)
        return await self._change_in(tx, account, Act.VERIFY, by, "")

    async def _insert(self, tx: Transaction, practitioner_id: PractitionerId, by: str, language: Language) -> Account:
        account = Account(
            uid=AccountId(self._random_bytes(UID_BYTES)),
            practitioner_id=practitioner_id,
            verification=Verification.PENDING,
            verification_since=self._clock.now(),
            language=language,
        )
        _get_number(practitioner_id)
        if not await store.insert_account(tx, account):
            raise AccountExists
        await self.record(tx, Act.OPEN, uid=account.uid, by=by)
        return account

    async def verify(self, uid: AccountId, by: str, reason: str = "") -> Account:
        """The identity was checked, or a suspension ends.  Raises AccountNotFound, WrongVerificationState."""
        return await self._change(uid, Act.VERIFY, by, reason)

    async def suspend(self, uid: AccountId, by: str, reason: str) -> Account:
        """Close the account for now; its sessions are over.  Raises AccountNotFound, WrongVerificationState."""
        return await self._change(uid, Act.SUSPEND, by, reason)

    async def revoke(self, uid: AccountId, by: str, reason: str) -> Account:
        """Close the account for good.  Raises AccountNotFound, WrongVerificationState."""
        return await self._change(uid, Act.REVOKE, by, reason)

    async def retire(self, tx: Transaction, uid: AccountId, by: str, reason: str) -> Account:
        """Close the account for good in the caller's transaction, unless that was done.  Raises AccountNotFound."""
        account = await _get_locked(tx, uid)
        if account.verification is Verification.REVOKED:
            return account
        return await self._change_in(tx, account, Act.REVOKE, by, reason)

    async def issue_activation(self, uid: AccountId, purpose: ActivationPurpose, by: str) -> IssuedCode:
        """A code for the letter; an earlier one for the same purpose dies, and wrong tries are forgotten.

        For RECOVERY it is a ticket, which only the person (`by`: their own uid) gives themselves.  Raises
        AccountNotFound, TicketNotTheirs, BrowserCodesOnly, and AccountNotActive unless the account is verified.
        """
        now = self._clock.now()
        is_ticket = purpose is ActivationPurpose.RECOVERY
        if is_ticket and by != uid.hex():
            raise TicketNotTheirs
        code, salt = codes.compose_code(self._random_bytes), self._random_bytes(codes.SALT_BYTES)
        issued = IssuedCode(code, now + (self._ticket_validity if is_ticket else self._validity))
        async with self._db.transaction() as tx:
            account = await _get_locked(tx, uid)
            if not account.is_active:
                raise AccountNotActive
            digest = codes.hash_code(code, salt, uid, purpose)
            await store.replace_activation(tx, uid, purpose, Activation(salt, digest, issued.expires_at, None))
            if is_staff_id(account.practitioner_id) and purpose is not ActivationPurpose.BROWSER:
                raise BrowserCodesOnly
            number = _get_number(account.practitioner_id)
            await store.lock_wrong_tries(tx, number, purpose, now)
            await store.set_wrong_tries(tx, number, purpose, 0, now)
            await store.forget_tries(tx, now - self._validity)
            await self.record(tx, Act.CODE_ISSUED, uid=uid, by=by, detail=purpose.value)
        return issued

    async def has_used_code(self, uid: AccountId, purpose: ActivationPurpose) -> bool:
        """True if the last code issued for that has served: whoever holds the account has what it opens."""
        async with self._db.snapshot() as tx:
            found = await store.find_activation(tx, uid, purpose)
        return found is not None and found.used_at is not None

    async def check_activation(self, rpps: str, code: str, purpose: ActivationPurpose) -> Account:
        """The account of `rpps`, or of the staff identifier typed in its place, if `code` is its living code.

        A wrong one counts, whatever the caller does next.

        Raises WrongActivationCode or ActivationLocked, the same for a number without an account; and only to who
        gives the right code AccountNotActive, ActivationSpent, ActivationExpired.  Raises IdentifierRefused for a
        number whose form or key is wrong, which counts nothing.
        """
        number = parse_staff_id(rpps) or parse_rpps(rpps)
        async with self._db.transaction() as tx:
            answer = await self._judge(tx, number, code, purpose)
        if isinstance(answer, WrongActivationCode | ActivationLocked):
            raise answer
        require_usable(answer.account, answer.activation, is_locked=False, now=self._clock.now())
        return answer.account

    async def consume_activation(self, tx: Transaction, uid: AccountId, purpose: ActivationPurpose, code: str) -> None:
        """Use the code up in the caller's writing transaction: what it opens and its end are one.

        Call `check_activation` first: here a wrong code is refused but not counted, since the caller's transaction
        is rolled back.  Raises as `check_activation`, and AccountNotFound.  Of two concurrent calls one succeeds.
        """
        now = self._clock.now()
        account = await _get_locked(tx, uid)
        wrong = await store.lock_wrong_tries(tx, _get_number(account.practitioner_id), purpose, now)
        activation = await store.find_activation(tx, uid, purpose)
        if not codes.is_right_code(code, activation, uid, purpose) or activation is None:
            raise WrongActivationCode(tries_left=max(self._tries - wrong, 0))
        require_usable(account, activation, is_locked=wrong >= self._tries, now=now)
        await store.mark_used(tx, uid, purpose, now)
        await self.record(tx, Act.CODE_USED, uid=uid, by=uid.hex(), detail=purpose.value)

    async def record(self, tx: Transaction, act: Act, *, uid: AccountId | None, by: str, detail: str = "") -> None:
        """One line of the account's story, in the caller's transaction.  Never health data."""
        event = AccountEvent(self._clock.now(), act, uid, by, detail)
        await store.insert_event(tx, event, self._random_bytes)

    async def lock(self, tx: Transaction, uid: AccountId) -> Account:
        """The account, held until the caller's transaction ends.  Raises AccountNotFound."""
        return await _get_locked(tx, uid)

    async def get(self, uid: AccountId, tx: Transaction | None = None) -> Account:
        """`tx` as `get_many`.  Raises AccountNotFound."""
        found = await self.get_many([uid], tx)
        if uid not in found:
            raise AccountNotFound
        return found[uid]

    async def get_many(self, uids: Collection[AccountId], tx: Transaction | None = None) -> dict[AccountId, Account]:
        """Accounts by identifier (some hundreds at most); unknown ones are absent.

        `tx`: the transaction that the caller holds, if it holds one.
        """
        async with self._db.reading(tx) as reading:
            return await store.get_many(reading, uids)

    async def list_practitioner_ids(self) -> frozenset[PractitionerId]:
        """Everybody who has an account, in whatever state."""
        async with self._db.snapshot() as tx:
            return await store.list_practitioner_ids(tx)

    async def find_by_practitioner(
        self, practitioner_id: PractitionerId, tx: Transaction | None = None
    ) -> Account | None:
        """The practitioner's account, in whatever state; `tx` as `get_many`."""
        async with self._db.reading(tx) as reading:
            return await store.find_by_practitioner(reading, practitioner_id)

    async def find_by_rpps(self, rpps: str) -> Account | None:
        """The account of the person with that RPPS number (11 digits, spaces allowed), in whatever state."""
        number = "".join(rpps.split())
        if check_rpps(number) is NumberVerdict.MALFORMED:
            return None
        async with self._db.snapshot() as tx:
            return await _find_by_number(tx, number)

    async def active_among(self, tx: Transaction, uids: Collection[AccountId]) -> frozenset[AccountId]:
        """Those of `uids` who may use their account, as the caller's transaction sees it (or `Database.hot_reads`)."""
        return await store.active_among(tx, uids)

    async def closed_since(self, tx: Transaction, since: datetime) -> frozenset[AccountId]:
        """The accounts that stopped being active at `since` or later, in the caller's snapshot."""
        return await store.closed_since(tx, since)

    async def list_events(self, uid: AccountId, limit: int = 100) -> Sequence[AccountEvent]:
        """The account's story, newest first; `limit` is capped at `MAX_EVENTS`."""
        async with self._db.snapshot() as tx:
            return await store.list_events(tx, uid, min(limit, MAX_EVENTS))

    async def page_events(self, uid: AccountId, *, limit: int = 50, cursor: str = "") -> EventPage:
        """The account's whole story, a page at a time, newest first; `cursor`: that of the page before."""
        size = max(1, min(limit, MAX_EVENTS))
        before = cursor[:36] if cursor.isprintable() else "0"  # a database may refuse to compare anything else
        async with self._db.snapshot() as tx:
            found = await store.list_events_before(tx, uid, before, size + 1)
        shown = found[:size]
        return EventPage(tuple(event for _, event in shown), shown[-1][0] if len(found) > size else "")

    async def _change(self, uid: AccountId, act: Act, by: str, reason: str) -> Account:
        async with self._db.transaction() as tx:
            return await self._change_in(tx, await _get_locked(tx, uid), act, by, reason)

    async def _change_in(self, tx: Transaction, account: Account, act: Act, by: str, reason: str) -> Account:
        changed, event = change_verification(account, act, by=by, now=self._clock.now(), reason=reason)
        await store.update_verification(tx, changed)
        await store.insert_event(tx, event, self._random_bytes)
        for observer in self._observers:
            await observer(tx, changed)
        return changed

    async def _judge(
        self, tx: Transaction, number: str, code: str, purpose: ActivationPurpose
    ) -> _Right | WrongActivationCode | ActivationLocked:
        """Compare, and count a wrong code; the same queries whether or not there is an account."""
        now = self._clock.now()
        wrong = await store.lock_wrong_tries(tx, number, purpose, now)
        if wrong >= self._tries:
            return ActivationLocked()
        account = await _find_by_number(tx, number)
        uid = account.uid if account else _NOBODY
        activation = await store.find_activation(tx, uid, purpose)
        if codes.is_right_code(code, activation, uid, purpose) and account and activation:
            return _Right(account, activation)
        wrong += 1
        await store.set_wrong_tries(tx, number, purpose, wrong, now)
        await self.record(tx, Act.CODE_WRONG, uid=account.uid if account else None, by="", detail=purpose.value)
        return WrongActivationCode(tries_left=self._tries - wrong) if wrong < self._tries else ActivationLocked()


async def _get_locked(tx: Transaction, uid: AccountId) -> Account:
    account = await store.find_locked(tx, uid)
    if account is None:
        raise AccountNotFound
    return account


async def _find_by_number(tx: Transaction, number: str) -> Account | None:
    wanted = PractitionerId(number) if is_staff_id(number) else practitioner_id_of(number)
    return await store.find_by_practitioner(tx, wanted)


def _get_number(practitioner_id: PractitionerId) -> str:
    """What its holder types beside a code: RPPS number, or staff identifier.

    Raises PractitionerNotFound for what is no national identifier, RppsRequired for an ADELI number.
    """
    if (staff := parse_staff_id(practitioner_id)) is not None:
        return staff
    rpps = rpps_of(practitioner_id)
    if rpps is None and check_adeli(practitioner_id.removeprefix(ADELI_PREFIX)) is not NumberVerdict.MALFORMED:
        raise RppsRequired
    if rpps is None or check_rpps(rpps) is NumberVerdict.MALFORMED:
        raise PractitionerNotFound
    return rpps
