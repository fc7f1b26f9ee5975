from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.text import Language, Text
from teleexpertise.questionnaire.check import Checked, check
from teleexpertise.questionnaire.enable import enabled_items
from teleexpertise.questionnaire.model import (
    AnswerValue,
    AttachmentRef,
    Block,
    Coding,
    Deadline,
    Item,
    ItemType,
    Operator,
    Quantity,
    QuestionnaireResponse,
)
from tests.teleexpertise.questionnaire.samples import (
    AUTHORED,
    DERMATO,
    REAL_FORMS,
    answered,
    choice,
    form,
    instants,
    item,
    photo,
    responses,
    texts,
    when,
)

BOOLEAN, TEXT, GROUP = ItemType.BOOLEAN, ItemType.TEXT, ItemType.GROUP
JPEG = AttachmentRef("a.jpg", "image/jpeg", 1000, "ref")


def codes(question: Item, *values: AnswerValue) -> list[str]:
    questionnaire = form(question)
    checked = check(questionnaire, answered(questionnaire, {question.link_id: values}))
    assert {problem.link_id for problem in checked.problems} <= {question.link_id}
    return [problem.code for problem in checked.problems]


MANY = choice("a", "none", "p", "q", "r", exclusive="none", repeats=True, min_occurs=2, max_occurs=3)
BOUNDED = item("a", ItemType.DECIMAL, min_value=Decimal("0.1"), max_value=Decimal(60))
PAST = item("a", ItemType.DATE, not_in_future=True, min_value=date(1900, 1, 1))
LATER = AUTHORED + timedelta(days=3)


@pytest.mark.parametrize(
    ("question", "values", "expected"),
    [
        (item("a", TEXT, required=True), (), ["required"]),
        (item("a", TEXT, required=True), ("  \n",), ["required"]),
        (item("a", TEXT), (), []),
        (item("a", TEXT), ("a", "b"), ["too_many"]),
        (item("a", TEXT), (3,), ["wrong_type"]),
        (item("a", TEXT, max_length=3), ("abc",), []),
        (item("a", TEXT, max_length=3), ("abcd",), ["too_long"]),
        (item("a", BOOLEAN), ("oui",), ["wrong_type"]),
        (item("a", BOOLEAN), (False,), []),
        (item("a", BOOLEAN, required=True), (False,), []),
        (choice("a", "x"), (Coding("z"),), ["not_an_option"]),
        (choice("a", "x"), ("x",), ["wrong_type"]),
        (MANY, (Coding("p"),), ["too_few"]),
        (MANY, (), ["required"]),
        (MANY, (Coding("p"), Coding("q")), []),
        (MANY, (Coding("p"), Coding("q"), Coding("r"), Coding("p")), ["too_many"]),
        (MANY, (Coding("none"), Coding("q")), ["exclusive"]),
        (BOUNDED, (Decimal("0.1"),), []),
        (BOUNDED, (60,), []),
        (BOUNDED, (Decimal("0.09"),), ["too_small"]),
        (BOUNDED, (61,), ["too_great"]),
        (item("a", ItemType.QUANTITY, max_value=Decimal(2)), (Quantity(Decimal(3), "cm"),), ["too_great"]),
        (PAST, (AUTHORED.date(),), []),
        (PAST, (LATER.date(),), ["in_future"]),
        (PAST, (date(1899, 12, 31),), ["too_small"]),
        (PAST, (date(1900, 1, 1),), []),
        (PAST, (AUTHORED.date() + timedelta(days=1),), ["in_future"]),
        (PAST, (AUTHORED.date() + timedelta(days=2),), ["in_future"]),
        (item("a", ItemType.DATE_TIME, max_value=AUTHORED), (AUTHORED,), []),
        (item("a", ItemType.DATE_TIME, not_in_future=True), (LATER,), ["in_future"]),
        (item("a", ItemType.DATE_TIME, not_in_future=True), (AUTHORED,), []),
        (item("a", ItemType.DATE_TIME, max_value=AUTHORED), (LATER,), ["too_great"]),
        (photo("a"), (JPEG,), []),
        (photo("a"), (AttachmentRef("a.jpg", "IMAGE/JPEG; q=1", 1, "ref"),), []),
        (photo("a"), (AttachmentRef("a.exe", "application/x-dosexec", 1, "ref"),), ["wrong_mime"]),
        (photo("a"), (AttachmentRef("a.jpg", "image/jpeg", 1_000_001, "ref"),), ["too_large"]),
        (photo("a", repeats=True, max_occurs=2), (JPEG, JPEG, JPEG), ["too_many"]),
        (
            photo("a", repeats=True),
            (AttachmentRef("a", "a/b", 1, ""), AttachmentRef("b", "a/b", 1, "")),
            ["wrong_mime"],
        ),
        (item("a", GROUP, items=(item("b", TEXT),)), ("x",), ["not_a_question"]),
        (item("a", ItemType.DISPLAY), ("x",), ["not_a_question"]),
    ],
)
def test_each_rule(question: Item, values: tuple[AnswerValue, ...], expected: list[str]) -> None:
    assert codes(question, *values) == expected


