"""The technicians' side: the queue, what was said beside what the register knows, and the decision.

A technician's act, what it does to accounts, the mail that tells of it and its line in the access log are one
transaction.  The activation letter is another: its codes are issued when it is printed, so that no code exists that
nobody holds on paper, and printing again makes the earlier ones worthless (ADR 33).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.directory.accounts import Account, AccountExists, Accounts, ActivationPurpose
from miss.directory.agreements import Acceptance, Agreements
from miss.directory.practitioners import DirectoryEntry, Practitioner, Practitioners
from miss.directory.practitioners import store as practitioner_store
from miss.directory.practitioners.model import practitioner_id
from miss.directory.registrations import store
from miss.directory.registrations.application import clean
from miss.directory.registrations.errors import (
    AccountClosed,
    AccountThere,
    EvidenceMissing,
    InvitationClosed,
    LetterNotNeeded,
    NotInRegister,
)
from miss.directory.registrations.invited import Invitees, Vouched, compare_invited
from miss.directory.registrations.letter import LETTER_PURPOSES, STAFF_LETTER_PURPOSES, Letter
from miss.directory.registrations.matching import Line, Severity, compare, worst
from miss.directory.registrations.model import (
    WAITING,
    Act,
    Event,
    Evidence,
    Kind,
    MailKind,
    Reason,
    Registration,
    Status,
    approve,
    ask_more,
    is_row_id,
    merge,
    move,
    needs_second,
    refuse,
    take,
)
from miss.directory.registrations.service import Registrations, key_of, what_of
from miss.directory.roles import Role, Roles
from miss.storage import Database, Transaction
from miss.storage.errors import DataKeyDestroyed
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore

PAGE = 50
MAX_SIMILAR = 20


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the queue."""

    registration: Registration
    severity: Severity
    """Of the gravest difference with the register."""


@dataclass(frozen=True, slots=True)
class Review:
    """Everything a technician needs to decide."""

    registration: Registration
    practitioner: Practitioner | None
    account: Account | None
    """The person's, in whatever state."""
    lines: tuple[Line, ...]
    similar: Sequence[Registration]
    evidence: Sequence[Evidence]
    acceptances: Sequence[Acceptance]
    events: Sequence[Event]
    needs_second: bool
    """The next approval is the first of two."""
    vouched: Vouched | None = None
    """Of who was invited: who vouches for them."""

    @property
    def may_approve(self) -> bool:
        """Somebody or something establishes who it is."""
        return self.practitioner is not None if self.vouched is None else self.vouched.is_open

    @property
    def severity(self) -> Severity:
        """Of the gravest difference."""
        return worst(self.lines)


