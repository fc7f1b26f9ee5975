"""Fields of an HTML form → typed answers.

A field is named by its linkId; a repeated field gives several answers; `answered_at:<linkId>` (ISO instant, or
milliseconds since 1970) tells when the item was last touched, so that fill time is measured.  Files do not come as
text: the caller stores them and hands in references.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from miss.base.clock import from_ms
from teleexpertise.questionnaire.fhir import YEARS
from teleexpertise.questionnaire.model import (
    Answers,
    AnswerValue,
    AttachmentRef,
    ItemType,
    Problem,
    Questionnaire,
)
from teleexpertise.questionnaire.problems import problem
from teleexpertise.questionnaire.values import PARIS, NotUnderstood, read

ANSWERED_AT = "answered_at:"
"""Prefix of the fields that hold the instant of an answer."""


@dataclass(frozen=True, slots=True)
class FormAnswers:
    """What a submitted form answers; `unknown_fields` are names that are no question of the form (a CSRF token…)."""

    answers: Answers
    answered_at: Mapping[str, datetime]
    problems: tuple[Problem, ...]
    unknown_fields: tuple[str, ...]


def parse_form_data(
    form: Questionnaire,
    fields: Mapping[str, Sequence[str]],
    attachments: Mapping[str, Sequence[AttachmentRef]] | None = None,
    zone: tzinfo = PARIS,
) -> FormAnswers:
    """The answers in `fields`, and the files of `attachments` under their linkIds; blank fields answer nothing."""
    answers: dict[str, tuple[AnswerValue, ...]] = {}
    answered_at: dict[str, datetime] = {}
    problems: list[Problem] = []
    unknown: list[str] = []
    questions = {item.link_id: item for item in form.questions()}
    for name, texts in fields.items():
        link_id = name.removeprefix(ANSWERED_AT)
        item = questions.get(link_id)
        if item is None or (name == link_id and item.type is ItemType.ATTACHMENT):
            unknown.append(name)
        elif name != link_id:
            instant = _instant(texts[-1].strip()) if texts else None
            if instant is not None:
                answered_at[link_id] = instant
        else:
            values: list[AnswerValue] = []
            for words in filter(None, (text.replace("\r\n", "\n").strip() for text in texts)):
                try:
                    values += read(item, words, zone)
                except NotUnderstood as error:
                    problems.append(problem(item, error.code, expected=error.expected))
            if values:
                answers[link_id] = tuple(values)
    for link_id, files in (attachments or {}).items():
        if link_id not in questions:
            unknown.append(link_id)
        elif files:
            answers[link_id] = tuple(files)
    return FormAnswers(answers, answered_at, tuple(problems), tuple(unknown))


def _instant(words: str) -> datetime | None:
    """A timing that cannot be read is no reason to trouble anybody: it is left out."""
    try:
        instant = from_ms(int(words)) if words.isascii() and words.isdigit() else datetime.fromisoformat(words)
    except (ValueError, OverflowError, OSError):
        return None
    return instant.astimezone(UTC) if instant.tzinfo is not None and instant.year in YEARS else None
