from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.text import Language, Text
from teleexpertise.questionnaire.model import Coding, ItemType, Questionnaire
from teleexpertise.questionnaire.parse_text import MAX_LINES, TextAnswers, named_form, parse_labelled_answers
from teleexpertise.questionnaire.render import labelled_text, mail_template
from tests.teleexpertise.questionnaire.samples import (
    DERMATO,
    REAL_FORMS,
    REGISTRY,
    choice,
    every_kind,
    form,
    item,
    photo,
    responses,
)

TEXT, STRING = ItemType.TEXT, ItemType.STRING
FORM = form(
    item("a.bool", ItemType.BOOLEAN, label=Text("Allergie connue", "Known allergy")),
    choice("a.many", "x", "y", repeats=True, label=Text("Signes observés", "Signs seen")),
    item("a.line", STRING, label=Text("Votre hypothèse", "Your hypothesis")),
    item("a.text", TEXT, label=Text("Question précise", "Precise question")),
    item("a.int", ItemType.INTEGER, label=Text("Plus grand diamètre (mm)", "Largest diameter (mm)")),
    item("a.date", ItemType.DATE, label=Text("Photo 1 : date", "Photo 1: date")),
    photo("a.photo", label=Text("Photo 1", "Photo one"), repeats=True),
)


def read(*lines: str) -> TextAnswers:
    return parse_labelled_answers(FORM, "\n".join(lines))


@pytest.mark.parametrize(
    "line",
    [
        "a.bool : oui",
        "A.BOOL:oui",
        "a.bool Allergie connue : oui",
        "Allergie connue : oui",
        "ALLERGIE  CONNUE\u00a0: Oui.",
        "Known allergy: yes",
        "- Allergie connue * (oui/non) : oui",
        "> Allergie connue : oui",
        ">> > a.bool : oui",
        "  a.bool : oui",
        "a.bool (oui/non) : oui",
    ],
)
def test_a_question_goes_by_link_id_or_label(line: str) -> None:
    found = read(line)
    assert found.answers == {"a.bool": (True,)}
    assert found.unknown_lines == ()
    assert found.problems == ()


def test_a_label_is_known_without_its_unit_and_the_longest_label_wins() -> None:
    assert read("Plus grand diamètre : 12").answers == {"a.int": (12,)}
    found = read("Photo 1 : date : 06/11/2026", "Photo 1 : a.jpg ; b.jpg")
    assert found.answers == {"a.date": (date(2026, 11, 6),)}
    assert found.attachment_names == {"a.photo": ("a.jpg", "b.jpg")}


def test_a_shortened_label_that_names_two_questions_names_none() -> None:
    questionnaire = form(
        item("a.mm", ItemType.INTEGER, label=Text("Taille (mm)", "Size (mm)")),
        item("a.cm", ItemType.INTEGER, label=Text("Taille (cm)", "Size (cm)")),
    )
    assert parse_labelled_answers(questionnaire, "Taille (cm) : 3").answers == {"a.cm": (3,)}
    found = parse_labelled_answers(questionnaire, "Taille : 3")
    assert (found.answers, found.unknown_lines) == ({}, ("Taille : 3",))


def test_wrapped_answers_are_joined() -> None:
    found = read("a.many : Option x ·", "Option y", "a.line : un mélanome à", "extension lente", "a.int : 12")
    assert found.answers["a.many"] == (Coding("x"), Coding("y"))
    assert found.answers["a.line"] == ("un mélanome à extension lente",)
    assert found.answers["a.int"] == (12,)


def test_wrapped_labels_are_joined() -> None:
    assert read("> Votre", "> hypothèse", "> : nævus").answers == {"a.line": ("nævus",)}


def test_a_text_keeps_its_lines() -> None:
    found = read("a.text : une", "deux", "", "trois", "a.bool : oui")
    assert found.answers == {"a.text": ("une\ndeux\n\ntrois",), "a.bool": (True,)}


def test_an_answer_may_begin_under_its_label() -> None:
    assert read("a.text :", "", "Que faire ?").answers == {"a.text": ("Que faire ?",)}
    assert read("> a.text :", "Que faire ?", "> a.bool :", "oui").answers == {
        "a.text": ("Que faire ?",),
        "a.bool": (True,),
    }


def test_indented_lines_are_the_text_whatever_they_say() -> None:
    found = read("a.text : une", "    a.bool : oui", "      # deux", "a.bool : non")
    assert found.answers == {"a.text": ("une\na.bool : oui\n  # deux",), "a.bool": (False,)}


def test_a_whole_body_may_be_indented() -> None:
    assert read("    a.text : une", "    a.bool : oui").answers == {"a.text": ("une",), "a.bool": (True,)}


def test_what_stands_outside_a_quote_wins() -> None:
    found = read("> a.bool : oui", "> a.line : ancien", "a.bool : non", "> a.int : 3")
    assert found.answers == {"a.bool": (False,), "a.line": ("ancien",), "a.int": (3,)}


def test_the_same_answer_twice_is_one_and_others_are_all_kept() -> None:
    assert read("a.bool : oui", "Allergie connue : oui").answers == {"a.bool": (True,)}
    assert read("a.int : 3", "a.int : 4").answers == {"a.int": (3, 4)}
    assert read("a.many : Option x", "a.many : Option y ; Option x").answers == {"a.many": (Coding("x"), Coding("y"))}


def test_what_is_not_understood_is_named_and_given_back() -> None:
    found = read("Bonjour,", "a.int : environ douze", "a.many : Option z", "taille : 3", "a.bool : oui")
    assert found.answers == {"a.bool": (True,)}
    assert [(problem.link_id, problem.code) for problem in found.problems] == [
        ("a.int", "wrong_type"),
        ("a.many", "not_an_option"),
    ]
    assert sorted(found.unknown_lines) == sorted(
        ["Bonjour,", "a.int : environ douze", "a.many : Option z", "taille : 3"]
    )


