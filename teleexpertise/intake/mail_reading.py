"""What one mail asks, answers and brings.  Pure: a mail in, a reading out; nothing is judged or stored here.

A request is an HPRIM header (the patient), then labelled answers; a `QuestionnaireResponse` attached goes before the
text.  What cannot be understood comes back as problems and text, so that intake keeps it and says what to do.
Source: teleexpertise.md §2.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from miss.base.errors import BadInput
from miss.base.text import Language, Text
from miss.documents.charset import decode_text
from miss.documents.hprim import HprimMessage, parse_hprim_text
from miss.mail.inbound.model import Attachment, InboundMail
from teleexpertise.attachments.service import IncomingFile
from teleexpertise.questionnaire.errors import ResponseUnreadable
from teleexpertise.questionnaire.fold import fold
from teleexpertise.questionnaire.model import Answers, AttachmentRef, ItemType, Problem, Questionnaire
from teleexpertise.questionnaire.parse import parse_response
from teleexpertise.questionnaire.parse_text import named_form, parse_labelled_answers
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.requests.patient import Address, address_of_header, answers_of_header, lines_of_header
from teleexpertise.requests.routing.wishes import take_wish

MAX_TEXT_CHARS = 200_000
"""Of a body that is read as answers; ten times the longest form filled in."""

_TEMPLATE_SUBJECT = re.compile(r"(?:re\s*:\s*)*mod[eè]les?\b\s*:?\s*(.*)", re.IGNORECASE)
_SIGNATURES = frozenset({"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"})
_HPRIM_NAMES = (".hpr", ".hpm", ".hprim", ".txt")
_STEM_CHARS = 5
"""Enough of a specialty's name to know it in a subject: « dermato », « cardio », « ophtalmo », « plaie »."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MailReading:
    """What was understood of a mail."""

    form: Questionnaire | None
    """None: neither the text nor the subject names one that there is."""
    answers: Answers
    """Those of the header, under those of the text, under those of the JSON."""
    address: Address | None
    """None: there is no header."""
    answered_at: dict[str, datetime] = field(default_factory=dict)
    files: tuple[IncomingFile, ...]
    problems: tuple[Problem, ...]
    """Answers that were not understood."""
    header_problem: Problem | None
    """Why no HPRIM header was read; it matters only if the patient stays unknown."""
    free_text: str
    """Lines that answer no question, in the sender's own words."""
    wish: str = ""
    """« Expert souhaité : … »"""
    header_sender: str = ""
    """Who writes, by the HPRIM header."""


def asked_template(mail: InboundMail) -> str | None:
    """The form whose template is asked for (« modèle dermatologie »); empty if it is not said; None: no template."""
    match = _TEMPLATE_SUBJECT.fullmatch(mail.subject.strip())
    return match[1].strip() if match else None


def names_form(mail: InboundMail) -> bool:
    """Whether the mail opens a request of its own, outside any quote of an earlier one."""
    return named_form(own_words(mail)) is not None


def own_words(mail: InboundMail) -> str:
    """The text without the quotes of earlier mails."""
    return "\n".join(line for line in mail.text.splitlines() if not line.lstrip().startswith(">")).strip()


def attached_files(mail: InboundMail) -> tuple[IncomingFile, ...]:
    """The files of a mail that is no form filled in."""
    return _aimed(_sorted_attachments(mail.attachments)[1], {}, None)


