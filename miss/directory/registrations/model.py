"""A sign-up and its way: received, in review, approved or refused; and who may move it.  Pure.

Rules (ADR 33):
    received ──take──▶ in_review ◀──answer, take── needs_more
    in_review ──ask_more──▶ needs_more
    in_review ──support (four eyes)──▶ in_review ──approve, by somebody else──▶ approved
    in_review, needs_more ──refuse──▶ refused         (joined to another one: refused, with `merged_into`)
    received, in_review, needs_more ──withdraw──▶ withdrawn
Whatever changes what was approved first (a file, an answer, a question) takes that first approval back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import blake2b
from types import MappingProxyType
from typing import Any, Protocol

from miss.base.ids import AccountId
from miss.base.text import Language, Text
from miss.directory.registrations.application import Application
from miss.directory.registrations.errors import (
    EvidenceFormat,
    EvidenceTooLarge,
    MergeRefused,
    SecondPersonNeeded,
    WordsMissing,
    WrongStatus,
)

MAX_EVIDENCE = 6
MAX_EVIDENCE_BYTES = 5_000_000
MAX_WORDS = 2_000
LINK_VALIDITY = timedelta(days=365)
"""A follow link lives as long as a decision may take; it dies with what it leads to."""
JPEG, PNG, PDF = "image/jpeg", "image/png", "application/pdf"

_ROW_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Status(StrEnum):
    """Where a sign-up stands."""

    RECEIVED = "received"
    IN_REVIEW = "in_review"
    NEEDS_MORE = "needs_more"
    """The applicant was asked something."""
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Somebody still has something to do."""
        return self in OPEN


OPEN = frozenset({Status.RECEIVED, Status.IN_REVIEW, Status.NEEDS_MORE})
WAITING = frozenset({Status.RECEIVED, Status.IN_REVIEW})
"""For a technician."""


STATUS_NAMES: Mapping[Status, Text] = MappingProxyType(
    {
        Status.RECEIVED: Text(fr="reçue", en="received"),
        Status.IN_REVIEW: Text(fr="en examen", en="in review"),
        Status.NEEDS_MORE: Text(fr="complément demandé", en="more asked for"),
        Status.APPROVED: Text(fr="acceptée", en="granted"),
        Status.REFUSED: Text(fr="refusée", en="refused"),
        Status.WITHDRAWN: Text(fr="retirée", en="withdrawn"),
    }
)


class Act(StrEnum):
    """What happens to a sign-up."""

    SUBMIT = "submit"
    TAKE = "take"
    ASK_MORE = "ask_more"
    ANSWER = "answer"
    ADD_EVIDENCE = "add_evidence"
    SUPPORT = "support"
    """First of two approvals."""
    APPROVE = "approve"
    REFUSE = "refuse"
    MERGE = "merge"
    WITHDRAW = "withdraw"
    LETTER = "letter"
    """The activation letter was printed, with codes of its own."""


class Kind(StrEnum):
    """Whence a sign-up comes."""

    OWN = "own"
    """From the public form: somebody whom the register knows."""
    INVITED = "invited"
    """By a practitioner's or an establishment's invitation: somebody without an RPPS number (ADR 41)."""


class Reason(StrEnum):
    """Why a sign-up is refused."""

    NOT_IN_REGISTER = "not_in_register"
    IDENTITY = "identity"
    NOT_HEALTH = "not_health"
    NO_ANSWER = "no_answer"
    DUPLICATE = "duplicate"
    OTHER = "other"


