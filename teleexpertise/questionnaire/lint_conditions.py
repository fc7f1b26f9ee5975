"""Faults of conditions: the `enableWhen` of items, and those of our rules `deadlineAtMost` and `blocksSubmission`."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

from teleexpertise.questionnaire.errors import Fault
from teleexpertise.questionnaire.model import (
    CHOICES,
    AnswerValue,
    AttachmentRef,
    Coding,
    Condition,
    Item,
    ItemType,
    Operator,
    Quantity,
    Questionnaire,
)

_ORDER = frozenset({Operator.GREATER, Operator.LESS, Operator.AT_LEAST, Operator.AT_MOST})
_ORDERED = frozenset({ItemType.INTEGER, ItemType.DECIMAL, ItemType.DATE, ItemType.DATE_TIME, ItemType.QUANTITY})


def condition_faults(form: Questionnaire, condition: Condition, owner: Item | None) -> Iterator[tuple[str, str]]:
    """(code, message) of each fault of a condition of the item `owner`, or of a rule if that is None."""
    question = form.find_item(condition.question)
    named = f"the condition on {condition.question}"
    if question is None:
        yield "condition_dangling", f"{named}: there is no such question"
        return
    if not question.is_question:
        yield "condition_not_question", f"{named}: that item takes no answer"
        return
    match condition.operator:
        case Operator.EXISTS:
            if not isinstance(condition.answer, bool):
                yield "condition_answer", f"{named}: `exists` is true or false (que-7)"
        case Operator.COUNT_AT_LEAST:
            if owner is not None:
                yield "condition_operator", f"{named}: FHIR's enableWhen does not count answers"
            if type(condition.answer) is not int or not question.repeats:
                yield "condition_answer", f"{named}: a whole number of answers to a repeating question is counted"
        case operator:
            if operator in _ORDER and question.type not in _ORDERED:
                yield "condition_operator", f"{named}: answers of type {question.type} have no order"
            if not answer_fits(question, condition.answer):
                yield "condition_answer", f"{named}: this value is never an answer to it"


def answer_fits(item: Item, value: AnswerValue) -> bool:
    """Whether `value` has the type of the question `item`, and is one of its options."""
    match item.type:
        case ItemType.BOOLEAN:
            return isinstance(value, bool)
        case ItemType.INTEGER:
            return type(value) is int
        case ItemType.DECIMAL:
            return isinstance(value, int | Decimal) and not isinstance(value, bool)
        case ItemType.DATE:
            return type(value) is date
        case ItemType.DATE_TIME:
            return isinstance(value, datetime) and value.tzinfo is not None
        case ItemType.STRING | ItemType.TEXT:
            return isinstance(value, str)
        case ItemType.QUANTITY:
            return isinstance(value, Quantity)
        case ItemType.ATTACHMENT:
            return isinstance(value, AttachmentRef)
    if isinstance(value, str):
        return item.type is ItemType.OPEN_CHOICE
    is_listed = item.options_from_request and not item.options
    return item.type in CHOICES and isinstance(value, Coding) and (is_listed or _option_of(item, value))


def _option_of(item: Item, value: Coding) -> bool:
    return any(option.value == value for option in item.options)


def cycle_faults(form: Questionnaire) -> Iterator[Fault]:
    """One fault for each item whose opening depends on itself, through conditions and the groups around them."""
    needs: dict[str, set[str]] = {}
    for item in form.walk():
        needs.setdefault(item.link_id, set()).update(condition.question for condition in item.enable_when)
        for child in item.items:
            needs.setdefault(child.link_id, set()).add(item.link_id)
    for item in form.walk():
        if item.enable_when and item.link_id in _reached(item.link_id, needs):
            yield Fault(item.link_id, "condition_cycle", "its conditions lead back to itself: it would never open")


def _reached(start: str, needs: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    frontier = set(needs.get(start, ()))
    while frontier:
        reached |= frontier
        frontier = {need for link_id in frontier for need in needs.get(link_id, ())} - reached
    return reached