class Desk:
    """Where sign-ups are decided."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        keystore: KeyStore,
        registrations: Registrations,
        agreements: Agreements,
        practitioners: Practitioners,
        accounts: Accounts,
        roles: Roles,
        jobs: JobRunner,
        invitees: Invitees,
        *,
        four_eyes: bool = False,
    ) -> None:
        """`four_eyes`: a second technician confirms every approval."""
        self._db = db
        self._clock = clock
        self._keystore = keystore
        self._registrations = registrations
        self._agreements = agreements
        self._practitioners = practitioners
        self._accounts = accounts
        self._roles = roles
        self._jobs = jobs
        self._invitees = invitees
        self.four_eyes = four_eyes

    # Looking

    async def count_waiting(self) -> int:
        """How many wait for a technician."""
        counts = await self.count_by_status()
        return sum(counts.get(status, 0) for status in WAITING)

    async def count_by_status(self) -> Mapping[Status, int]:
        """How many there are in each status."""
        async with self._db.snapshot() as tx:
            return MappingProxyType(await store.count_by_status(tx))

    async def list_(self, statuses: frozenset[Status] = WAITING, after: str = "") -> Sequence[Waiting]:
        """A page of `PAGE` sign-ups, the oldest first; `after`: the last identifier of the page before."""
        async with self._db.snapshot() as tx:
            found = await store.list_by_status(tx, statuses, PAGE, after if is_row_id(after) else "")
        ids = [practitioner_id(one.application.rpps) for one in found if one.application.rpps]
        known = await self._practitioners.get_many(ids)
        waiting = []
        for one in found:
            if one.kind is Kind.INVITED:
                lines = compare_invited(one.application, await self._invitees.vouch(one))
            else:
                lines = compare(one.application, known.get(practitioner_id(one.application.rpps)))
            waiting.append(Waiting(one, worst(lines)))
        return waiting

    async def review(self, registration_id: str) -> Review:
        """Raises RegistrationNotFound."""
        async with self._db.snapshot() as tx:
            registration = await store.get(tx, registration_id)
            similar = await store.list_similar(tx, registration, MAX_SIMILAR)
            evidence = await store.list_evidence(tx, registration_id)
            events = await store.list_events(tx, registration_id)
        said = registration.application
        vouched = await self._invitees.vouch(registration) if registration.kind is Kind.INVITED else None
        practitioner = await self._practitioners.find_by_rpps(said.rpps)
        owner = await self._practitioners.find_by_mailbox(said.mailbox) if said.mailbox else None
        labels = {coding.code: coding.display for coding in await self._practitioners.list_professions()}
        account = await self._accounts.find_by_practitioner(practitioner.id) if practitioner else None
        return Review(
            registration=registration,
            practitioner=practitioner,
            account=vouched.account if vouched else account,
            lines=compare_invited(said, vouched)
            if vouched
            else compare(
                said,
                practitioner,
                profession=labels.get(said.profession, ""),
                mailbox_owner=owner.id if owner else None,
            ),
            vouched=vouched,
            similar=similar,
            evidence=evidence,
            acceptances=await self._agreements.list_at_sign_up(registration_id),
            events=events,
            needs_second=needs_second(registration, four_eyes=self.four_eyes),
        )

    async def read_evidence(self, registration_id: str, evidence_id: str) -> tuple[Evidence, bytes]:
        """A document and its bytes.  Raises EvidenceMissing."""
        async with self._db.snapshot() as tx:
            return await self._open_evidence(tx, registration_id, evidence_id)

    async def _open_evidence(self, tx: Transaction, registration_id: str, evidence_id: str) -> tuple[Evidence, bytes]:
        found = await store.find_sealed(tx, registration_id, evidence_id)
        if found is None:
            raise EvidenceMissing
        evidence, sealed = found
        try:
            return evidence, await self._keystore.open(key_of(registration_id), sealed, what=what_of(evidence_id))
        except DataKeyDestroyed:
            raise EvidenceMissing from None

    # Deciding

    async def take(self, registration_id: str, by: str) -> Registration:
        """In review from now on, by that technician.  Raises RegistrationNotFound, WrongStatus."""
        async with self._db.transaction() as tx:
            return await self._take(tx, registration_id, by)

    async def ask_more(self, registration_id: str, by: str, words: str) -> Registration:
        """Raises RegistrationNotFound, WrongStatus, WordsMissing."""
        async with self._db.transaction() as tx:
            taken = await self._take(tx, registration_id, by)
            changed = ask_more(taken, by=by, now=self._clock.now(), words=clean(words, lines=True))
            await store.save(tx, changed)
            await self._registrations.note(tx, changed, Act.ASK_MORE, by=by, detail=changed.words)
            await self._registrations.write(tx, changed, MailKind.NEEDS_MORE)
        self._jobs.wake()
        return changed

    async def refuse(self, registration_id: str, by: str, reasons: frozenset[Reason], words: str) -> Registration:
        """Raises RegistrationNotFound, WrongStatus, WordsMissing."""
        async with self._db.transaction() as tx:
            taken = await self._take(tx, registration_id, by)
            said = clean(words, lines=True)
            changed = refuse(taken, by=by, now=self._clock.now(), reasons=reasons, words=said)
            await self._close(tx, changed, Act.REFUSE, by, MailKind.REFUSED, detail=",".join(sorted(reasons)))
        self._jobs.wake()
        return changed

    async def merge(self, registration_id: str, into_id: str, by: str) -> Registration:
        """Close a duplicate; its documents go to the sign-up that stays.

        Raises RegistrationNotFound, WrongStatus, MergeRefused.
        """
        async with self._db.transaction() as tx:
            # Always in the same order: two technicians who join two sign-ups with each other wait, and go on.
            for locked in sorted({registration_id, into_id}):
                await store.get_locked(tx, locked)
            registration, into = await store.get(tx, registration_id), await store.get(tx, into_id)
            now = self._clock.now()
            changed = merge(registration, into, by=by, now=now)
            kept = move(into, Act.ADD_EVIDENCE, by=by, now=now)
            for one in await store.list_evidence(tx, registration_id):
                _, content = await self._open_evidence(tx, registration_id, one.id)
                sealed = await self._keystore.seal(key_of(into_id), content, what=what_of(one.id))
                await store.reseal_evidence(tx, one.id, into_id, sealed)
            await store.save(tx, kept)
            await self._registrations.note(tx, kept, Act.MERGE, by=by, detail=f"<- {registration_id}")
            await self._close(tx, changed, Act.MERGE, by, MailKind.MERGED, detail=f"-> {into_id}")
        self._jobs.wake()
        return changed

    async def approve(self, registration_id: str, by: str, *, join: bool = False) -> Registration:
        """Open the account, verified; with four eyes, the first of two only says so.

        `join`: the person has an account, and keeps it.  Raises RegistrationNotFound, WrongStatus, NotInRegister,
        InvitationClosed, SecondPersonNeeded, AccountThere, AccountClosed, StaffAddressTaken, GrantExists.
        """
        review = await self.review(registration_id)
        account = review.account
        if not review.may_approve:
            raise NotInRegister if review.vouched is None else InvitationClosed
        if account is not None and not join:
            raise AccountThere
        if account is not None and not account.is_active:
            raise AccountClosed
        async with self._db.transaction() as tx:
            taken = await self._take(tx, registration_id, by)
            now = self._clock.now()
            if needs_second(taken, four_eyes=self.four_eyes):
                supported = approve(taken, by=by, now=now, four_eyes=True, uid=None)
                await store.save(tx, supported)
                await self._registrations.note(tx, supported, Act.SUPPORT, by=by)
                return supported
            # Judged before anything is opened.
            approve(taken, by=by, now=now, four_eyes=self.four_eyes, uid=None)
            account = await self._admit(tx, taken, review, by)
            changed = approve(taken, by=by, now=now, four_eyes=self.four_eyes, uid=account.uid)
            await self._agreements.attach(tx, registration_id, account.uid)
            await self._close(tx, changed, Act.APPROVE, by, MailKind.APPROVED, detail=account.uid.hex())
        self._jobs.wake()
        return changed

    async def print_letter(self, registration_id: str, by: str) -> Letter:
        """New codes for the letter; earlier ones are worthless.

        Raises RegistrationNotFound; WrongStatus before the approval; AccountClosed; LetterNotNeeded once the code for
        the pages has served, as it has for who had an account and joined it.
        """
        async with self._db.snapshot() as tx:
            registration = await store.get(tx, registration_id)
        move(registration, Act.LETTER, by=by, now=self._clock.now())
        account = await self._accounts.get(registration.uid or AccountId(b""))
        if not account.is_active:
            raise AccountClosed
        if await self._accounts.has_used_code(account.uid, ActivationPurpose.BROWSER):
            raise LetterNotNeeded
        practitioner = await self._practitioners.get(account.practitioner_id)
        async with self._db.transaction() as tx:
            await store.get_locked(tx, registration_id)
            await self._registrations.note(tx, registration, Act.LETTER, by=by)
        purposes = STAFF_LETTER_PURPOSES if practitioner.is_staff else LETTER_PURPOSES
        codes = {purpose: await self._accounts.issue_activation(account.uid, purpose, by) for purpose in purposes}
        return Letter(practitioner, registration.application, MappingProxyType(codes))

    async def _take(self, tx: Transaction, registration_id: str, by: str) -> Registration:
        registration = await store.get_locked(tx, registration_id)
        taken = take(registration, by=by, now=self._clock.now())
        if taken is not registration:
            await store.save(tx, taken)
            await self._registrations.note(tx, taken, Act.TAKE, by=by)
        return taken

    async def _close(
        self, tx: Transaction, registration: Registration, act: Act, by: str, mail: MailKind, *, detail: str
    ) -> None:
        await store.save(tx, registration)
        await self._registrations.note(tx, registration, act, by=by, detail=detail)
        await self._registrations.write(tx, registration, mail)
        await self._registrations.forget_later(tx, registration)

    async def _admit(self, tx: Transaction, registration: Registration, review: Review, by: str) -> Account:
        """The account it becomes: opened, or the one that is there."""
        if review.vouched is not None:
            return await self._invitees.admit(tx, registration, by, review.account)
        if review.practitioner is None:
            raise NotInRegister
        return review.account or await self._open(tx, registration, review.practitioner, by)

    async def _open(self, tx: Transaction, registration: Registration, practitioner: Practitioner, by: str) -> Account:
        said, entry = registration.application, practitioner.entry
        try:
            account = await self._accounts.open_verified(tx, practitioner.id, by=by, language=said.language)
        except AccountExists:
            raise AccountThere from None
        await self._roles.appoint_in(tx, account, Role.PRACTITIONER, by=by)
        kept = DirectoryEntry(is_red_listed=entry.is_red_listed, is_proxy=entry.is_proxy, formats=said.formats)
        await practitioner_store.put_entry(tx, practitioner.id, kept, by, self._clock.now())
        return account
