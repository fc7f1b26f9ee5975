"""The expert's answer: a neutral letter, and the mail whose body is that letter as HPRIM text.

The letter holds what CSP R.6316-4 wants in the report of an act at a distance: who asked, who answered, when, about
whom, what was advised.  What the expert noted for the service alone (quality of the request, billing) stays out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from miss.documents.hprim import compose_hprim
from miss.documents.identities import PatientIdentity
from miss.documents.letter import TLM_CR_CODE, Letter, Party, Section, document_id
from miss.mail.outbound.model import OutboundAttachment, OutboundMail, TextCharset
from teleexpertise.letters.envelope import PARIS, Correspondent, Platform, Thread, moment, on_thread

INTERNAL_ITEMS = frozenset({"r.qualite", "r.cotation", "r.precisions", "r.precisions.texte"})
"""Items of the `reponse` form that the requester's record does not get."""
ATTACHED_BYTES = 600_000
"""What may travel beside the text: base64 and headers bring it near the 900 KB that every operator takes."""

Heading = tuple[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Replaced:
    """The answer that a corrected one annuls and replaces."""

    version: int
    answered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Answer:
    """Everything the letter is made of."""

    number: str
    form_title: str
    patient: PatientIdentity
    requester: str
    """Display names, as the register has them."""
    expert: str
    expert_specialty: str
    asked_at: datetime
    answered_at: datetime
    question: str
    """The requester's own words, so that the letter can be read alone."""
    sections: Sequence[Heading]
    """`response_text` of the answer."""
    files_link: str = ""
    """Where the answer's files are read when they are too heavy for the mail."""
    closing_link: str = ""
    """Where the requester says that the patient knows."""
    replaced: Replaced | None = None
    """None: this is the first answer."""


def compose_letter(answer: Answer) -> Letter:
    """The answer as a letter.  Raises LetterIncomplete."""
    files = [f"Pièces jointes à l’avis, consultables sur : {answer.files_link}"] if answer.files_link else []
    specialty = f" ({answer.expert_specialty})" if answer.expert_specialty else ""
    link = answer.closing_link
    closing = [f"Une fois le patient informé, clôturez la demande : {link}"] if link else []
    question = [Section("Question posée", (answer.question,))] if answer.question.strip() else []
    title = f"Compte rendu de téléexpertise : {answer.form_title}"
    version, replaces = 1, ""
    if answer.replaced is not None:
        title = f"ANNULE ET REMPLACE l’avis du {moment(answer.replaced.answered_at)} – {title}"
        version, replaces = answer.replaced.version + 1, document_id(answer.number, answer.replaced.version)
    return Letter(
        code=TLM_CR_CODE,
        number=answer.number,
        version=version,
        replaces=replaces,
        patient=answer.patient,
        document_date=answer.answered_at.astimezone(PARIS).date(),
        sender=Party(display_name=f"Téléexpertise - {answer.expert}"),
        recipient=Party(display_name=answer.requester),
        title=title,
        references=(
            f"Demande {answer.number} du {moment(answer.asked_at)}, par {answer.requester}",
            f"Avis rendu le {moment(answer.answered_at)} par {answer.expert}{specialty}",
        ),
        sections=(*question, *(Section(heading, tuple(lines)) for heading, lines in answer.sections)),
        closing=(
            *files,
            "Avis rendu à distance, au vu des seuls éléments transmis. Le patient est à informer de cet avis par le "
            "professionnel qui l’a demandé.",
            *closing,
        ),
    )


def answer_mail(
    platform: Platform,
    to: Correspondent,
    thread: Thread | None,
    letter: Letter,
    *,
    expert: Correspondent | None,
    attachments: Sequence[OutboundAttachment] = (),
) -> OutboundMail:
    """The mail that brings the answer: HPRIM in its body, replies to the expert's own mailbox.

    `attachments`: none if they are `too_heavy` together; the letter names the page that has them instead.
    A corrected answer has a Message-ID and a subject of its own, on the same thread.
    Raises HprimCodeRefused, LetterIncomplete.
    """
    is_first = letter.version == 1
    mail = on_thread(
        platform, to, thread, number=letter.number, kind="answer" if is_first else f"answer-{letter.version}",
        label="avis rendu" if is_first else "avis corrigé, annule et remplace",
        text=compose_hprim(letter).decode("iso-8859-1"), auto=None, reply_to=expert.box if expert else None,
    )  # fmt: skip
    return replace(mail, charset=TextCharset.LATIN_1, attachments=tuple(attachments))


def too_heavy(attachments: Sequence[OutboundAttachment]) -> bool:
    """Whether these files would make the mail larger than some operators accept."""
    return sum(len(attachment.content) for attachment in attachments) > ATTACHED_BYTES
