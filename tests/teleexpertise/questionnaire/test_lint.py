"""A deliberate fault of each kind is found, at its path; a form without faults has none."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from miss.base.text import Text
from teleexpertise.questionnaire.lint import lint, lint_json
from teleexpertise.questionnaire.model import (
    AnswerOption,
    Approval,
    Block,
    Coding,
    Deadline,
    FormStatus,
    Item,
    ItemType,
    Operator,
    Questionnaire,
)
from tests.teleexpertise.questionnaire.samples import (
    AUTHORED,
    FORMS,
    choice,
    every_kind,
    form,
    item,
    option,
    photo,
    when,
)

TEXT, GROUP, BOOLEAN, INTEGER = ItemType.TEXT, ItemType.GROUP, ItemType.BOOLEAN, ItemType.INTEGER
DAY = date(2026, 11, 20)


def found(questionnaire: Questionnaire) -> set[tuple[str, str]]:
    return {(fault.path, fault.code) for fault in lint(questionnaire)}


def test_a_good_form_has_no_fault() -> None:
    assert lint(every_kind()) == ()


FORM_FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("form_id", {"id": "Essai"}),
    ("form_id", {"url": "https://miss.example/fhir/Questionnaire/autre"}),
    ("form_version", {"version": "1"}),
    ("not_approved", {"status": FormStatus.ACTIVE}),
    ("missing_label", {"title": Text("", "Trial")}),
    ("missing_english", {"title": Text("Essai", " ")}),
    ("missing_english", {"description": Text("Essai", "")}),
    ("missing_english", {"deadlines": (Deadline(24, (when("a"),), Text("Vite", "")),)}),
    ("braces", {"blocks": (Block((when("a"),), Text("{non}", "no")),)}),
    ("condition_dangling", {"blocks": (Block((when("z"),), Text("Non", "No")),)}),
]


@pytest.mark.parametrize(("code", "fields"), FORM_FAULTS)
def test_faults_of_the_form(code: str, fields: dict[str, Any]) -> None:
    good = form(item("a", BOOLEAN))
    assert lint(good) == ()
    assert found(replace(good, **fields)) == {("", code)}


def test_an_active_form_has_an_approver() -> None:
    assert lint(form(item("a", BOOLEAN), status=FormStatus.ACTIVE, approval=Approval("Dr Exemple", DAY))) == ()


ITEM_FAULTS: list[tuple[str, Item]] = [
    ("link_id", item("A.b", TEXT)),
    ("link_id", item("a b", TEXT)),
    ("missing_label", item("a", TEXT, label=Text(" ", "x"))),
    ("missing_english", item("a", TEXT, label=Text("x", ""))),
    ("missing_english", item("a", TEXT, entry_format=Text("x", ""))),
    ("braces", item("a", TEXT, label=Text("x}", "y"))),
    ("unknown_control", item("a", TEXT, control="gtable")),
    ("empty_group", item("a", GROUP)),
    ("display_flag", item("a", ItemType.DISPLAY, required=True)),
    ("hidden_required", item("a", BOOLEAN, hidden=True, required=True)),
    ("initial_many", choice("a", "x", "y", initial=(Coding("x"), Coding("y")))),
    ("initial_type", choice("a", "x", "y", initial=(Coding("z"),))),
    ("initial_type", item("a", BOOLEAN, initial=("oui",))),
    ("options_misplaced", item("a", TEXT, options=(option("x"),))),
    ("options_misplaced", item("a", TEXT, options_from_request=True)),
    ("options_missing", choice("a")),
    ("options_missing", item("a", ItemType.OPEN_CHOICE)),
    ("exclusive_single", choice("a", "none", "x", exclusive="none")),
    ("exclusive_all", choice("a", "none", exclusive="none", repeats=True)),
    ("duplicate_option", choice("a", "x", "x")),
    ("option_code", item("a", ItemType.CHOICE, options=(AnswerOption(Coding(""), Text("x", "x")),))),
    ("option_separator", item("a", ItemType.CHOICE, options=(AnswerOption(Coding("x"), Text("a ; b", "ab")),))),
    ("option_ambiguous", item("a", ItemType.CHOICE, options=(
        AnswerOption(Coding("x"), Text("Œil", "Eye")), AnswerOption(Coding("y"), Text("Autre", "oeil"))))),
    ("missing_english", item("a", ItemType.CHOICE, options=(AnswerOption(Coding("x"), Text("x", "")),))),
    ("max_length", item("a", INTEGER, max_length=4)),
    ("max_length", item("a", TEXT, max_length=0)),
    ("bound_type", item("a", TEXT, min_value=Decimal(1))),
    ("bound_type", item("a", INTEGER, max_value=Decimal("1.5"))),
    ("bound_type", item("a", INTEGER, max_value=DAY)),
    ("bound_type", item("a", ItemType.DATE_TIME, max_value=DAY)),
    ("bound_type", item("a", ItemType.DATE, max_value=AUTHORED)),
    ("bound_order", item("a", INTEGER, min_value=Decimal(2), max_value=Decimal(1))),
    ("bound_order", item("a", ItemType.DATE, min_value=DAY, max_value=date(2026, 11, 19))),
    ("not_in_future", item("a", TEXT, not_in_future=True)),
    ("unit_misplaced", item("a", TEXT, unit=Coding("mm", "mm"))),
    ("occurs_single", item("a", TEXT, max_occurs=4)),
    ("occurs_order", item("a", TEXT, repeats=True, min_occurs=3, max_occurs=2)),
    ("occurs_order", item("a", TEXT, repeats=True, min_occurs=-1)),
    ("occurs_order", item("a", TEXT, repeats=True, max_occurs=0)),
    ("attachment_only", item("a", TEXT, mime_types=("image/jpeg",))),
    ("mime_missing", replace(photo("a"), mime_types=())),
    ("max_size_missing", replace(photo("a"), max_size_bytes=None)),
    ("unknown_photo_guide", photo("a", photo_guide="selfie")),
]  # fmt: skip


@pytest.mark.parametrize(("code", "faulty"), ITEM_FAULTS, ids=[f"{at}-{one[0]}" for at, one in enumerate(ITEM_FAULTS)])
def test_faults_of_an_item(code: str, faulty: Item) -> None:
    group = item("g", GROUP, items=(faulty, item("other", TEXT)))
    assert found(form(group)) == {(f"g/{faulty.link_id}", code)}


def test_the_smallest_limits_are_no_fault() -> None:
    instant = item("a.i", ItemType.DATE_TIME, min_value=AUTHORED, max_value=AUTHORED)
    assert lint(form(item("a.t", TEXT, max_length=1, repeats=True, min_occurs=1, max_occurs=1), instant)) == ()


def test_a_group_does_not_repeat_nor_start_with_a_value() -> None:
    group = item("g", GROUP, items=(item("a", TEXT),))
    assert found(form(replace(group, repeats=True))) == {("g", "repeating_group")}
    assert found(form(replace(group, initial=("x",)))) == {("g", "initial_misplaced")}


def test_under_a_question_there_is_help_only() -> None:
    helped = item("a", TEXT, items=(item("a.aide", ItemType.DISPLAY, control="help"),))
    assert lint(form(helped)) == ()
    assert found(form(item("a", TEXT, items=(item("a.b", TEXT),)))) == {("a/a.b", "nested_question")}


def test_link_ids_and_labels_are_unique() -> None:
    assert ("", "duplicate_link_id") in found(form(item("a", TEXT), item("g", GROUP, items=(item("a", TEXT),))))
    twins = (item("a", TEXT, label=Text("Siège", "Site")), item("b", TEXT, label=Text("SIEGE", "Seat")))
    assert found(form(*twins)) == {("", "duplicate_label")}


def test_the_alert_opens_the_form() -> None:
    alert = item("g", GROUP, alert=True, items=(item("a", BOOLEAN),))
    second = item("h", GROUP, alert=True, items=(item("b", BOOLEAN),))
    assert lint(form(alert, item("c", TEXT))) == ()
    assert found(form(item("c", TEXT), alert)) == {("", "alert_place")}
    assert found(form(alert, second)) == {("", "alert_place")}
    assert found(form(item("a", BOOLEAN, alert=True))) == {("a", "alert_not_group")}


def test_several_conditions_say_whether_all_or_any() -> None:
    questions = (item("a", BOOLEAN), item("b", TEXT, enable_when=(when("a"), when("a", False))))
    assert found(form(*questions)) == {("b", "enable_behavior_missing")}


def test_conditions_and_circles_are_looked_at() -> None:
    questions = (item("a", BOOLEAN), item("b", TEXT, enable_when=(when("z"),)))
    assert found(form(*questions)) == {("b", "condition_dangling")}
    itself = item("a", BOOLEAN, enable_when=(when("a", True, Operator.EXISTS),))
    assert found(form(itself)) == {("a", "condition_cycle")}


def test_json_that_cannot_be_read_is_linted_too() -> None:
    unknown_type = (FORMS / "commun/1.0.0.json").read_text().replace('"type": "boolean"', '"type": "url"', 1)
    assert [(fault.code, fault.path.rpartition(".")[2]) for fault in lint_json(unknown_type)] == [("enum", "type")]
    assert lint_json((FORMS / "commun/1.0.0.json").read_bytes()) == ()
