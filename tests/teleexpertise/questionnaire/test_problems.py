import pytest

from miss.base.text import Language, Text
from teleexpertise.questionnaire.model import ItemType
from teleexpertise.questionnaire.problems import LABEL_MAX, PROBLEM_CODES, problem, problem_at
from tests.teleexpertise.questionnaire.samples import item

EVERYTHING: dict[str, Text | str | int] = {
    "least": 2,
    "most": 4,
    "expected": Text("ceci", "this"),
    "option": Text("Aucun", "None"),
}


@pytest.mark.parametrize("code", sorted(PROBLEM_CODES))
def test_every_problem_has_a_sentence_in_both_languages(code: str) -> None:
    found = problem(item("a.q", ItemType.TEXT, label=Text("Délai", "Time")), code, **EVERYTHING)
    assert (found.link_id, found.code) == ("a.q", code)
    assert found.sentence(Language.FR) != found.sentence(Language.EN)
    assert found.sentence().endswith(".")


def test_a_sentence_names_the_item_by_label_and_link_id() -> None:
    found = problem(item("c.delai", ItemType.TEXT, label=Text("Délai souhaité", "Time wished for")), "required")
    assert found.sentence() == "« Délai souhaité » (c.delai) : une réponse est obligatoire."
    assert found.sentence(Language.EN) == "“Time wished for” (c.delai): an answer is required."


def test_long_labels_are_cut_and_braces_are_plain_words() -> None:
    found = problem(item("a.q", ItemType.TEXT, label=Text("{x} " + "a" * 200, "b")), "required")
    quoted = found.sentence().partition("« ")[2].partition(" »")[0]
    assert quoted.startswith("{x} aaa")
    assert quoted.endswith("…")
    assert len(quoted) <= LABEL_MAX


def test_a_problem_without_an_item_names_the_link_id() -> None:
    assert "z.{q}" in problem_at("z.{q}", "unknown_item").sentence()
    assert len(problem_at("z" * 5000, "unknown_item").sentence()) < 200
