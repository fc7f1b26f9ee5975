"""The expert's answer: a neutral letter, and the mail whose body is that letter as HPRIM text.

The letter holds what CSP R.6316-4 wants in the report of an act at a distance: who asked, who answered, when, about
whom, what was advised.  What the expert noted for the service alone (quality of the request, billing) stays out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from miss.documents.hprim import compose_hprim
from miss.documents.identities import PatientIdentity
from miss.documents.letter import TLM_CR_CODE, Letter, Party, Section
from miss.mail.outbound.model import OutboundAttachment, OutboundMail, TextCharset
from teleexpertise.letters.envelope import PARIS, Correspondent, Platform, Thread, moment, on_thread

INTERNAL_ITEMS = frozenset({"r.qualite", "r.cotation", "r.precisions", "r.precisions.texte"})
"""Items of the `reponse` form that the requester's record does not get."""
ATTACHED_BYTES = 600_000
"""What may travel beside the text: base64 and headers bring it near the 900 KB that every operator takes."""

Heading = tuple[str, Sequence[str]]


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


def compose_letter(answer: Answer) -> Letter:
    """The answer as a letter.  Raises LetterIncomplete."""
    files = [f"Pièces jointes à l’avis, consultables sur : {answer.files_link}"] if answer.files_link else []
    specialty = f" ({answer.expert_specialty})" if answer.expert_specialty else ""
    question = [Section("Question posée", (answer.question,))] if answer.question.strip() else []
    return Letter(
        code=TLM_CR_CODE,
        number=answer.number,
        patient=answer.patient,
        document_date=answer.answered_at.astimezone(PARIS).date(),
        sender=Party(display_name=f"Téléexpertise - {answer.expert}"),
        recipient=Party(display_name=answer.requester),
        title=f"Compte rendu de téléexpertise : {answer.form_title}",
        references=(
            f"Demande {answer.number} du {moment(answer.asked_at)}, par {answer.requester}",
            f"Avis rendu le {moment(answer.answered_at)} par {answer.expert}{specialty}",
        ),
        sections=(*question, *(Section(heading, tuple(lines)) for heading, lines in answer.sections)),
        closing=(
            *files,
            "Avis rendu à distance, au vu des seuls éléments transmis. Le patient est à informer de cet avis par le "
            "professionnel qui l’a demandé.",
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
    Raises HprimCodeRefused, LetterIncomplete.
    """
    mail = on_thread(
        platform, to, thread, number=letter.number, kind="answer", label="avis rendu",
        text=compose_hprim(letter).decode("iso-8859-1"), auto=None, reply_to=expert.box if expert else None,
    )  # fmt: skip
    return replace(mail, charset=TextCharset.LATIN_1, attachments=tuple(attachments))


def too_heavy(attachments: Sequence[OutboundAttachment]) -> bool:
    """Whether these files would make the mail larger than some operators accept."""
    return sum(len(attachment.content) for attachment in attachments) > ATTACHED_BYTES
