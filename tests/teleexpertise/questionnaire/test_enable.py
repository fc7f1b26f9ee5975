from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from teleexpertise.questionnaire.enable import all_hold, enabled_items, holds
from teleexpertise.questionnaire.model import AnswerValue, Coding, EnableBehavior, Item, ItemType, Operator, Quantity
from tests.teleexpertise.questionnaire.samples import choice, form, item, when

BOOLEAN, TEXT, GROUP = ItemType.BOOLEAN, ItemType.TEXT, ItemType.GROUP
DAY, INSTANT = date(2026, 11, 20), datetime(2026, 11, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("answers", "operator", "expected", "result"),
    [
        ((), Operator.EXISTS, False, True),
        ((), Operator.EXISTS, True, False),
        (("x",), Operator.EXISTS, True, True),
        (("x",), Operator.EXISTS, False, False),
        ((True,), Operator.EQUAL, True, True),
        ((1,), Operator.EQUAL, True, False),
        ((), Operator.EQUAL, True, False),
        ((Coding("a"), Coding("b")), Operator.EQUAL, Coding("b"), True),
        ((Coding("a"), Coding("b")), Operator.NOT_EQUAL, Coding("b"), False),
        ((Coding("a"),), Operator.NOT_EQUAL, Coding("b"), True),
        ((), Operator.NOT_EQUAL, Coding("b"), True),
        ((3,), Operator.GREATER, 3, False),
        ((3,), Operator.AT_LEAST, 3, True),
        ((3,), Operator.AT_LEAST, Decimal("3.1"), False),
        ((1, 9), Operator.GREATER, 5, True),
        ((3,), Operator.LESS, 3, False),
        ((2,), Operator.LESS, Decimal(3), True),
        ((3,), Operator.AT_MOST, 3, True),
        ((4,), Operator.AT_MOST, 3, False),
        ((DAY,), Operator.LESS, date(2027, 1, 1), True),
        ((INSTANT,), Operator.AT_LEAST, INSTANT, True),
        ((INSTANT,), Operator.GREATER, DAY, False),
        ((DAY,), Operator.LESS, INSTANT, False),
        ((Quantity(Decimal(3), "cm"),), Operator.GREATER, Quantity(Decimal(2), "cm"), True),
        ((Quantity(Decimal(3), "cm"),), Operator.GREATER, Quantity(Decimal(2), "mm"), False),
        (("b",), Operator.GREATER, "a", False),
        ((True,), Operator.GREATER, 0, False),
        ((), Operator.AT_LEAST, 0, False),
        ((Coding("a"), Coding("b")), Operator.COUNT_AT_LEAST, 2, True),
        ((Coding("a"), Coding("a")), Operator.COUNT_AT_LEAST, 2, False),
        ((Coding("a"),), Operator.COUNT_AT_LEAST, "1", False),
    ],
)
def test_operators(answers: tuple[AnswerValue, ...], operator: Operator, expected: AnswerValue, result: bool) -> None:
    assert holds(when("q", expected, operator), answers) is result


def opened(*items: Item, **answers: AnswerValue) -> set[str]:
    return set(enabled_items(form(*items), {name.replace("_", "."): (value,) for name, value in answers.items()}))


def test_an_item_without_conditions_is_open() -> None:
    assert opened(item("a", TEXT)) == {"a"}


def test_all_conditions_or_any() -> None:
    conditions = (when("a"), when("b"))
    yes_no = (item("a", BOOLEAN), item("b", BOOLEAN))
    either = item("c", TEXT, enable_when=conditions, enable_behavior=EnableBehavior.ANY)
    both = item("d", TEXT, enable_when=conditions, enable_behavior=EnableBehavior.ALL)
    assert opened(*yes_no, either, both, a=True, b=False) == {"a", "b", "c"}
    assert opened(*yes_no, either, both, a=True, b=True) == {"a", "b", "c", "d"}
    assert opened(*yes_no, either, both) == {"a", "b"}


def test_what_is_inside_a_closed_group_is_closed() -> None:
    inner = item("g2", GROUP, items=(item("c", TEXT),))
    group = item("g", GROUP, enable_when=(when("a"),), items=(inner,))
    assert opened(item("a", BOOLEAN), group, a=False) == {"a"}
    assert opened(item("a", BOOLEAN), group, a=True) == {"a", "g", "g2", "c"}


def test_answers_to_closed_questions_do_not_count() -> None:
    chain = (
        item("a", BOOLEAN),
        choice("b", "x", "y", enable_when=(when("a"),)),
        item("c", TEXT, enable_when=(when("b", Coding("x")),)),
        item("d", TEXT, enable_when=(when("b", False, Operator.EXISTS),)),
    )
    assert opened(*chain, a=True, b=Coding("x")) == {"a", "b", "c"}
    assert opened(*chain, a=False, b=Coding("x")) == {"a", "d"}


def test_conditions_may_look_forward() -> None:
    assert opened(item("a", TEXT, enable_when=(when("b"),)), item("b", BOOLEAN), b=True) == {"a", "b"}


def test_a_circle_or_an_unknown_question_closes() -> None:
    circle = (item("a", BOOLEAN, enable_when=(when("b"),)), item("b", BOOLEAN, enable_when=(when("a"),)))
    assert opened(*circle, a=True, b=True) == set()
    assert opened(item("a", TEXT, enable_when=(when("nowhere"),)), nowhere=True) == set()


def test_a_rule_holds_when_all_its_conditions_do() -> None:
    conditions = (when("a"), when("b", 2, Operator.COUNT_AT_LEAST))
    assert all_hold(conditions, {"a": (True,), "b": (1, 2)})
    assert not all_hold(conditions, {"a": (True,), "b": (1,)})
    assert not all_hold(conditions, {"b": (1, 2)})
