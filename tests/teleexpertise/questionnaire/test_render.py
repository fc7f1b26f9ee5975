from dataclasses import replace

import pytest

from miss.base.text import Language, Text
from teleexpertise.questionnaire.model import (
    AnswerValue,
    AttachmentRef,
    Coding,
    EnableBehavior,
    ItemType,
    Operator,
    Questionnaire,
)
from teleexpertise.questionnaire.render import (
    SUMMARY_MAX,
    WIDTH,
    instructions,
    labelled_text,
    mail_template,
    response_text,
    summary,
)
from tests.teleexpertise.questionnaire.samples import (
    AUTHORED,
    DERMATO,
    REAL_FORMS,
    answered,
    choice,
    form,
    item,
    photo,
    when,
)

BOOLEAN, TEXT, GROUP = ItemType.BOOLEAN, ItemType.TEXT, ItemType.GROUP

FORM = form(
    item("a.g", GROUP, label=Text("Lésion", "Lesion"), alert=True, items=(
        item("a.g.aide", ItemType.DISPLAY, control="help", label=Text("Regardez bien.", "Look well.")),
        item("a.bool", BOOLEAN, required=True, label=Text("Douleur", "Pain")),
        choice("a.many", "x", "y", repeats=True, label=Text("Signes", "Signs")),
        choice("a.one", "p", "q", label=Text("Type", "Kind"), in_summary=True,
               enable_when=(when("a.many", Coding("x")), when("a.many", Coding("y"))),
               enable_behavior=EnableBehavior.ANY),
    )),
    item("a.text", TEXT, label=Text("Histoire", "Story"), max_length=500,
         enable_when=(when("a.bool", True, Operator.EXISTS),)),
    item("a.date", ItemType.DATE, label=Text("Début : date", "Onset: date")),
    photo("a.photo", label=Text("Photo de près", "Close photo")),
    item("a.hidden", TEXT, hidden=True, label=Text("Caché", "Hidden")),
    title=Text("Essai", "Trial"),
)  # fmt: skip


def test_the_template_of_a_form() -> None:
    assert mail_template(FORM) == (
        """# Essai
Formulaire : essai 1.0.0
# Répondez après les deux-points ; laissez vide ce qui est sans objet.
# * : réponse obligatoire.
# Plusieurs choix possibles : séparez-les par un point-virgule.

# LÉSION
# Regardez bien.
a.bool Douleur * (oui/non) :\N{SPACE}
# Signes : Option x · Option y
a.many (plusieurs choix) :\N{SPACE}
# Type : Option p · Option q
# Seulement si a.many = Option x ou Option y
a.one :\N{SPACE}
a.text Histoire (500 caractères au plus) :\N{SPACE}
# Début : date
a.date (JJ/MM/AAAA) :\N{SPACE}
a.photo Photo de près (nom du fichier joint) :\N{SPACE}

# Fin du formulaire
"""
    )


def test_the_template_in_english() -> None:
    template = mail_template(FORM, Language.EN)
    assert "Form : essai 1.0.0" in template
    assert "a.bool Pain * (yes/no) : " in template
    assert "# Kind : Choice p · Choice q" in template
    assert "Douleur" not in template


@pytest.mark.parametrize("questionnaire", REAL_FORMS, ids=lambda one: one.canonical.rpartition("/")[2])
@pytest.mark.parametrize("language", Language)
def test_templates_of_real_forms_ask_everything_within_the_width(
    questionnaire: Questionnaire, language: Language
) -> None:
    lines = mail_template(questionnaire, language).split("\n")
    asked = [line.split()[0] for line in lines if line.endswith(" : ")]
    assert asked == [one.link_id for one in questionnaire.questions() if not one.hidden]
    assert max(map(len, lines)) <= WIDTH + 1  # the space behind the colon


def test_answers_stand_under_the_headings_of_the_form() -> None:
    file = AttachmentRef("IMG_1.jpg", "image/jpeg", 2_100_000, "ref")
    response = answered(
        FORM,
        {
            "a.bool": True,
            "a.many": (Coding("x"), Coding("y")),
            "a.text": "une\n\ndeux",
            "a.photo": file,
            "z.old": "gardé",
        },
    )
    assert response_text(FORM, response) == [
        ("Lésion", ["Douleur : oui", "Signes : Option x · Option y"]),
        ("", ["Histoire : une", "    ", "    deux"]),
        ("", ["Photo de près : IMG_1.jpg (2,1 Mo)"]),
        ("Autres réponses", ["z.old : gardé"]),
    ]
    assert response_text(FORM, response, Language.EN)[0] == ("Lesion", ["Pain : yes", "Signs : Choice x · Choice y"])


def test_nothing_answered_is_an_empty_text() -> None:
    assert response_text(FORM, answered(FORM, {})) == []


def test_the_labelled_text_names_its_form_and_marks_its_headings() -> None:
    text = labelled_text(FORM, answered(FORM, {"a.bool": False}))
    assert text == "Formulaire : essai 1.0.0\n\n# Lésion\nDouleur : non\n"


def test_a_repeating_text_takes_one_line_an_answer() -> None:
    questionnaire = form(item("a", TEXT, repeats=True, label=Text("Note", "Note")))
    assert response_text(questionnaire, answered(questionnaire, {"a": ("x", "y")})) == [("", ["Note : x", "Note : y"])]


def test_the_summary_is_one_short_line() -> None:
    response = answered(
        DERMATO,
        {
            "d.alerte": True,
            "c.delai": Coding("24h"),
            "c.but": Coding("diagnostic"),
            "d.type": Coding("pigmentee"),
            "c.question": "personne ne lit ceci",
        },
    )
    assert summary(DERMATO, response) == "Dermatologie · ALERTE · 24 h ouvrées · Diagnostic · Lésion pigmentée"
    assert summary(DERMATO, response, Language.EN).startswith("Dermatology · ALERT · 24 working hours")


def test_the_alert_shows_only_when_a_red_flag_forces_a_deadline() -> None:
    assert "ALERTE" not in summary(DERMATO, answered(DERMATO, {"d.alerte": False}))
    mole: dict[str, AnswerValue] = {"d.alerte": False, "d.type": Coding("pigmentee"), "d.abcde": Coding("evolution")}
    assert "ALERTE" not in summary(DERMATO, answered(DERMATO, mole)), "a deadline, yet no red flag"


def test_a_summary_never_runs_over() -> None:
    questionnaire = form(item("a", TEXT, in_summary=True))
    line = summary(questionnaire, answered(questionnaire, {"a": "mot\n" * 500}))
    assert len(line) <= SUMMARY_MAX
    assert "\n" not in line
    assert line.endswith("…")


def test_instructions_hold_every_hash_line_of_both_templates() -> None:
    known = set(instructions(FORM))
    for language in Language:
        written = mail_template(FORM, language) + labelled_text(FORM, answered(FORM, {"a.bool": True}), language)
        assert {line for line in written.split("\n") if line.startswith("#")} <= known


def test_an_instant_is_shown_in_the_readers_zone() -> None:
    questionnaire = form(item("a", ItemType.DATE_TIME, label=Text("Tracé", "Tracing")))
    response = replace(answered(questionnaire, {}), answers={"a": (AUTHORED,)})
    assert response_text(questionnaire, response) == [("", ["Tracé : 20/11/2026 10:00"])]
