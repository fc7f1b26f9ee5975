from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from teleexpertise.questionnaire.lint_conditions import answer_fits, condition_faults, cycle_faults
from teleexpertise.questionnaire.model import AnswerValue, AttachmentRef, Coding, Item, ItemType, Operator, Quantity
from tests.teleexpertise.questionnaire.samples import choice, form, item, photo, when

BOOLEAN, TEXT, GROUP = ItemType.BOOLEAN, ItemType.TEXT, ItemType.GROUP
QUESTIONS = {
    "bool": item("bool", BOOLEAN),
    "text": item("text", TEXT),
    "int": item("int", ItemType.INTEGER),
    "dec": item("dec", ItemType.DECIMAL),
    "date": item("date", ItemType.DATE),
    "instant": item("instant", ItemType.DATE_TIME),
    "quantity": item("quantity", ItemType.QUANTITY),
    "choice": choice("choice", "x", "y", repeats=True),
    "open": item("open", ItemType.OPEN_CHOICE, options=choice("c", "x").options),
    "request": item("request", ItemType.CHOICE, options_from_request=True),
    "photo": photo("photo"),
}
FILE = AttachmentRef("a.jpg", "image/jpeg", 1, "ref")
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("bool", True, True),
        ("bool", 1, False),
        ("int", 1, True),
        ("int", True, False),
        ("int", Decimal(1), False),
        ("dec", 1, True),
        ("dec", Decimal("1.5"), True),
        ("dec", False, False),
        ("text", "a", True),
        ("text", 1, False),
        ("date", date(2026, 1, 1), True),
        ("date", NOON, False),
        ("instant", NOON, True),
        ("instant", NOON.replace(tzinfo=None), False),
        ("instant", date(2026, 1, 1), False),
        ("quantity", Quantity(Decimal(1), "cm"), True),
        ("quantity", Decimal(1), False),
        ("photo", FILE, True),
        ("photo", "a.jpg", False),
        ("choice", Coding("x"), True),
        ("choice", Coding("z"), False),
        ("choice", "x", False),
        ("open", Coding("x"), True),
        ("open", "autre chose", True),
        ("open", Coding("z"), False),
        ("request", Coding("anything"), True),
        ("request", "text", False),
    ],
)
def test_an_answer_fits_the_type_and_the_options_of_its_question(name: str, value: AnswerValue, fits: bool) -> None:
    assert answer_fits(QUESTIONS[name], value) is fits


@pytest.mark.parametrize(
    ("question", "answer", "operator", "code"),
    [
        ("nowhere", True, Operator.EQUAL, "condition_dangling"),
        ("group", True, Operator.EQUAL, "condition_not_question"),
        ("bool", "oui", Operator.EQUAL, "condition_answer"),
        ("bool", "oui", Operator.EXISTS, "condition_answer"),
        ("choice", Coding("z"), Operator.EQUAL, "condition_answer"),
        ("choice", Coding("z"), Operator.NOT_EQUAL, "condition_answer"),
        ("choice", Coding("x"), Operator.GREATER, "condition_operator"),
        ("text", "a", Operator.AT_MOST, "condition_operator"),
        ("int", Decimal("1.5"), Operator.AT_LEAST, "condition_answer"),
        ("choice", 2, Operator.COUNT_AT_LEAST, "condition_operator"),
    ],
)
def test_each_fault_of_a_condition_is_named(question: str, answer: AnswerValue, operator: Operator, code: str) -> None:
    owner = item("owner", TEXT)
    questionnaire = form(*QUESTIONS.values(), item("group", GROUP, items=(owner,)))
    assert [one for one, _ in condition_faults(questionnaire, when(question, answer, operator), owner)] == [code]


@pytest.mark.parametrize(
    ("question", "answer", "operator"),
    [
        ("bool", True, Operator.EQUAL),
        ("photo", False, Operator.EXISTS),
        ("choice", Coding("x"), Operator.NOT_EQUAL),
        ("dec", 3, Operator.GREATER),
        ("date", date(2026, 1, 1), Operator.LESS),
    ],
)
def test_right_conditions_have_no_fault(question: str, answer: AnswerValue, operator: Operator) -> None:
    questionnaire = form(*QUESTIONS.values())
    assert not list(condition_faults(questionnaire, when(question, answer, operator), QUESTIONS["text"]))


def test_only_rules_count_and_only_what_repeats() -> None:
    questionnaire = form(*QUESTIONS.values())
    assert not list(condition_faults(questionnaire, when("choice", 2, Operator.COUNT_AT_LEAST), None))
    for condition in (when("bool", 2, Operator.COUNT_AT_LEAST), when("choice", True, Operator.COUNT_AT_LEAST)):
        assert [code for code, _ in condition_faults(questionnaire, condition, None)] == ["condition_answer"]


def cycles(*items: Item) -> list[str]:
    return [fault.path for fault in cycle_faults(form(*items))]


def test_circles_are_found_directly_through_others_and_through_groups() -> None:
    assert cycles(item("a", BOOLEAN, enable_when=(when("a"),))) == ["a"]
    around = (item("a", BOOLEAN, enable_when=(when("b"),)), item("b", BOOLEAN, enable_when=(when("a"),)))
    assert cycles(*around) == ["a", "b"]
    assert cycles(item("g", GROUP, enable_when=(when("a"),), items=(item("a", BOOLEAN),))) == ["g"]


def test_a_chain_is_no_circle() -> None:
    chain = (
        item("a", BOOLEAN),
        item("b", BOOLEAN, enable_when=(when("a"),)),
        item("c", BOOLEAN, enable_when=(when("b"), when("a"))),
    )
    assert cycles(*chain) == []
