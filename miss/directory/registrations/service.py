"""The applicant's side: ask for an account, follow the request, add documents, answer, withdraw.

Submitting looks nobody up: whether the number, the name or the address is known changes neither the answer nor the
time it takes.  Who has the link of a mail may see where the request stands, and nothing of what was found.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from miss.base.clock import Clock
from miss.base.ids import new_row_id
from miss.base.random import RandomBytes
from miss.base.retention import HOUSE
from miss.base.text import Text
from miss.directory.agreements import Agreements, Signature
from miss.directory.registrations import store
from miss.directory.registrations.application import Application, clean
from miss.directory.registrations.errors import RegistrationNotFound, TooMuchEvidence, WordsMissing
from miss.directory.registrations.model import (
    LINK_VALIDITY,
    MAX_EVIDENCE,
    MAX_WORDS,
    REASONS,
    Act,
    Event,
    Evidence,
    MailKind,
    Registration,
    RegistrationMail,
    SendRegistrationMail,
    Status,
    hash_token,
    move,
    recognise,
)
from miss.storage import Database, Transaction
from miss.storage.jobs import Job, JobHandler, JobRunner, schedule
from miss.storage.sealed import KeyStore

FORGET = "registration.forget"
TOKEN_BYTES = 24
REFERENCE_BYTES = 8
NAME_LENGTH = 120
DOCUMENTS_LIVE = HOUSE.period("accounts.registrations")


@dataclass(frozen=True, slots=True)
class Followed:
    """What an applicant sees of their request."""

    registration: Registration
    evidence: Sequence[Evidence]


class Registrations:
    """Requests for an account."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        keystore: KeyStore,
        agreements: Agreements,
        jobs: JobRunner,
        send: SendRegistrationMail,
        *,
        retention: timedelta = DOCUMENTS_LIVE,
    ) -> None:
        """`retention`: of documents after the decision, and of what was refused or withdrawn."""
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._keystore = keystore
        self._agreements = agreements
        self._jobs = jobs
        self._send = send
        self.retention = retention

    async def submit(self, application: Application, accepted: Sequence[str], signature: Signature) -> Registration:
        """Keep the request and mail the follow link; the same for everybody.

        `accepted`: the hex digests of the texts that the form showed.  Raises AgreementsNotAccepted,
        AgreementChanged, and what the outbox says of an address that cannot be written to.
        """
        self._agreements.require(accepted)
        async with self._db.transaction() as tx:
            registration = await self.receive(tx, application, signature)
        self._jobs.wake()
        return registration

    async def receive(
        self, tx: Transaction, application: Application, signature: Signature, *, invitation_id: str = ""
    ) -> Registration:
        """`submit` in the caller's transaction, of somebody who has accepted everything in force."""
        now = self._clock.now()
        registration = Registration(
            id=new_row_id(now, self._random_bytes),
            application=application,
            status=Status.RECEIVED,
            received_at=now,
            since=now,
            invitation_id=invitation_id,
        )
        await store.save(tx, registration)
        await self._agreements.accept_at_sign_up(tx, registration.id, signature)
        await self.note(tx, registration, Act.SUBMIT, by="", detail=invitation_id)
        await self.write(tx, registration, MailKind.RECEIVED)
        return registration

    async def follow(self, token: str) -> Followed:
        """The request that a link leads to.  Raises RegistrationNotFound."""
        async with self._db.snapshot() as tx:
            registration = await store.get(tx, await self._find_linked(tx, token))
            return Followed(registration, await store.list_evidence(tx, registration.id))

    async def add_evidence(self, token: str, name: str, content: bytes) -> Evidence:
        """Keep a document, sealed.  `name`: fit to be shown.

        Raises RegistrationNotFound, WrongStatus, EvidenceTooLarge, EvidenceFormat, TooMuchEvidence.
        """
        mime, now = recognise(content), self._clock.now()
        evidence = Evidence(
            new_row_id(now, self._random_bytes), now, clean(name)[:NAME_LENGTH] or "document", mime, len(content)
        )
        async with self._db.snapshot() as tx:
            registration_id = await self._find_linked(tx, token)
        sealed = await self._keystore.seal(key_of(registration_id), content, what=what_of(evidence.id))
        async with self._db.transaction() as tx:
            registration = await store.get_locked(tx, registration_id)
            changed = move(registration, Act.ADD_EVIDENCE, by="", now=now)
            if len(await store.list_evidence(tx, registration_id)) >= MAX_EVIDENCE:
                raise TooMuchEvidence(limit=MAX_EVIDENCE)
            await store.insert_evidence(tx, registration_id, evidence, sealed)
            await store.save(tx, changed)
            await self.note(tx, changed, Act.ADD_EVIDENCE, by="", detail=evidence.mime)
        return evidence

    async def answer(self, token: str, words: str) -> Registration:
        """Say what was asked for; a technician looks again.  Raises RegistrationNotFound, WrongStatus, WordsMissing."""
        said = clean(words, lines=True)[:MAX_WORDS]
        if not said:
            raise WordsMissing
        return await self._move(token, Act.ANSWER, detail=said)

    async def withdraw(self, token: str) -> Registration:
        """Give the request up, for good.  Raises RegistrationNotFound, WrongStatus."""
        return await self._move(token, Act.WITHDRAW)

    async def _move(self, token: str, act: Act, detail: str = "") -> Registration:
        async with self._db.transaction() as tx:
            registration = await store.get_locked(tx, await self._find_linked(tx, token))
            changed = move(registration, act, by="", now=self._clock.now())
            await store.save(tx, changed)
            await self.note(tx, changed, act, by="", detail=detail)
            if act is Act.WITHDRAW:
                await self.write(tx, changed, MailKind.WITHDRAWN)
                await self.forget_later(tx, changed)
        self._jobs.wake()
        return changed

    async def _find_linked(self, tx: Transaction, token: str) -> str:
        found = await store.find_by_link(tx, hash_token(token), self._clock.now())
        if found is None:
            raise RegistrationNotFound
        return found

    # Shared with the desk

    async def note(self, tx: Transaction, registration: Registration, act: Act, *, by: str, detail: str = "") -> None:
        """One line of the request's story."""
        event = Event(self._clock.now(), act, by, detail)
        await store.insert_event(tx, registration.id, event, self._random_bytes)

    async def write(self, tx: Transaction, registration: Registration, kind: MailKind, *, reference: str = "") -> None:
        """Queue a mail to the applicant, with a new link.  `reference`: of a mail that is queued once only."""
        token = urlsafe_b64encode(self._random_bytes(TOKEN_BYTES)).decode()
        ends_at = self._clock.now() + LINK_VALIDITY
        await store.insert_link(tx, registration.id, hash_token(token), ends_at)
        said = registration.application
        reasons: tuple[Text, ...] = tuple(text for reason, text in REASONS.items() if reason in registration.reasons)
        mail = RegistrationMail(
            kind=kind,
            reference=reference or self._random_bytes(REFERENCE_BYTES).hex(),
            to=said.email,
            language=said.language,
            token=token,
            reasons=reasons,
            words=registration.words if kind in (MailKind.NEEDS_MORE, MailKind.REFUSED) else "",
        )
        await self._send(tx, mail)

    async def forget_later(self, tx: Transaction, registration: Registration) -> None:
        """Documents are destroyed some time after the decision, and so is what came to nothing."""
        due_at = self._clock.now() + self.retention
        await schedule(tx, FORGET, registration.id, due_at, random_bytes=self._random_bytes)

    def job_handler(self) -> JobHandler:
        """Forgets what has had its time."""
        return JobHandler(FORGET, self._forget)

    async def _forget(self, job: Job) -> None:
        async with self._db.transaction() as tx:
            with suppress(RegistrationNotFound):  # a crash after the commit below: the key is left
                registration = await store.get_locked(tx, job.key)
                await store.delete_evidence(tx, registration.id)
                if registration.status is not Status.APPROVED:
                    await self._agreements.forget(tx, registration.id)
                    await store.delete_registration(tx, registration.id)
        await self._keystore.destroy(key_of(job.key))


def key_of(registration_id: str) -> str:
    """The data key of a sign-up's documents."""
    return f"registration:{registration_id}"


def what_of(evidence_id: str) -> str:
    """What a sealed document is bound to."""
    return f"evidence:{evidence_id}"
