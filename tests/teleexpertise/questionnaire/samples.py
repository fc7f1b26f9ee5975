"""Small forms built by hand, the real forms, and strategies for responses to any form."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

import forms
from miss.base.text import Text
from teleexpertise.questionnaire.model import (
    CHOICES,
    AnswerOption,
    Answers,
    AnswerValue,
    AttachmentRef,
    Coding,
    Condition,
    FormStatus,
    Item,
    ItemType,
    Operator,
    Quantity,
    Questionnaire,
    QuestionnaireResponse,
)
from teleexpertise.questionnaire.registry import FormRegistry

FORMS = Path(forms.__file__).parent
REGISTRY = FormRegistry.load(FORMS)
DERMATO = REGISTRY.published("dermatologie")
REAL_FORMS = (*REGISTRY.forms, *REGISTRY.assembled())
URL = "https://miss.example/fhir/Questionnaire/essai"
AUTHORED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def label(words: str) -> Text:
    return Text(f"{words} ?", f"{words} in English?")


def item(link_id: str, item_type: ItemType, **fields: Any) -> Item:
    return Item(link_id, item_type, fields.pop("label", label(f"Question {link_id}")), **fields)


def option(code: str, *, exclusive: bool = False) -> AnswerOption:
    return AnswerOption(Coding(code, f"Option {code}"), Text(f"Option {code}", f"Choice {code}"), exclusive)


def choice(link_id: str, *codes: str, exclusive: str = "", **fields: Any) -> Item:
    options = tuple(option(code, exclusive=code == exclusive) for code in codes)
    return item(link_id, ItemType.CHOICE, options=options, **fields)


def photo(link_id: str, **fields: Any) -> Item:
    return item(link_id, ItemType.ATTACHMENT, mime_types=("image/jpeg",), max_size_bytes=1_000_000, **fields)


def when(question: str, answer: AnswerValue = True, operator: Operator = Operator.EQUAL) -> Condition:
    return Condition(question, operator, answer)


def form(*items: Item, **fields: Any) -> Questionnaire:
    defaults = {"id": "essai", "url": URL, "version": "1.0.0", "title": Text("Essai", "Trial"), "items": items}
    return Questionnaire(**{"status": FormStatus.DRAFT, **defaults, **fields})


def answered(questionnaire: Questionnaire, answers: Mapping[str, AnswerValue | tuple[AnswerValue, ...]]) -> Any:
    """A response to `questionnaire`; a value that stands alone need not be put in a tuple."""
    given: Answers = {name: one if isinstance(one, tuple) else (one,) for name, one in answers.items()}
    return QuestionnaireResponse(questionnaire.canonical, given, AUTHORED)


def every_kind() -> Questionnaire:
    """A form with one question of each type and every property that a form can have."""
    return form(
        item(
            "a.g",
            ItemType.GROUP,
            alert=True,
            items=(item("a.bool", ItemType.BOOLEAN, required=True, initial=(False,)),),
        ),
        item("a.info", ItemType.DISPLAY, label=label("Ligne"), enable_when=(when("a.bool"),)),
        choice("a.one", "x", "y", "z", control="radio-button"),
        choice("a.many", "none", "p", "q", exclusive="none", repeats=True, min_occurs=1, max_occurs=2),
        item("a.open", ItemType.OPEN_CHOICE, options=(option("m"), option("n")), max_length=40),
        item("a.string", ItemType.STRING, max_length=50, entry_format=Text("comme ceci", "like this"), in_summary=True),
        item("a.text", ItemType.TEXT, max_length=500, read_only=True),
        item("a.int", ItemType.INTEGER, min_value=Decimal(1), max_value=Decimal(99), unit=Coding("mm", "mm")),
        item("a.dec", ItemType.DECIMAL, min_value=Decimal("0.5"), max_value=Decimal(60)),
        item("a.date", ItemType.DATE, not_in_future=True, min_value=date(1900, 1, 1)),
        item("a.instant", ItemType.DATE_TIME, hidden=True),
        item("a.quantity", ItemType.QUANTITY, unit=Coding("cm", "cm")),
        photo("a.photo", photo_guide="wide", repeats=True, max_occurs=4),
    )


def normal(text: str) -> str:
    """A text as people leave it in a field: no blanks around it, nor at the end of a line."""
    lines = (line.rstrip(" \t") if line.strip() else "" for line in text.split("\n"))
    return "\n".join(lines).strip()


_LETTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n")
texts = st.text(_LETTERS, max_size=60).map(normal).filter(bool)
lines = texts.map(lambda text: " ".join(text.split())).filter(bool)
_offsets = st.integers(-14 * 4, 14 * 4).map(lambda quarters: timezone(timedelta(minutes=15 * quarters)))
instants = st.builds(
    lambda seconds, offset: datetime.fromtimestamp(seconds, offset),
    st.integers(-600_000_000, 4_100_000_000),  # 1950 to 2099
    _offsets,
)
days = st.dates(date(1900, 1, 1), date(2100, 1, 1))


def decimals(least: Decimal | None = None, most: Decimal | None = None) -> st.SearchStrategy[Decimal]:
    return st.decimals(-(10**6) if least is None else least, 10**6 if most is None else most, places=3, allow_nan=False)


def values(one: Item) -> st.SearchStrategy[AnswerValue]:
    """Right answers to a question."""
    least = one.min_value if isinstance(one.min_value, Decimal) else None
    most = one.max_value if isinstance(one.max_value, Decimal) else None
    match one.type:
        case ItemType.BOOLEAN:
            return st.booleans()
        case ItemType.CHOICE | ItemType.OPEN_CHOICE:
            return st.sampled_from([option.value for option in one.options if not option.exclusive])
        case ItemType.STRING:
            return lines.map(lambda line: line[: one.max_length].strip())
        case ItemType.INTEGER:
            return st.integers(int(least or 0), int(most or 10**6))
        case ItemType.DECIMAL:
            return decimals(least, most)
        case ItemType.DATE:
            return days
        case ItemType.DATE_TIME:
            return instants
        case ItemType.QUANTITY:
            return st.builds(Quantity, decimals(), st.just("cm"))
        case ItemType.ATTACHMENT:
            return st.builds(
                AttachmentRef, lines, st.sampled_from(one.mime_types), st.integers(0, one.max_size_bytes or 0), lines
            )
    return texts


def answers_to(one: Item) -> st.SearchStrategy[tuple[AnswerValue, ...]]:
    many = st.lists(values(one), min_size=1, max_size=one.at_most or 3, unique=True).map(tuple)
    exclusive = [(option.value,) for option in one.options if option.exclusive and one.type in CHOICES]
    return st.one_of(many, st.sampled_from(exclusive)) if exclusive else many


@st.composite
def responses(draw: st.DrawFn, questionnaire: Questionnaire) -> QuestionnaireResponse:
    """Any of its questions answered, open or not, each with right values."""
    questions = [one for one in questionnaire.questions() if one.options or one.type not in CHOICES]
    chosen = draw(st.lists(st.sampled_from(questions), max_size=8, unique_by=lambda one: one.link_id))
    answers = {one.link_id: draw(answers_to(one)) for one in chosen}
    timed = {link_id: draw(instants) for link_id in answers if draw(st.booleans())}
    return QuestionnaireResponse(questionnaire.canonical, answers, draw(st.none() | instants), timed)
