"""A response judged against its form: what is missing or wrong, how soon it must be answered, whether it may be sent.

Runs again on every submission, whatever the page or the mail already checked.  Answers to closed questions and blank
texts are taken out.  Never raises on a parsed response to a form that `lint` finds clean; problems never quote answers.
Source: FHIR R4 QuestionnaireResponse, SDC; teleexpertise.md §3.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

from miss.base.text import Text
from teleexpertise.questionnaire.enable import all_hold, enabled_items
from teleexpertise.questionnaire.lint_conditions import answer_fits
from teleexpertise.questionnaire.model import (
    CHOICES,
    Answers,
    AnswerValue,
    AttachmentRef,
    Coding,
    Item,
    Problem,
    Quantity,
    Questionnaire,
    QuestionnaireResponse,
)
from teleexpertise.questionnaire.parse import BYTES_PER_MB
from teleexpertise.questionnaire.problems import problem, problem_at
from teleexpertise.questionnaire.values import expected, show

CLOCK_SLACK = timedelta(hours=1)
"""How far after `authored` an instant may lie without being « in the future »: clocks differ."""
EARLIEST = timezone(timedelta(hours=14))
"""Where the day begins first: a date that has not begun there is in the future for everybody, overseas too."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A response after checking.

    `response` holds the answers that count.  `deadline_at_most_hours` is the shortest deadline that the form forces,
    None if it forces none; `reasons` say why.  `blocked` gives each reason for which it cannot be sent at all.
    """

    response: QuestionnaireResponse
    problems: tuple[Problem, ...]
    deadline_at_most_hours: int | None
    reasons: tuple[Text, ...]
    blocked: tuple[Text, ...]

    @property
    def ok(self) -> bool:
        """Whether it may be sent."""
        return not self.problems and not self.blocked


def check(form: Questionnaire, response: QuestionnaireResponse) -> Checked:
    """Judge `response` against `form`."""
    given = {link_id: kept for link_id, values in response.answers.items() if (kept := _not_blank(values))}
    open_items = enabled_items(form, given)
    items = {item.link_id: item for item in form.walk()}
    answers = {link_id: values for link_id, values in given.items() if link_id in open_items or link_id not in items}
    problems: list[Problem] = []
    if response.questionnaire != form.canonical:
        problems.append(problem_at("", "other_form"))
    for item in form.walk():
        if item.link_id in open_items:
            problems += _item_problems(item, answers, response.authored)
    problems += (problem_at(link_id, "unknown_item") for link_id in answers if link_id not in items)
    forced = [deadline for deadline in form.deadlines if all_hold(deadline.conditions, answers)]
    return Checked(
        response=replace(response, answers={link_id: _displayed(items, link_id, answers) for link_id in answers}),
        problems=tuple(problems),
        deadline_at_most_hours=min((deadline.hours for deadline in forced), default=None),
        reasons=tuple(dict.fromkeys(deadline.reason for deadline in forced)),
        blocked=tuple(block.message for block in form.blocks if all_hold(block.conditions, answers)),
    )


def _not_blank(values: tuple[AnswerValue, ...]) -> tuple[AnswerValue, ...]:
    return tuple(value for value in values if not isinstance(value, str) or value.strip())


def _displayed(items: dict[str, Item], link_id: str, answers: Answers) -> tuple[AnswerValue, ...]:
    """The answers, each coding with the words of this form, whatever words came with its code."""
    item = items.get(link_id)
    return tuple(
        option.value if item and isinstance(value, Coding) and (option := item.option(value.code)) else value
        for value in answers[link_id]
    )


def _item_problems(item: Item, answers: Answers, authored: datetime | None) -> Iterator[Problem]:
    values = answers.get(item.link_id, ())
    if not item.is_question:
        if values:
            yield problem(item, "not_a_question")
        if item.required and not any(_asks_for(inner, answers) for inner in item.walk()):
            yield problem(item, "required")
        return
    least = max(int(item.required), item.min_occurs or 0)
    if least and not values:
        yield problem(item, "required")
    elif len(values) < least:
        yield problem(item, "too_few", least=least)
    if item.at_most is not None and len(values) > item.at_most:
        yield problem(item, "too_many", most=item.at_most)
    exclusive = [option for option in item.options if option.exclusive and option.value in values]
    if exclusive and len(set(values)) > 1:
        yield problem(item, "exclusive", option=exclusive[0].label)
    found = (one for value in values for one in _value_problems(item, value, authored))
    yield from {one.code: one for one in found}.values()


def _asks_for(item: Item, answers: Answers) -> bool:
    """Whether an item under a required group is answered, or is required and speaks for itself."""
    return item.is_question and (item.required or item.link_id in answers)


def _value_problems(item: Item, value: AnswerValue, authored: datetime | None) -> Iterator[Problem]:
    if not answer_fits(item, value):
        listed = item.type in CHOICES and isinstance(value, Coding)
        yield problem(item, "not_an_option" if listed else "wrong_type", expected=expected(item))
        return
    match value:
        case str() if item.max_length is not None and len(value) > item.max_length:
            yield problem(item, "too_long", most=item.max_length)
        case bool():
            return
        case int() | Decimal():
            yield from _range_problems(item, Decimal(value))
        case Quantity():
            yield from _range_problems(item, value.value)
        case date():
            yield from _range_problems(item, value)
            if item.not_in_future and authored is not None and _is_after(value, authored):
                yield problem(item, "in_future")
        case AttachmentRef():
            yield from _file_problems(item, value)


def _range_problems(item: Item, value: Decimal | date) -> Iterator[Problem]:
    for bound, code, name in ((item.min_value, "too_small", "least"), (item.max_value, "too_great", "most")):
        if bound is not None and _beyond(value, bound, upward=code == "too_great"):
            yield problem(item, code, **{name: show(item, bound)})


def _beyond(value: Decimal | date, bound: Decimal | date, *, upward: bool) -> bool:
    match value, bound:
        case Decimal(), Decimal():
            return value > bound if upward else value < bound
        case date(), date() if isinstance(value, datetime) is isinstance(bound, datetime):
            return value > bound if upward else value < bound
    return False


def _is_after(value: date, authored: datetime) -> bool:
    if isinstance(value, datetime):
        return value - authored > CLOCK_SLACK
    return value > authored.astimezone(EARLIEST).date()


def _file_problems(item: Item, file: AttachmentRef) -> Iterator[Problem]:
    if item.mime_types and file.mime.lower().partition(";")[0].strip() not in item.mime_types:
        names = ", ".join(sorted({mime.rpartition("/")[2].upper() for mime in item.mime_types}))
        yield problem(item, "wrong_mime", expected=names)
    if item.max_size_bytes is not None and file.size_bytes > item.max_size_bytes:
        yield problem(item, "too_large", most=item.max_size_bytes // BYTES_PER_MB)
