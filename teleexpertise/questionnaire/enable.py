"""Which items a set of answers opens (`enableWhen`).

An item is closed when its conditions do not hold or when what contains it is closed; the answers to a closed question
count as not given.  A form whose conditions run in a circle (`lint` names it) closes the items of the circle.
Source: FHIR R4 Questionnaire.item.enableWhen, enableBehavior.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

from teleexpertise.questionnaire.model import (
    Answers,
    AnswerValue,
    Condition,
    EnableBehavior,
    Item,
    Operator,
    Quantity,
    Questionnaire,
)


def enabled_items(form: Questionnaire, answers: Answers) -> frozenset[str]:
    """The linkIds of the items that are open with these answers."""
    parents: dict[str, Item] = {}
    items: dict[str, Item] = {}
    for item in form.walk():
        items.setdefault(item.link_id, item)
        parents.update((child.link_id, item) for child in item.items)
    known: dict[str, bool] = {}

    def is_open(link_id: str) -> bool:
        if link_id not in known:
            known[link_id] = False  # what a circle of conditions finds
            item, parent = items[link_id], parents.get(link_id)
            known[link_id] = (parent is None or is_open(parent.link_id)) and _holds_for(item, open_answers)
        return known[link_id]

    def open_answers(question: str) -> tuple[AnswerValue, ...]:
        return answers.get(question, ()) if question in items and is_open(question) else ()

    return frozenset(link_id for link_id in items if is_open(link_id))


def all_hold(conditions: Iterable[Condition], answers: Answers) -> bool:
    """Whether every condition of a rule holds; `answers` without those of closed questions."""
    return all(holds(condition, answers.get(condition.question, ())) for condition in conditions)


def holds(condition: Condition, answers: tuple[AnswerValue, ...]) -> bool:
    """Whether `condition` holds for the answers given to its question."""
    expected = condition.answer
    match condition.operator:
        case Operator.EXISTS:
            return bool(answers) is expected
        case Operator.EQUAL:
            return any(_same(answer, expected) for answer in answers)
        case Operator.NOT_EQUAL:
            return not any(_same(answer, expected) for answer in answers)
        case Operator.COUNT_AT_LEAST:
            return isinstance(expected, int) and len(set(answers)) >= expected
        case Operator.GREATER:
            return any((order := _order(answer, expected)) is not None and order > 0 for answer in answers)
        case Operator.LESS:
            return any((order := _order(answer, expected)) is not None and order < 0 for answer in answers)
        case Operator.AT_LEAST:
            return any((order := _order(answer, expected)) is not None and order >= 0 for answer in answers)
        case Operator.AT_MOST:
            return any((order := _order(answer, expected)) is not None and order <= 0 for answer in answers)


def _holds_for(item: Item, answers_of: Callable[[str], tuple[AnswerValue, ...]]) -> bool:
    if not item.enable_when:
        return True
    results = (holds(condition, answers_of(condition.question)) for condition in item.enable_when)
    return any(results) if item.enable_behavior is EnableBehavior.ANY else all(results)


def _same(answer: AnswerValue, expected: AnswerValue) -> bool:
    """Equality that does not take `True` for 1."""
    return isinstance(answer, bool) is isinstance(expected, bool) and answer == expected


def _order(answer: AnswerValue, expected: AnswerValue) -> int | None:
    """-1, 0 or 1 as `answer` is before, at or after `expected`; None if they do not compare."""
    match answer, expected:
        case (bool(), _) | (_, bool()):
            return None
        case (int() | Decimal(), int() | Decimal()):
            return (answer > expected) - (answer < expected)
        case datetime(), datetime():
            return (answer > expected) - (answer < expected)
        case (datetime(), _) | (_, datetime()):
            return None
        case date(), date():
            return (answer > expected) - (answer < expected)
        case Quantity(value=one, unit=unit), Quantity(value=other, unit=other_unit) if unit == other_unit:
            return (one > other) - (one < other)
    return None
