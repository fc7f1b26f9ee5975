"""The values of a guided form and of its answers.

A form is a tree of items, each with a `linkId` that is unique in the form; a response maps linkIds to answers.
Nothing here knows JSON (`parse`, `compose`), judges a form (`lint`) or judges a response (`check`).
Source: FHIR R4 Questionnaire and QuestionnaireResponse; teleexpertise.md §3.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from miss.base.text import Language, Text
from teleexpertise.questionnaire.errors import UnknownItem


class ItemType(StrEnum):
    """FHIR item types that our forms use; `reference`, `url` and `time` are refused."""

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    STRING = "string"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    DATE_TIME = "dateTime"
    QUANTITY = "quantity"
    ATTACHMENT = "attachment"


CHOICES = frozenset({ItemType.CHOICE, ItemType.OPEN_CHOICE})
FREE_TEXTS = frozenset({ItemType.STRING, ItemType.TEXT})


class Operator(StrEnum):
    """How a condition compares the answers of its question (FHIR questionnaire-enable-operator)."""

    EXISTS = "exists"
    EQUAL = "="
    NOT_EQUAL = "!="
    """True if no answer has the value, hence also of a question that has no answer."""
    GREATER = ">"
    LESS = "<"
    AT_LEAST = ">="
    AT_MOST = "<="
    COUNT_AT_LEAST = "count>="
    """Ours, for rules only (`Deadline`, `Block`): at least so many distinct answers."""


class EnableBehavior(StrEnum):
    """Whether all conditions of an item must hold, or any."""

    ALL = "all"
    ANY = "any"


class FormStatus(StrEnum):
    """FHIR publication status; `draft` until a named clinician has approved the form."""

    DRAFT = "draft"
    ACTIVE = "active"
    RETIRED = "retired"


class ResponseStatus(StrEnum):
    """`in-progress` is an autosaved draft."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    AMENDED = "amended"


@dataclass(frozen=True, slots=True)
class Coding:
    """One option chosen.  Two codings are equal when their code and system are, whatever words display them."""

    code: str
    display: str = field(default="", compare=False)
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit, as words."""

    value: Decimal
    unit: str


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A file given as an answer; its bytes are kept elsewhere, under `ref`."""

    name: str
    mime: str
    size_bytes: int
    ref: str


AnswerValue = bool | int | Decimal | str | date | datetime | Coding | Quantity | AttachmentRef
"""A `datetime` is aware.  Mind the order when telling them apart: a bool is an int, a datetime is a date."""

Answers = Mapping[str, tuple[AnswerValue, ...]]
"""Answers by linkId; a question without an answer has no entry."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A test on the answers to the question `question` (a linkId): `enableWhen`, or a part of a rule."""

    question: str
    operator: Operator
    answer: AnswerValue


@dataclass(frozen=True, slots=True)
class AnswerOption:
    """One option of a choice; an `exclusive` one (« Aucun ») goes with no other."""

    value: Coding
    label: Text
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """Our extension `deadlineAtMost`: when all conditions hold, the answer is due within `hours`."""

    hours: int
    conditions: tuple[Condition, ...]
    reason: Text


@dataclass(frozen=True, slots=True)
class Block:
    """Our extension `blocksSubmission`: when all conditions hold, the form cannot be sent, and `message` says why."""

    conditions: tuple[Condition, ...]
    message: Text


