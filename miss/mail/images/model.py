"""Up to six images that a member sends to a correspondent: what there is to know, and the rules.  Pure.

Source: the service that MiSS replaces (APITelDiag: a photograph taken or chosen, six files at most, a link in the mail
instead of attachments).
"""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from miss.base.ids import PractitionerId
from miss.base.retention import HOUSE
from miss.directory.practitioners.model import AcceptedFormat
from miss.directory.search.words import fold_words
from miss.documents.identities import PatientIdentity
from miss.mail.images.errors import (
    ImagesMissing,
    ImagesTooMany,
    PatientIncomplete,
    SubjectMissing,
    SubjectNamesPatient,
    WordsTooLong,
)

MAX_IMAGES: Final = 6
MAX_IMAGE_BYTES: Final = 20_000_000
MAX_SUBJECT: Final = 120
MAX_TEXT: Final = 4_000
MAX_NAME: Final = 100
DRAFT_FOR: Final = HOUSE.period("mail.images_draft")
"""What was prepared and not sent is destroyed."""
KEPT_FOR: Final = HOUSE.period("mail.images_trace")
"""The trace of a sending that is over: who, to whom, when it was opened."""
LARGE_MAIL_BYTES: Final = 10_000_000
"""Of a whole mail, where the recipient's operator takes large ones."""
_AROUND_BYTES: Final = 100_000
"""What a mail holds beside its images: text, headers, a signature."""


class State(StrEnum):
    """Where a sending stands."""

    DRAFT = "draft"
    """Seen by its sender alone."""
    SENT = "sent"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Way(StrEnum):
    """How images reach the recipient."""

    LINK = "link"
    """The mail names a page."""
    ATTACHED = "attached"
    """They are in the mail: no page, nothing kept."""


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """What goes with the images, sealed like them."""

    subject: str
    """Read in lists and notifications: never names the patient."""
    text: str = ""
    patient: PatientIdentity | None = None
    """Family name, given name and date of birth; None: the sender did not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One sending; nothing here is about the patient."""

    id: str
    sender_id: PractitionerId
    recipient_id: PractitionerId
    """Whom the sender chose."""
    reader_id: PractitionerId
    """Who may open it: the recipient, or their successor."""
    images: int
    size_bytes: int
    state: State
    way: Way
    created_at: datetime
    sent_at: datetime | None
    expires_at: datetime
    over_at: datetime | None = None
    """When it was withdrawn, or its content destroyed."""

    def is_open_to(self, reader: PractitionerId, now: datetime) -> bool:
        """True for whom it was sent to, until its time has passed."""
        is_shown = self.state is State.SENT and self.way is Way.LINK
        return reader == self.reader_id and is_shown and now < self.expires_at

    def is_shown_to_sender(self, sender: PractitionerId, now: datetime) -> bool:
        """True for who made it, as long as there is something to see."""
        return sender == self.sender_id and (
            now < self.expires_at and (self.state is State.DRAFT or (self.state is State.SENT and self.way is Way.LINK))
        )

    def state_at(self, now: datetime) -> State:
        """Its state: past its time it is over, though the day's look has not come by yet."""
        is_past = self.state in (State.DRAFT, State.SENT) and self.way is Way.LINK and now >= self.expires_at
        return State.EXPIRED if is_past else self.state


def read_words(subject: str, text: str, family: str, given: str, born: str) -> Words:
    """What a form holds, judged.  `born`: ISO 8601, as a date field sends it.

    Raises SubjectMissing, SubjectNamesPatient, PatientIncomplete, WordsTooLong.
    """
    said = Words(" ".join(subject.split()), text.strip().replace("\r\n", "\n"), _read_patient(family, given, born))
    if not said.subject:
        raise SubjectMissing
    if len(said.subject) > MAX_SUBJECT:
        raise WordsTooLong(limit=MAX_SUBJECT)
    if len(said.text) > MAX_TEXT:
        raise WordsTooLong(limit=MAX_TEXT)
    if said.patient is not None and _names(said.subject, said.patient):
        raise SubjectNamesPatient
    return said


def _read_patient(family: str, given: str, born: str) -> PatientIdentity | None:
    traits = [" ".join(one.split()) for one in (family, given, born)]
    if not any(traits):
        return None
    try:
        day = date.fromisoformat(traits[2])
    except ValueError:
        raise PatientIncomplete from None
    if not all(traits):
        raise PatientIncomplete
    if max(len(traits[0]), len(traits[1])) > MAX_NAME:
        raise WordsTooLong(limit=MAX_NAME)
    return _identity(traits[0], traits[1], day)


def _identity(family: str, given: str, born: date) -> PatientIdentity:
    return PatientIdentity(birth_family_name=family, birth_given_names=(given,), birth_date=born)


def _names(subject: str, patient: PatientIdentity) -> bool:
    """True if every word of the family name is among those of the subject, whatever their accents."""
    family = set(fold_words(patient.birth_family_name))
    return bool(family) and family <= set(fold_words(subject))


def require_count(images: int) -> None:
    """Raises ImagesMissing, ImagesTooMany."""
    if images == 0:
        raise ImagesMissing
    if images > MAX_IMAGES:
        raise ImagesTooMany(limit=MAX_IMAGES)


def choose_way(
    formats: Collection[AcceptedFormat],
    domain: str,
    large_mail_domains: Collection[str],
    size_bytes: int,
    room_bytes: int = LARGE_MAIL_BYTES,
) -> Way:
    """Attached for who opens attached files and whose operator (`domain`, or one above it) takes large mails, if the
    whole fits in `room_bytes`; else a link."""
    takes_large = any(domain == one or domain.endswith(f".{one}") for one in large_mail_domains)
    if AcceptedFormat.ATTACHMENTS in formats and takes_large and mail_bytes(size_bytes) <= room_bytes:
        return Way.ATTACHED
    return Way.LINK


def mail_bytes(size_bytes: int) -> int:
    """What a mail weighs with attachments of that size: base64 in lines of 76 characters and their ends."""
    encoded = (size_bytes + 3 * MAX_IMAGES) * 4 // 3
    return encoded + encoded // 76 * 2 + _AROUND_BYTES


def pack_words(words: Words) -> bytes:
    """To be sealed."""
    patient = words.patient
    traits = [patient.birth_family_name, patient.first_given_name, patient.birth_date.isoformat()] if patient else []
    return json.dumps([words.subject, words.text, *traits], ensure_ascii=False).encode()


def unpack_words(packed: bytes) -> Words:
    """What `pack_words` made."""
    subject, text, *traits = json.loads(packed)
    if not traits:
        return Words(subject, text)
    family, given, born = traits
    return Words(subject, text, _identity(family, given, date.fromisoformat(born)))


def image_name(rank: int) -> str:
    """What an image is called once it leaves: its own name may be a patient's."""
    return f"image-{rank}.jpg"