def test_a_line_behind_a_whole_answer_is_unknown_not_part_of_it() -> None:
    found = read("a.bool : oui", "Merci d'avance", "a.int : 3", "", "Cordialement")
    assert found.answers == {"a.bool": (True,), "a.int": (3,)}
    assert found.unknown_lines == ("Cordialement", "Merci d'avance")
    assert found.problems == ()


@pytest.mark.parametrize("end", ["--", "****FIN****"])
def test_a_signature_or_an_hprim_tag_ends_the_answers(end: str) -> None:
    found = read("a.text : une", end, "Dr Exemple")
    assert found.answers == {"a.text": ("une",)}
    assert found.unknown_lines == (end, "Dr Exemple")


def test_lines_beyond_the_bound_are_given_back() -> None:
    found = read(*["a.bool : oui", *[""] * (MAX_LINES - 1), "a.int : 3"])
    assert found.answers == {"a.bool": (True,)}
    assert found.unknown_lines == ("a.int : 3",)


def test_a_mac_or_windows_end_of_line_is_one() -> None:
    assert parse_labelled_answers(FORM, "a.text : une\r\ndeux\r\na.bool : oui\ra.int : 3").answers == {
        "a.text": ("une\ndeux",),
        "a.bool": (True,),
        "a.int": (3,),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bonjour\nFormulaire : dermatologie 1.0.0\n", "dermatologie 1.0.0"),
        ("> formulaire\u00a0: Dermatologie\r\n", "Dermatologie"),
        ("Form : plaies", "plaies"),
        ("Formulaire :\nplaies", None),
        ("le formulaire : non", None),
    ],
)
def test_the_form_is_named_on_its_line(text: str, words: str | None) -> None:
    assert named_form(text) == words


@pytest.mark.parametrize("questionnaire", REAL_FORMS, ids=lambda one: one.canonical.rpartition("/")[2])
@pytest.mark.parametrize("language", Language)
def test_a_blank_template_answers_nothing_and_leaves_nothing(questionnaire: Questionnaire, language: Language) -> None:
    template = mail_template(questionnaire, language)
    for text in (template, template.replace("\n", "\n> "), template.replace("\n", "\r\n")):
        found = parse_labelled_answers(questionnaire, text)
        assert (found.answers, found.attachment_names, found.unknown_lines, found.problems) == ({}, {}, (), ())
    named = named_form(template)
    assert named == f"{questionnaire.id} {questionnaire.version}"


def test_a_template_filled_in_gives_its_answers() -> None:
    filled = mail_template(DERMATO)
    written = {
        "d.alerte * (oui/non) : ": "non",
        "c.delai * : ": "72 h",
        "c.terrain * (plusieurs choix) : ": "diabète ; DFG<30",
        "d.siege * (plusieurs choix) : ": "Visage, Cou",
        "d.photo.large * (nom du fichier joint) : ": "large.jpg",
    }
    for line, words in written.items():
        assert line in filled
        filled = filled.replace(line, line + words)
    found = parse_labelled_answers(DERMATO, filled + "\nCordialement,\nDr Exemple")
    assert found.answers == {
        "d.alerte": (False,),
        "c.delai": (Coding("72h"),),
        "c.terrain": (Coding("diabete"), Coding("dfg30")),
        "d.siege": (Coding("visage"), Coding("cou")),
    }
    assert found.attachment_names == {"d.photo.large": ("large.jpg",)}
    assert found.unknown_lines == ("Cordialement,", "Dr Exemple")


def test_a_latin_1_mail_is_understood() -> None:
    ophthalmology = REGISTRY.published("ophtalmologie")
    found = parse_labelled_answers(ophthalmology, "o.motif : OEil rouge\nAcuite visuelle OD : < 1/10")
    assert found.answers == {"o.motif": (Coding("oeil-rouge"),), "o.av.od": (Coding("lt1-10"),)}
    wounds = REGISTRY.published("plaies")
    assert parse_labelled_answers(wounds, "Longueur (cm) : 3,5 cm").answers == {"p.longueur": (Decimal("3.5"),)}


@settings(max_examples=150, deadline=None)
@given(data=st.data(), language=st.sampled_from(Language))
def test_the_text_of_any_response_reads_back(data: st.DataObject, language: Language) -> None:
    questionnaire = data.draw(st.sampled_from([*REAL_FORMS, every_kind()]))
    response = data.draw(responses(questionnaire))
    found = parse_labelled_answers(questionnaire, labelled_text(questionnaire, response, language))
    files = {one.link_id for one in questionnaire.questions() if one.type is ItemType.ATTACHMENT}
    assert found.answers == {name: given for name, given in response.answers.items() if name not in files}
    assert found.problems == ()
    assert found.unknown_lines == ()
    assert set(found.attachment_names) <= files


_PIECES = st.sampled_from(
    ["a.bool", "Signes observés", " : ", "oui", "Option x", "\n", "    ", "> ", "#", "--", "12"]
) | st.text(max_size=5)


@given(st.lists(_PIECES, max_size=30).map("".join))
def test_nothing_is_lost(text: str) -> None:
    found = parse_labelled_answers(FORM, text)
    questions = {one.link_id for one in FORM.questions()}
    assert found.answers.keys() | found.attachment_names.keys() <= questions
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert set(found.unknown_lines) <= set(lines)
    told = " ".join(found.unknown_lines) + str(found.answers) + str(found.attachment_names)
    for line in lines:
        if "12" in line and "form" not in line.lower():
            assert "12" in told