@dataclass(frozen=True, slots=True)
class Approval:
    """Our extension `approval`: the clinician who signed the form off; both None until somebody has."""

    approver: str | None = None
    approved_on: date | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A question, a group of items or a line of text.

    `label` holds a text in each language, empty where the form lacks it (`lint` names it).  `alert` marks the group of
    red flags that opens a form; `photo_guide` tells the camera page which overlay to show; `in_summary` puts the answer
    on the one-line summary; `options_from_request` leaves the options to `assemble_answer`.
    """

    link_id: str
    type: ItemType
    label: Text
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    max_length: int | None = None
    options: tuple[AnswerOption, ...] = ()
    initial: tuple[AnswerValue, ...] = ()
    enable_when: tuple[Condition, ...] = ()
    enable_behavior: EnableBehavior | None = None
    min_occurs: int | None = None
    max_occurs: int | None = None
    min_value: Decimal | date | None = None
    max_value: Decimal | date | None = None
    unit: Coding | None = None
    mime_types: tuple[str, ...] = ()
    max_size_bytes: int | None = None
    control: str = ""
    entry_format: Text | None = None
    photo_guide: str = ""
    alert: bool = False
    in_summary: bool = False
    not_in_future: bool = False
    options_from_request: bool = False
    items: tuple["Item", ...] = ()

    @property
    def is_question(self) -> bool:
        """Whether it can be answered."""
        return self.type not in (ItemType.GROUP, ItemType.DISPLAY)

    @property
    def help(self) -> Text | None:
        """Guidance under the question: its child of type display with the control `help` (SDC)."""
        for child in self.items:
            if child.type is ItemType.DISPLAY and child.control == "help":
                return child.label
        return None

    @property
    def scale(self) -> range:
        """The whole numbers to choose from in one tap (`radio-button` on an integer with both limits); else none."""
        low, high = self.min_value, self.max_value
        if self.type is not ItemType.INTEGER or self.control != "radio-button":
            return range(0)
        return range(int(low), int(high) + 1) if isinstance(low, Decimal) and isinstance(high, Decimal) else range(0)

    @property
    def at_most(self) -> int | None:
        """How many answers it takes; None for no limit."""
        return self.max_occurs if self.repeats else 1

    def option(self, code: str) -> AnswerOption | None:
        """The option with that code."""
        return next((option for option in self.options if option.value.code == code), None)

    def walk(self) -> Iterator["Item"]:
        """Itself and everything under it, in reading order."""
        yield self
        for child in self.items:
            yield from child.walk()


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of a form.  A published version never changes; `derived_from` names what it was assembled from."""

    id: str
    url: str
    version: str
    title: Text
    status: FormStatus
    items: tuple[Item, ...]
    description: Text | None = None
    deadlines: tuple[Deadline, ...] = ()
    blocks: tuple[Block, ...] = ()
    approval: Approval = Approval()
    derived_from: tuple[str, ...] = ()

    @property
    def canonical(self) -> str:
        """`url|version`: what a response pins."""
        return f"{self.url}|{self.version}"

    @property
    def approved(self) -> bool:
        """Whether a named clinician has signed it off."""
        return self.approval.approver is not None

    def walk(self) -> Iterator[Item]:
        """Every item, in reading order."""
        for item in self.items:
            yield from item.walk()

    def questions(self) -> Iterator[Item]:
        """Every item that can be answered, in reading order."""
        return (item for item in self.walk() if item.is_question)

    def find_item(self, link_id: str) -> Item | None:
        return next((item for item in self.walk() if item.link_id == link_id), None)

    def item(self, link_id: str) -> Item:
        """Raises UnknownItem."""
        found = self.find_item(link_id)
        if found is None:
            raise UnknownItem(link_id=link_id, form=self.canonical)
        return found


@dataclass(frozen=True, slots=True)
class QuestionnaireResponse:
    """Answers to one version of a form.

    `authored` and the instants of `answered_at` (when each item was last answered) are aware.
    """

    questionnaire: str
    answers: Answers
    authored: datetime | None = None
    answered_at: Mapping[str, datetime] = field(default_factory=dict)
    status: ResponseStatus = ResponseStatus.COMPLETED

    def all(self, link_id: str) -> tuple[AnswerValue, ...]:
        """Every answer to that question; empty if there is none."""
        return self.answers.get(link_id, ())

    def first(self, link_id: str) -> AnswerValue | None:
        return next(iter(self.all(link_id)), None)

    def fill_time(self) -> timedelta | None:
        """From the first item answered to the last; None if fewer than two were timed."""
        instants = self.answered_at.values()
        return max(instants) - min(instants) if len(instants) > 1 else None


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with the answer to `link_id` ("" for the whole response), in words for whoever filled it in.

    It names the item, never the answer, so that it may be logged.
    """

    link_id: str
    code: str
    text: Text

    def sentence(self, language: Language = Language.FR) -> str:
        return self.text.in_(language)
