"""What a clarification asks and what it brings: the items that the expert ticked, as a small form.  Pure.

The request stays as it was sent; what is told later is a note beside it, with answers of its own.  A mail answers with
labelled lines, a page with fields: both are read here, and what answers no item stays text, so that nothing is lost
(teleexpertise.md §5).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from miss.base.ids import PractitionerId
from teleexpertise.attachments.placing import place_files
from teleexpertise.attachments.service import IncomingFile, KeptFile
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.questionnaire.model import Answers, Item, ItemType, Questionnaire, QuestionnaireResponse
from teleexpertise.questionnaire.parse_text import parse_labelled_answers
from teleexpertise.requests.content import Note, response_of_note


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Word:
    """Something the requester adds to a request already sent."""

    source: str
    """The mail's row or the page's key: the same twice is once."""
    author: PractitionerId
    text: str
    files: Sequence[IncomingFile] = ()
    answers: Answers = field(default_factory=dict)
    """To items of the form, from a page that shows them."""
    answered_at: Mapping[str, datetime] = field(default_factory=dict)
    through: PractitionerId | None = None
    """Who writes for `author`; None: they themselves."""
    is_watched: bool = False
    """Somebody sees what becomes of it at once: with nothing but files that are refused, it is refused with them."""


def find_question(notes: Sequence[Note], requester: PractitionerId) -> Note | None:
    """What the expert asked last, if nothing came since."""
    last = notes[-1] if notes else None
    return last if last is not None and last.author != requester else None


def asked_form(form: Questionnaire, items: Sequence[str]) -> Questionnaire:
    """`form` with these questions alone, none of them compulsory: whoever cannot tell says what they can."""
    asked = tuple(_bare(item) for item in form.questions() if item.link_id in items)
    return replace(form, items=asked, deadlines=(), blocks=())


def lines_to_fill(asked: Questionnaire) -> tuple[str, ...]:
    """The beginnings of lines (`d.debut : `) that a mail may complete; files come as attachments."""
    return tuple(f"{item.link_id} : " for item in asked.items if item.type is not ItemType.ATTACHMENT)


def compose_note(asked: Questionnaire | None, word: Word, kept: Sequence[KeptFile], now: datetime) -> Note:
    """The word as it is kept; `asked`: the form of the question that it answers, None if there is none."""
    plain = Note(
        author=word.author, at=now, text=word.text, files=tuple(file.ref for file in kept), through=word.through
    )
    if asked is None:
        return plain
    read = parse_labelled_answers(asked, word.text)
    placed = place_files(asked, {**read.answers, **word.answers}, kept)
    if not placed.answers:
        return plain
    response = QuestionnaireResponse(asked.canonical, placed.answers, authored=now, answered_at=word.answered_at)
    rest = "\n".join(read.unknown_lines).strip() if read.answers else word.text
    return replace(plain, text=rest, files=placed.loose, response=compose_response(asked, response))


def answers_before(sent: Answers, notes: Sequence[Note]) -> Answers:
    """What was known of each item once these notes had come, the latest word going before the earlier ones."""
    known = dict(sent)
    for note in notes:
        response = response_of_note(note)
        known |= response.answers if response else {}
    return known


def _bare(item: Item) -> Item:
    """The question without its conditions, since what they hang on is not asked; its guidance stays."""
    guidance = tuple(child for child in item.items if child.type is ItemType.DISPLAY)
    return replace(
        item, required=False, hidden=False, read_only=False, min_occurs=None, enable_when=(), enable_behavior=None,
        items=guidance,
    )  # fmt: skip
