"""Gaps, and where a template goes."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from miss.base.ids import PractitionerId
from teleexpertise.answers.gaps import gap_problems
from teleexpertise.answers.templates.errors import TemplateIncomplete, TemplateTooLong
from teleexpertise.answers.templates.model import TITLE_CHARS, AnswerTemplate, Owner, gaps_in, inserted, written

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TEMPLATE = AnswerTemplate(
    id="t-1", owner=Owner.expert(PractitionerId("p")), title="Eczéma", text="Revoir dans [délai].", updated_at=NOW
)


@pytest.mark.parametrize(
    ("text", "gaps"),
    [
        ("Bétaméthasone [dose] pendant [délai], puis [dose].", ("[dose]", "[délai]")),
        ("Voir [1] et [2].", ()),
        ("[]", ()),
        ("[écart non\nfermé]", ()),
        ("[[dose]]", ("[dose]",)),
        ("[" + "a" * 41 + "]", ()),
        ("rien", ()),
    ],
)
def test_gaps_are_words_between_square_brackets(text: str, gaps: tuple[str, ...]) -> None:
    assert gaps_in(text) == gaps


def test_an_open_gap_is_a_problem_with_its_item_and_names_it() -> None:
    [problem] = gap_problems({"r.conduite": ("Appliquer [dose] le soir.",)})
    assert problem.link_id == "r.conduite"
    assert "[dose]" in problem.sentence()
    assert gap_problems({"r.conduite": ("Appliquer 5 g le soir.",), "r.recontact": ("[dose]",)}) == ()


def test_a_template_goes_under_what_is_written() -> None:
    assert inserted("", TEMPLATE) == TEMPLATE.text
    assert inserted("Émollient.\r\n\n", TEMPLATE) == "Émollient.\nRevoir dans [délai]."


def test_words_are_tidied_and_bounded() -> None:
    changed = written(TEMPLATE, "  Deux   mots ", "a\r\nb ", NOW)
    assert (changed.title, changed.text) == ("Deux mots", "a\nb")
    with pytest.raises(TemplateIncomplete) as blank:
        written(TEMPLATE, "Titre", " \n", NOW)
    assert "le texte" in blank.value.sentence()
    with pytest.raises(TemplateTooLong):
        written(replace(TEMPLATE), "x" * (TITLE_CHARS + 1), "texte", NOW)