def test_a_day_that_has_begun_overseas_is_not_in_the_future() -> None:
    questionnaire, tomorrow = form(PAST), AUTHORED.date() + timedelta(days=1)
    late = replace(answered(questionnaire, {"a": (tomorrow,)}), authored=AUTHORED.replace(hour=12))
    assert check(questionnaire, late).problems == (), "it is tomorrow in Kiribati"
    instant = form(item("a", ItemType.DATE_TIME, not_in_future=True))
    for ahead, expected in ((timedelta(minutes=59), []), (timedelta(hours=2), ["in_future"])):
        given = answered(instant, {"a": (AUTHORED + ahead,)})
        assert [problem.code for problem in check(instant, given).problems] == expected


def test_a_required_group_wants_something_in_it() -> None:
    group = item("g", GROUP, required=True, items=(item("a", TEXT), item("b", TEXT)))
    assert [problem.link_id for problem in check(form(group), answered(form(group), {})).problems] == ["g"]
    assert check(form(group), answered(form(group), {"b": "x"})).ok


def test_answers_to_closed_questions_are_taken_out_and_not_required() -> None:
    questionnaire = form(
        item("a", BOOLEAN),
        item("b", TEXT, required=True, enable_when=(when("a"),)),
        item("g", GROUP, enable_when=(when("a"),), items=(item("c", TEXT, required=True),)),
    )
    closed = check(questionnaire, answered(questionnaire, {"a": False, "b": "x", "c": 3}))
    assert closed.ok
    assert closed.response.answers == {"a": (False,)}
    opened = check(questionnaire, answered(questionnaire, {"a": True}))
    assert [(problem.link_id, problem.code) for problem in opened.problems] == [("b", "required"), ("c", "required")]


def test_answers_to_unknown_questions_are_kept_and_named() -> None:
    questionnaire = form(item("a", TEXT))
    checked = check(questionnaire, answered(questionnaire, {"z": "x"}))
    assert checked.response.answers == {"z": ("x",)}
    assert [(problem.link_id, problem.code) for problem in checked.problems] == [("z", "unknown_item")]


def test_a_response_to_another_version_is_named() -> None:
    questionnaire = form(item("a", TEXT))
    checked = check(questionnaire, QuestionnaireResponse("https://miss.example/other|1.0.0", {}))
    assert [problem.code for problem in checked.problems] == ["other_form"]


def test_codings_get_the_words_of_the_form() -> None:
    questionnaire = form(choice("a", "x"))
    checked = check(questionnaire, answered(questionnaire, {"a": Coding("x", "<b>anything</b>")}))
    value = checked.response.first("a")
    assert isinstance(value, Coding)
    assert value.display == "Option x"


