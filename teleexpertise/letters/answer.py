"""The expert's answer: a neutral letter, and the mail whose body is that letter as HPRIM text.

The letter holds what CSP R.6316-4 wants in the report of an act at a distance: who asked, who answered, when, about
whom, what was advised.  What the expert noted for the service alone (quality of the request, billing) stays out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.documents.identities import PatientIdentity
from miss.documents.letter import TLM_CR_CODE, Letter, Party, Section, document_id
from miss.documents.mssante import display_name
from miss.documents.oids import set_id_of
from miss.mail.addresses import Mailbox
from miss.mail.letters import Beside, LetterMail, compose_letter_mail
from teleexpertise.letters.envelope import PARIS, Correspondent, Platform, Thread, moment, on_thread

INTERNAL_ITEMS = frozenset({"r.qualite", "r.cotation", "r.precisions", "r.precisions.texte"})
"""Items of the `reponse` form that the requester's record does not get."""

RECORD_LABELS = {
    "r.decision": Text(fr="Décision", en="Decision"),
    "r.diagnostic": Text(fr="Diagnostic", en="Diagnosis"),
}
"""What a record calls items whose question speaks to the expert."""

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
    requester: Party
    expert: Party
    specialty: str
    """The expert's, as the register labels it."""
    root: str = ""
    """OID of the platform, under which the letter gets its own; empty: it is never a structured document."""
    asked_at: datetime
    answered_at: datetime
    question: str
    """The requester's own words, so that the letter can be read alone."""
    sections: Sequence[Heading]
    """`response_text` of the answer."""
    closing_link: str = ""
    """Where the requester says that the patient knows."""
    replaced: Replaced | None = None
    """None: this is the first answer."""


def compose_letter(answer: Answer) -> Letter:
    """The answer as a letter.  Raises LetterIncomplete."""
    specialty = f" ({answer.specialty})" if answer.specialty else ""
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
        sender=replace(answer.expert, display_name=f"Téléexpertise - {answer.expert.display_name}"),
        recipient=answer.requester,
        set_id=set_id_of(answer.root, TLM_CR_CODE, answer.number) if answer.root else "",
        written_at=answer.answered_at,
        service_start=answer.asked_at,
        title=title,
        references=(
            f"Demande {answer.number} du {moment(answer.asked_at)}, par {answer.requester.display_name}",
            f"Avis rendu le {moment(answer.answered_at)} par {answer.expert.display_name}{specialty}",
        ),
        sections=(*question, *(Section(heading, tuple(lines)) for heading, lines in answer.sections)),
        closing=(
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
    beside: Beside,
    *,
    expert: Correspondent | None,
    author: PractitionerId,
) -> LetterMail:
    """The mail that brings the answer, as its recipient's software files it; replies go to the expert's own mailbox.

    It bears the expert's name beside those of their establishment, if it chose how it looks, and of the service whose
    box it leaves from (MSSanté ECO.2.2.7).
    A corrected answer has a Message-ID and a subject of its own, on the same thread.  `author`: who may have its
    proof.  Raises HprimCodeRefused, LetterIncomplete, LetterPhotoRefused.
    """
    is_first = letter.version == 1
    mail = on_thread(
        platform, to, thread, number=letter.number, kind="answer" if is_first else f"answer-{letter.version}",
        label="avis rendu" if is_first else "avis corrigé, annule et remplace", text="", auto=None,
    )  # fmt: skip
    entity = ", ".join(name for name in (beside.look.name, platform.mailbox.display_name) if name)
    if expert is not None:
        mail = replace(
            mail,
            sender=Mailbox(platform.mailbox.address, display_name(expert.name, entity)),
            reply_to=Mailbox(expert.box.address, display_name(expert.name, letter.sender.organization)),
        )
    return compose_letter_mail(replace(mail, wants_receipt=True, author=author), letter, beside)
