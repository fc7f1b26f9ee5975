"""The request itself as a document: the letter that its requester and its expert keep in the patient's record.

What identifies the patient stands in the header alone, so that a matricule which may not travel is in no text; whom the
patient wants kept out is the service's own business.  What the requester added later makes a version of its own, which
replaces the one before.

Source: CSP R.6316-4 (what each professional keeps of an act at a distance); ANS CI-SIS, volet TLM-DA.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from miss.documents.identities import PatientIdentity
from miss.documents.letter import TLM_DA_CODE, Letter, Party, Section, document_id
from miss.documents.oids import set_id_of
from miss.mail.letters import Beside, LetterMail, compose_letter_mail
from miss.mail.outbound.model import AutoSubmitted
from teleexpertise.letters.envelope import PARIS, Correspondent, Platform, moment, on_thread

IDENTITY_ITEMS = "c.patient."
OBJECTION_ITEM = "c.opposition"
TREATMENTS_ITEM = "c.ttt"


def is_in_document(link_id: str) -> bool:
    """Whether an answer stands in the text of the document."""
    return not link_id.startswith(IDENTITY_ITEMS) and link_id not in (OBJECTION_ITEM, TREATMENTS_ITEM)


@dataclass(frozen=True, slots=True, repr=False)
class AddedWord:
    """What was said after the request was sent: the requester's words, or the question they answer."""

    at: datetime
    is_question: bool
    lines: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Asked:
    """Everything the document is made of."""

    number: str
    form_title: str
    patient: PatientIdentity
    requester: Party
    service: str
    """Who was asked: the service by its name, since experts change and the document does not."""
    root: str
    """OID of the platform."""
    asked_at: datetime
    sections: Sequence[tuple[str, Sequence[str]]]
    treatments: str = ""
    """What the patient takes, as it was told."""
    free_text: str = ""
    added: Sequence[AddedWord] = ()
    """In their order, the requester's word last."""
    page: str = ""
    """Where the request is followed."""


def compose_request_letter(asked: Asked) -> Letter:
    """The request as a letter.  Raises LetterIncomplete."""
    words = [word for word in asked.added if not word.is_question]
    version = len(words) + 1
    free = [Section("Texte libre", (asked.free_text,))] if asked.free_text.strip() else []
    return Letter(
        code=TLM_DA_CODE,
        number=asked.number,
        version=version,
        replaces=document_id(asked.number, version - 1) if words else "",
        patient=asked.patient,
        document_date=asked.asked_at.astimezone(PARIS).date(),
        sender=asked.requester,
        recipient=Party(display_name=f"{asked.service} - {asked.form_title}"),
        set_id=set_id_of(asked.root, TLM_DA_CODE, asked.number),
        written_at=words[-1].at if words else asked.asked_at,
        service_start=asked.asked_at,
        title=f"Demande de téléexpertise : {asked.form_title}",
        references=(f"Demande {asked.number} du {moment(asked.asked_at)}, par {asked.requester.display_name}",),
        sections=(
            *(Section(heading, tuple(lines)) for heading, lines in asked.sections),
            *free,
            *(_added(word) for word in asked.added),
        ),
        treatments=tuple(line.strip() for line in asked.treatments.splitlines() if line.strip()),
        closing=(f"Suivi de la demande : {asked.page}",) if asked.page else (),
    )


def copy_mail(platform: Platform, to: Correspondent, letter: Letter, beside: Beside, *, reference: str) -> LetterMail:
    """The mail by which one's own software files the request; `reference` makes it once.

    Raises HprimCodeRefused, LetterIncomplete, LetterPhotoRefused.
    """
    mail = on_thread(
        platform, to, None, number=letter.number, kind=f"copy-{reference}", label="la demande, pour votre dossier",
        text="", auto=AutoSubmitted.GENERATED,
    )  # fmt: skip
    return compose_letter_mail(replace(mail, wants_receipt=True), letter, beside)


def _added(word: AddedWord) -> Section:
    head = "Question de l’expert" if word.is_question else "Complément du demandeur"
    return Section(f"{head}, {moment(word.at)}", tuple(line for line in word.lines if line.strip()))
