"""Answers taken over by another form."""

from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files

from teleexpertise.intake.prefill import asked_again, renewed, same_patient
from teleexpertise.questionnaire.check import check
from teleexpertise.questionnaire.model import AttachmentRef, Coding, QuestionnaireResponse
from teleexpertise.questionnaire.registry import FormRegistry

REGISTRY = FormRegistry.load(files("forms"))
DERMATOLOGY, WOUNDS = REGISTRY.published("dermatologie"), REGISTRY.published("plaies")
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ASKED = QuestionnaireResponse(
    DERMATOLOGY.canonical,
    {
        "d.alerte": (True,),
        "d.alerte.action": (Coding("samu"),),
        "c.patient.nom": ("FICTIF",),
        "c.patient.naissance": (date(1985, 7, 14),),
        "c.question": ("Faut-il ?",),
        "c.information": (True,),
        "d.siege": (Coding("tronc"), Coding("cou")),
        "d.photo.large": (AttachmentRef("vue.jpg", "image/jpeg", 10, "ref-1"),),
    },
    answered_at={"c.question": AT, "d.siege": AT},
)


def test_asking_again_takes_all_but_red_flags_agreement_and_photographs() -> None:
    taken = asked_again(ASKED, DERMATOLOGY)
    assert taken.keys() == {"c.patient.nom", "c.patient.naissance", "c.question", "d.siege"}


def test_the_same_patient_is_the_identity_alone_on_whatever_form() -> None:
    assert same_patient(ASKED, WOUNDS).keys() == {"c.patient.nom", "c.patient.naissance"}


def test_another_version_takes_what_it_still_asks_and_loses_nothing_of_the_rest() -> None:
    kept, left = renewed(ASKED, WOUNDS, DERMATOLOGY)
    assert kept.questionnaire == WOUNDS.canonical
    assert kept.answers["c.question"] == ("Faut-il ?",)
    assert kept.answered_at == {"c.question": AT}
    assert "Siège : Tronc · Cou" in left
    assert "vue.jpg" in left
    assert not {problem.code for problem in check(WOUNDS, kept).problems} & {"unknown_item", "wrong_type", "other_form"}


def test_an_option_that_is_gone_is_told_in_words() -> None:
    item = DERMATOLOGY.item("d.siege")
    shorter = replace(item, options=tuple(option for option in item.options if option.value.code != "cou"))
    group = next(group for group in DERMATOLOGY.items if item in group.items)
    newer_group = replace(group, items=tuple(shorter if one is item else one for one in group.items))
    newer = replace(DERMATOLOGY, items=tuple(newer_group if one is group else one for one in DERMATOLOGY.items))
    kept, left = renewed(ASKED, newer, DERMATOLOGY)
    assert kept.answers["d.siege"] == (Coding("tronc"),)
    assert left == "Siège : Cou"


def test_answers_to_a_form_that_nobody_has_any_more_are_told_by_their_codes() -> None:
    _, left = renewed(QuestionnaireResponse("u|0", {"x.y": (Coding("z"),), "x.n": (3,)}), WOUNDS, None)
    assert left == "x.y : z\nx.n : 3"
