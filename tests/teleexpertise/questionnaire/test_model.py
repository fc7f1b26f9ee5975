from datetime import timedelta

import pytest

from miss.base.text import Language, Text
from teleexpertise.questionnaire.errors import UnknownItem
from teleexpertise.questionnaire.model import Approval, Coding, ItemType, Problem, QuestionnaireResponse
from tests.teleexpertise.questionnaire.samples import AUTHORED, choice, every_kind, form, item


def test_codings_are_equal_whatever_words_display_them() -> None:
    assert Coding("x", "Oui") == Coding("x", "Yes")
    assert Coding("x", system="https://a.example") != Coding("x", system="https://b.example")


def test_items_are_found_anywhere_in_the_tree_and_in_reading_order() -> None:
    questionnaire = every_kind()
    assert questionnaire.item("a.bool").type is ItemType.BOOLEAN
    assert [one.link_id for one in questionnaire.walk()][:3] == ["a.g", "a.bool", "a.info"]
    assert "a.g" not in [one.link_id for one in questionnaire.questions()]
    assert questionnaire.find_item("a.nowhere") is None
    with pytest.raises(UnknownItem):
        questionnaire.item("a.nowhere")


def test_the_canonical_pins_the_version() -> None:
    assert form().canonical == "https://miss.example/fhir/Questionnaire/essai|1.0.0"


def test_a_form_is_approved_by_somebody() -> None:
    assert not form().approved
    assert form(approval=Approval("Dr Exemple", AUTHORED.date())).approved


def test_help_is_the_display_child_with_the_control_help() -> None:
    told = item("a.q.aide", ItemType.DISPLAY, control="help", label=Text("Aide", "Help"))
    other = item("a.q.note", ItemType.DISPLAY)
    assert item("a.q", ItemType.TEXT, items=(other, told)).help == Text("Aide", "Help")
    assert item("a.q", ItemType.TEXT, items=(other,)).help is None


def test_only_a_repeating_question_takes_several_answers() -> None:
    assert item("a.q", ItemType.TEXT).at_most == 1
    assert item("a.q", ItemType.TEXT, repeats=True).at_most is None
    assert item("a.q", ItemType.TEXT, repeats=True, max_occurs=4).at_most == 4


def test_options_are_found_by_code() -> None:
    question = choice("a.q", "x", "y")
    assert question.option("y") is question.options[1]
    assert question.option("z") is None


def test_fill_time_runs_from_the_first_item_to_the_last() -> None:
    times = {"a": AUTHORED, "b": AUTHORED + timedelta(seconds=95), "c": AUTHORED + timedelta(seconds=20)}
    assert QuestionnaireResponse("u|1", {}, None, times).fill_time() == timedelta(seconds=95)
    assert QuestionnaireResponse("u|1", {}, None, {"a": AUTHORED}).fill_time() is None


def test_answers_are_read_by_link_id() -> None:
    response = QuestionnaireResponse("u|1", {"a": (1, 2)})
    assert response.all("a") == (1, 2)
    assert response.first("a") == 1
    assert response.all("b") == ()
    assert response.first("b") is None


def test_a_problem_speaks_both_languages() -> None:
    problem = Problem("a", "required", Text("Il manque {{ceci}}.", "This is missing."))
    assert problem.sentence() == "Il manque {ceci}."
    assert problem.sentence(Language.EN) == "This is missing."