def test_the_shortest_forced_deadline_counts_and_says_why() -> None:
    questionnaire = form(
        item("a", BOOLEAN),
        item("b", BOOLEAN, enable_when=(when("a"),)),
        deadlines=(
            Deadline(72, (when("a"),), Text("lent", "slow")),
            Deadline(24, (when("b"),), Text("vite", "fast")),
        ),
        blocks=(Block((when("b", False),), Text("non", "no")),),
    )

    def judged(**answers: AnswerValue) -> Checked:
        return check(questionnaire, answered(questionnaire, answers))

    assert judged().deadline_at_most_hours is None
    assert judged(a=True).deadline_at_most_hours == 72
    both = judged(a=True, b=True)
    assert (both.deadline_at_most_hours, both.reasons) == (24, (Text("lent", "slow"), Text("vite", "fast")))
    assert judged(a=False, b=True).deadline_at_most_hours is None, "a closed question forces nothing"
    assert judged(a=True, b=False).blocked == (Text("non", "no"),)
    assert not judged(a=True, b=False).ok
    assert judged(a=False, b=False).ok, "a closed question blocks nothing"


def test_a_rule_counts_answers() -> None:
    rule = Deadline(72, (when("a", 2, Operator.COUNT_AT_LEAST),), Text("deux", "two"))
    questionnaire = form(choice("a", "x", "y", repeats=True), deadlines=(rule,))
    one = check(questionnaire, answered(questionnaire, {"a": Coding("x")}))
    two = check(questionnaire, answered(questionnaire, {"a": (Coding("x"), Coding("y"))}))
    assert (one.deadline_at_most_hours, two.deadline_at_most_hours) == (None, 72)


def test_sentences_name_the_item_and_what_is_expected_never_the_answer() -> None:
    questionnaire = form(choice("a", "x", "y"), item("b", ItemType.INTEGER, min_value=Decimal(1)))
    checked = check(questionnaire, answered(questionnaire, {"a": Coding("SECRET"), "b": -987}))
    french = [problem.sentence() for problem in checked.problems]
    assert french[0] == (
        "« Question a ? » (a) : ce choix n'est pas dans la liste. Choix possibles : Option x · Option y."
    )
    assert french[1] == "« Question b ? » (b) : la valeur est inférieure au minimum (1) ; vérifiez-la."
    assert "Choice y" in checked.problems[0].sentence(Language.EN)
    assert not any("SECRET" in sentence or "987" in sentence for sentence in french)


ANY_VALUE = st.one_of(
    st.booleans(),
    st.integers(),
    st.decimals(allow_nan=False, allow_infinity=False),
    texts,
    st.dates(),
    instants,
    st.builds(Coding, texts, texts),
    st.builds(Quantity, st.decimals(allow_nan=False, allow_infinity=False), texts),
    st.builds(AttachmentRef, texts, texts, st.integers(0), texts),
)
LINK_IDS = st.sampled_from([one.link_id for one in DERMATO.walk()]) | texts
ANSWERS = st.dictionaries(LINK_IDS, st.lists(ANY_VALUE, max_size=5).map(tuple), max_size=12)


@settings(max_examples=60)
@given(answers=ANSWERS, authored=st.sampled_from([None, datetime(2200, 12, 31, 23, tzinfo=UTC), AUTHORED]))
def test_it_never_raises_and_checking_twice_changes_nothing(
    answers: Mapping[str, tuple[AnswerValue, ...]], authored: datetime | None
) -> None:
    once = check(DERMATO, QuestionnaireResponse(DERMATO.canonical, answers, authored))
    for problem in once.problems:
        assert problem.sentence(Language.FR)
        assert problem.sentence(Language.EN)
    assert check(DERMATO, once.response) == once


@settings(max_examples=60)
@given(data=st.data())
def test_right_answers_only_miss_what_is_required(data: st.DataObject) -> None:
    questionnaire = data.draw(st.sampled_from(REAL_FORMS))
    checked = check(questionnaire, data.draw(responses(questionnaire)))
    assert {problem.code for problem in checked.problems} <= {"required", "too_few", "in_future"}
    assert set(checked.response.answers) <= enabled_items(questionnaire, checked.response.answers)