REASONS: Mapping[Reason, Text] = MappingProxyType(
    {
        Reason.NOT_IN_REGISTER: Text(
            fr="Le répertoire national ne vous connaît pas sous le numéro indiqué.",
            en="The national register does not know you by the number given.",
        ),
        Reason.IDENTITY: Text(
            fr="Votre identité n’a pas pu être établie avec les éléments fournis.",
            en="Your identity could not be established from what was provided.",
        ),
        Reason.NOT_HEALTH: Text(
            fr="La plateforme est réservée aux professionnels de santé et à leurs équipes.",
            en="The platform is for health professionals and their teams only.",
        ),
        Reason.NO_ANSWER: Text(
            fr="Nous n’avons pas reçu le complément demandé.", en="We have not received what we asked for."
        ),
        Reason.DUPLICATE: Text(
            fr="Une autre demande de votre part est en cours ou a abouti.",
            en="Another request of yours is under way or was granted.",
        ),
        Reason.OTHER: Text(fr="Un autre motif, précisé ci-dessous.", en="Another reason, told below."),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """One request for an account."""

    id: str
    application: Application
    status: Status
    received_at: datetime
    since: datetime
    """When it entered that status."""
    taken_by: str = ""
    """Hex uid of the technician who took it last."""
    first_by: str = ""
    """Four eyes: who approved first."""
    decided_by: str = ""
    reasons: frozenset[Reason] = frozenset()
    words: str = ""
    """What a technician last wrote to the applicant."""
    uid: AccountId | None = None
    """The account it has become."""
    merged_into: str = ""
    """The sign-up that goes on in its place."""
    invitation_id: str = ""
    """The invitation it answers; empty: it came by the public form."""

    @property
    def kind(self) -> Kind:
        return Kind.INVITED if self.invitation_id else Kind.OWN


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that supports a sign-up; its bytes are kept apart, sealed."""

    id: str
    at: datetime
    name: str
    mime: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a sign-up's story."""

    at: datetime
    act: Act
    by: str
    """Hex uid of a technician; empty: the applicant."""
    detail: str
    """For technicians: never health data, never shown to the applicant."""


class MailKind(StrEnum):
    """What a mail to an applicant says."""

    RECEIVED = "received"
    NEEDS_MORE = "needs_more"
    APPROVED = "approved"
    REFUSED = "refused"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"
    LINK = "link"
    """The follow link, asked for again."""


@dataclass(frozen=True, slots=True)
class RegistrationMail:
    """One mail to compose."""

    kind: MailKind
    reference: str
    """Names the mail; no secret."""
    to: str
    language: Language
    token: str = ""
    """Of the follow link; only its hash is kept."""
    reasons: tuple[Text, ...] = ()
    words: str = ""

    def __repr__(self) -> str:
        """Without the token, the address and the words."""
        return f"RegistrationMail({self.kind.value}, {self.reference})"


class SendRegistrationMail(Protocol):
    """Whoever can write to an applicant's address of contact."""

    async def __call__(self, tx: Any, mail: RegistrationMail) -> None:
        """Queue the mail in the caller's transaction."""
        ...


_WAYS: Mapping[Act, tuple[frozenset[Status], Status | None]] = MappingProxyType(
    {
        Act.TAKE: (frozenset({Status.RECEIVED, Status.NEEDS_MORE}), Status.IN_REVIEW),
        Act.ASK_MORE: (frozenset({Status.IN_REVIEW}), Status.NEEDS_MORE),
        Act.ANSWER: (frozenset({Status.NEEDS_MORE}), Status.IN_REVIEW),
        Act.ADD_EVIDENCE: (OPEN, None),
        Act.SUPPORT: (frozenset({Status.IN_REVIEW}), None),
        Act.APPROVE: (frozenset({Status.IN_REVIEW}), Status.APPROVED),
        Act.REFUSE: (frozenset({Status.IN_REVIEW, Status.NEEDS_MORE}), Status.REFUSED),
        Act.MERGE: (OPEN, Status.REFUSED),
        Act.WITHDRAW: (OPEN, Status.WITHDRAWN),
        Act.LETTER: (frozenset({Status.APPROVED}), None),
    }
)
"""From which states an act is possible, and where it leads; None: the state stays."""
_KEEPS_FIRST_APPROVAL = frozenset({Act.SUPPORT, Act.APPROVE, Act.LETTER})


def move(registration: Registration, act: Act, *, by: str, now: datetime, **changes: Any) -> Registration:
    """The sign-up after `act`; `changes`: of its other fields.  Raises WrongStatus."""
    allowed, becomes = _WAYS[act]
    if registration.status not in allowed:
        raise WrongStatus(status=STATUS_NAMES[registration.status], act=act.value)
    if act not in _KEEPS_FIRST_APPROVAL:
        changes["first_by"] = ""
    if becomes is not None:
        changes |= {"status": becomes, "since": now}
        if not becomes.is_open:
            changes["decided_by"] = by
    if act is Act.TAKE:
        changes["taken_by"] = by
    return replace(registration, **changes)


def take(registration: Registration, *, by: str, now: datetime) -> Registration:
    """In review, if it was not: a technician's every act begins so.  Raises WrongStatus."""
    if registration.status is Status.IN_REVIEW:
        return registration
    return move(registration, Act.TAKE, by=by, now=now)


def approve(
    registration: Registration, *, by: str, now: datetime, four_eyes: bool, uid: AccountId | None
) -> Registration:
    """Approved, or with four eyes supported by the first of two people.

    `uid`: the account it becomes, which only the last approval has.  Raises WrongStatus, SecondPersonNeeded.
    """
    if registration.first_by == by and by:
        raise SecondPersonNeeded
    if needs_second(registration, four_eyes=four_eyes):
        return move(registration, Act.SUPPORT, by=by, now=now, first_by=by)
    return move(registration, Act.APPROVE, by=by, now=now, uid=uid)


def needs_second(registration: Registration, *, four_eyes: bool) -> bool:
    """True if the next approval is the first of two."""
    return four_eyes and not registration.first_by


def refuse(
    registration: Registration, *, by: str, now: datetime, reasons: frozenset[Reason], words: str
) -> Registration:
    """Raises WrongStatus; WordsMissing without a reason, or with none but « autre » and no words."""
    if not reasons or (reasons == {Reason.OTHER} and not words):
        raise WordsMissing
    return move(registration, Act.REFUSE, by=by, now=now, reasons=reasons, words=words[:MAX_WORDS])


def ask_more(registration: Registration, *, by: str, now: datetime, words: str) -> Registration:
    """Raises WrongStatus, WordsMissing."""
    if not words:
        raise WordsMissing
    return move(registration, Act.ASK_MORE, by=by, now=now, words=words[:MAX_WORDS])


def merge(registration: Registration, into: Registration, *, by: str, now: datetime) -> Registration:
    """The duplicate, closed: `into` goes on in its place; each invitation is judged by itself.

    Raises WrongStatus, MergeRefused.
    """
    if into.id == registration.id or not into.status.is_open or Kind.INVITED in {registration.kind, into.kind}:
        raise MergeRefused
    reasons = frozenset({Reason.DUPLICATE})
    return move(registration, Act.MERGE, by=by, now=now, reasons=reasons, merged_into=into.id)


def recognise(content: bytes) -> str:
    """The media type of evidence, from its first bytes: neither name nor declared type is believed.

    Raises EvidenceTooLarge, EvidenceFormat.
    """
    if len(content) > MAX_EVIDENCE_BYTES:
        raise EvidenceTooLarge(limit_mb=MAX_EVIDENCE_BYTES // 1_000_000)
    for magic, mime in ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG)):
        if content.startswith(magic):
            return mime
    raise EvidenceFormat


def is_row_id(text: str) -> bool:
    """True for what may name a row: addresses of pages hold anything."""
    return _ROW_ID.fullmatch(text) is not None


def hash_token(token: str) -> bytes:
    """Under which a follow link is kept: a random token needs no salt."""
    return blake2b(token.encode("utf-8", "replace"), digest_size=32, person=b"miss.follow").digest()