def read_mail(
    mail: InboundMail, registry: FormRegistry, known_form: Questionnaire | None, now: datetime
) -> MailReading:
    """Read a mail as a request, or as what was missing in one.

    `known_form`: that of the draft which the mail completes.  `now` serves to find the century of two-digit years.
    """
    problems: list[Problem] = []
    header, text, header_problem = _find_header(mail, now)
    wish, text = take_wish(text)
    form = known_form or _find_form(mail, registry, text)
    jsons, files = _sorted_attachments(mail.attachments)
    answers = answers_of_header(header) if header else {}
    answered_at: dict[str, datetime] = {}
    free_lines = (*(lines_of_header(header) if header else ()), *text.splitlines())
    names: dict[str, tuple[str, ...]] = {}
    if form is not None:
        labelled = parse_labelled_answers(form, text[:MAX_TEXT_CHARS])
        answers |= labelled.answers
        names, free_lines = labelled.attachment_names, labelled.unknown_lines
        problems += labelled.problems
    for attachment in jsons:
        try:
            response = parse_response(attachment.content)
        except ResponseUnreadable as error:
            problems.append(Problem("", error.code, _filled(error)))
            continue
        form = registry.find(response.questionnaire) or form
        for link_id, values in response.answers.items():
            # A reference to a file is the sender's own address of it: only its name helps us find the file.
            told = tuple(value.name for value in values if isinstance(value, AttachmentRef))
            if told:
                names[link_id] = told
            else:
                answers[link_id] = values
        answered_at.update(response.answered_at)
        # A question answered in the JSON was answered, however the text was mistaken about it.
        problems = [problem for problem in problems if problem.link_id not in response.answers]
    free_text = "\n".join(line for line in free_lines if line.strip() and not line.lstrip().startswith(">"))
    return MailReading(
        form=form,
        answers=answers,
        address=address_of_header(header) if header else None,
        answered_at=answered_at,
        files=_aimed(files, names, form),
        problems=tuple(problems),
        header_problem=header_problem,
        free_text=free_text[:MAX_TEXT_CHARS],
        wish=wish,
        header_sender=header.sender_name if header else "",
    )


def _find_header(mail: InboundMail, now: datetime) -> tuple[HprimMessage | None, str, Problem | None]:
    """The HPRIM record of the body, else of an attached text; the text that holds the answers; what went wrong."""
    body, form_line = _without_form_line(mail.text)
    texts = [body] + [
        decode_text(attachment.content, None).text
        for attachment in mail.attachments
        if attachment.name.lower().endswith(_HPRIM_NAMES)
    ]
    problem: Problem | None = None
    for text in texts:
        try:
            record = parse_hprim_text(text.lstrip("\r\n"), received_on=now.date())
        except BadInput as error:
            problem = problem or Problem("", error.code, _filled(error))
            continue
        aside = body if text is not body else record.text_after_end
        return record, "\n".join(part for part in (form_line, record.body, aside) if part), None
    return None, mail.text, problem


def _without_form_line(text: str) -> tuple[str, str]:
    """The text below a first line « Formulaire : … », which would shift the header under it, and that line."""
    first, _, rest = text.lstrip("\r\n ").partition("\n")
    return (rest, first) if named_form(first) else (text, "")


def _find_form(mail: InboundMail, registry: FormRegistry, text: str) -> Questionnaire | None:
    """By the text's own line; only without one by the subject."""
    named = named_form(text)
    if named is not None:
        return registry.named(named)
    subject = fold(mail.subject)
    found = [form for form in registry.specialties() if fold(form.id)[:_STEM_CHARS] in subject]
    return found[0] if len(found) == 1 else None


def _sorted_attachments(attachments: Sequence[Attachment]) -> tuple[list[Attachment], list[Attachment]]:
    """Form responses, and files for the request; signatures and HPRIM texts are neither."""
    jsons, files = [], []
    for attachment in attachments:
        name = attachment.name.lower()
        if attachment.mime_type in {"application/json", "application/fhir+json"} or name.endswith(".json"):
            jsons.append(attachment)
        elif attachment.mime_type not in _SIGNATURES and not name.endswith(_HPRIM_NAMES):
            files.append(attachment)
    return jsons, files


def _aimed(
    files: Sequence[Attachment], names: dict[str, tuple[str, ...]], form: Questionnaire | None
) -> tuple[IncomingFile, ...]:
    """Each file with the item it is for: said in the text, or by a linkId in its own name."""
    by_name = {fold(name): link_id for link_id, told in names.items() for name in told}
    items = form.questions() if form else ()
    link_ids = sorted((item.link_id for item in items if item.type is ItemType.ATTACHMENT), key=len, reverse=True)

    def item_of(attachment: Attachment) -> str:
        spelt = re.sub(r"[^a-z0-9]+", ".", attachment.name.lower())
        in_name = next((link_id for link_id in link_ids if f"{link_id}." in spelt), "")
        return by_name.get(fold(attachment.name), in_name)

    return tuple(IncomingFile(file.name, file.mime_type, file.content, item_of(file)) for file in files)


def _filled(error: BadInput) -> Text:
    """The error's sentences, as a text that holds no placeholder."""
    french, english = (
        error.text.in_(language, **error.params).replace("{", "{{").replace("}", "}}")
        for language in (Language.FR, Language.EN)
    )
    return Text(french, english)
