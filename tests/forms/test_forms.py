"""The forms that ship: what clinicians wanted asked is asked, in the right order, and nothing passes for approved."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as FhirForm

import forms
from teleexpertise.intake.prefill import begun
from teleexpertise.questionnaire.check import Checked, check
from teleexpertise.questionnaire.compose import compose_questionnaire
from teleexpertise.questionnaire.lint import lint_json
from teleexpertise.questionnaire.model import (
    AnswerValue,
    AttachmentRef,
    Coding,
    FormStatus,
    Item,
    ItemType,
    Questionnaire,
    QuestionnaireResponse,
)
from teleexpertise.questionnaire.parse import parse_questionnaire
from teleexpertise.questionnaire.registry import FormRegistry

ROOT = Path(forms.__file__).parent
FILES = sorted(ROOT.glob("*/*.json"))
REGISTRY = FormRegistry.load(ROOT)
JPEG = AttachmentRef("IMG_1.jpg", "image/jpeg", 2_000_000, "ref")

ASKED = {
    "commun": "delai but question hypothese terrain allergie allergie.detail ttt information opposition "
    "conversion piece patient.nom patient.prenoms patient.naissance patient.sexe patient.lieu "
    "patient.matricule patient.statut",
    "dermatologie": "alerte alerte.action type siege debut evolution signes diametre abcde risque elementaire "
    "medicament medicament.nom essai photo.large photo.proche photo.dermoscope",
    "cardiologie": "alerte alerte.action motif pas pad fc poids nyha atcd fdr ttt bio ecg ecg.date ecg.sympt "
    "ecg.reglage ecg.ref lecture",
    "ophtalmologie": "alerte alerte.action motif cote debut av.od av.og av.corr signes lentilles fluo "
    "collyre.cortisone atcd diabete pio photo.face photo.oeil retino",
    "plaies": "alerte alerte.action serie type siege anciennete date longueur largeur profondeur stade lit exsudat "
    "perilesion infection douleur pouls nutrition pansement pansement.autre refection decharge protocole photo.large "
    "photo.proche",
    "reponse": "decision motif precisions precisions.texte diagnostic certitude conduite orientation "
    "prescription recontact suivi qualite cotation",
}
"""The linkIds of each form, without their first letter: mails and responses in the field depend on them."""

REQUIRED = {
    "commun": "delai but question terrain allergie allergie.detail information patient.nom "
    "patient.prenoms patient.naissance patient.sexe",
    "dermatologie": "alerte alerte.action type siege debut evolution signes diametre abcde medicament "
    "medicament.nom essai photo.large photo.proche",
    "cardiologie": "alerte alerte.action motif pas pad fc poids nyha atcd fdr ttt ecg ecg.date ecg.sympt ecg.reglage",
    "ophtalmologie": "alerte alerte.action motif cote debut av.od av.og av.corr signes lentilles "
    "collyre.cortisone atcd diabete photo.face photo.oeil retino",
    "plaies": "alerte alerte.action serie type siege anciennete longueur largeur stade lit exsudat perilesion "
    "infection douleur pouls pansement pansement.autre refection decharge photo.large photo.proche",
    "reponse": "decision motif precisions diagnostic certitude conduite orientation qualite cotation",
}
LETTERS = {"commun": "c", "dermatologie": "d", "cardiologie": "k", "ophtalmologie": "o", "plaies": "p", "reponse": "r"}
SPECIALTIES = ["cardiologie", "dermatologie", "ophtalmologie", "plaies"]


def named(form_id: str, words: str) -> set[str]:
    return {f"{LETTERS[form_id]}.{word}" for word in words.split()}


def test_every_form_is_listed_here() -> None:
    assert {path.parent.name for path in FILES} == set(ASKED)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_each_file_is_clean_and_is_a_fhir_questionnaire(path: Path) -> None:
    assert lint_json(path.read_bytes()) == ()
    FhirForm.model_validate_json(path.read_bytes())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_nothing_of_a_file_is_lost_by_the_engine(path: Path) -> None:
    assert compose_questionnaire(parse_questionnaire(path.read_bytes())) == json.loads(path.read_bytes())


@pytest.mark.parametrize("form", REGISTRY.forms, ids=lambda form: form.id)
def test_no_form_passes_for_approved_until_a_clinician_signs(form: Questionnaire) -> None:
    assert form.status is FormStatus.DRAFT
    assert not form.approved


@pytest.mark.parametrize("form_id", ASKED)
def test_each_form_asks_what_the_design_asks(form_id: str) -> None:
    form = REGISTRY.latest(form_id)
    assert {item.link_id for item in form.questions()} == named(form_id, ASKED[form_id])
    assert {item.link_id for item in form.questions() if item.required} == named(form_id, REQUIRED[form_id])


@pytest.mark.parametrize("form_id", SPECIALTIES)
def test_a_red_flag_comes_first_forces_24_hours_and_wants_an_action(form_id: str) -> None:
    form, letter = REGISTRY.published(form_id), LETTERS[form_id]
    assert next(form.questions()).link_id == f"{letter}.alerte"
    raised = judged(form, {f"{letter}.alerte": True})
    assert raised.deadline_at_most_hours == 24
    assert f"{letter}.alerte.action" in missing(raised)
    lowered = judged(form, {f"{letter}.alerte": False})
    assert lowered.deadline_at_most_hours is None
    assert f"{letter}.alerte.action" not in missing(lowered)


@pytest.mark.parametrize("form_id", SPECIALTIES)
def test_what_a_form_answers_by_itself_is_never_a_red_flag_nor_an_agreement(form_id: str) -> None:
    form = REGISTRY.published(form_id)
    usual = {link_id: values[0].code for link_id, values in begun(form).items() if isinstance(values[0], Coding)}
    assert usual == {"c.patient.statut": "provisoire"} | ({"p.serie": "premiere"} if form_id == "plaies" else {})
    risky = replace(form, items=tuple(map(_said_beforehand, form.items)))
    assert begun(risky).keys().isdisjoint({f"{LETTERS[form_id]}.alerte", "c.information"})
    assert "c.allergie" in begun(risky)


def _said_beforehand(item: Item) -> Item:
    """With « non » as the usual answer to every question of yes or no."""
    initial = (False,) if item.type is ItemType.BOOLEAN else item.initial
    return replace(item, initial=initial, items=tuple(map(_said_beforehand, item.items)))


@pytest.mark.parametrize("form_id", SPECIALTIES)
def test_without_the_patients_agreement_nothing_is_sent(form_id: str) -> None:
    form = REGISTRY.published(form_id)
    (reason,) = judged(form, {"c.information": False}).blocked
    assert reason.fr.startswith("Le patient")
    assert judged(form, {"c.information": True}).blocked == ()


@pytest.mark.parametrize("form", tuple(REGISTRY.assembled()), ids=lambda form: form.canonical.rpartition("/")[2])
def test_nothing_or_none_excludes_the_others(form: Questionnaire) -> None:
    for item in form.questions():
        nothing = {option.value.code for option in item.options} & {"aucun", "rien"}
        if item.repeats and nothing:
            assert {option.value.code for option in item.options if option.exclusive} == nothing


@pytest.mark.parametrize("form", REGISTRY.forms, ids=lambda form: form.id)
def test_photos_are_guided_and_bounded(form: Questionnaire) -> None:
    for item in form.questions():
        if item.type is ItemType.ATTACHMENT:
            assert item.max_size_bytes == 10_000_000
            assert item.at_most is not None
        if "photo" in item.link_id.split(".") and item.type is ItemType.ATTACHMENT:
            assert item.photo_guide
            assert set(item.mime_types) == {"image/jpeg", "image/png"}


def judged(form: Questionnaire, answers: Mapping[str, AnswerValue | tuple[AnswerValue, ...]]) -> Checked:
    given = {name: value if isinstance(value, tuple) else (value,) for name, value in answers.items()}
    return check(form, QuestionnaireResponse(form.canonical, given, datetime(2026, 11, 20, 9, tzinfo=UTC)))


def missing(checked: Checked) -> set[str]:
    return {problem.link_id for problem in checked.problems if problem.code == "required"}


def codes(*names: str) -> tuple[Coding, ...]:
    return tuple(Coding(name) for name in names)


MOLE: dict[str, AnswerValue | tuple[AnswerValue, ...]] = {
    "d.alerte": False,
    "c.patient.nom": "EXEMPLE",
    "c.patient.prenoms": "Camille",
    "c.patient.naissance": datetime(1985, 7, 12, tzinfo=UTC).date(),
    "c.patient.sexe": Coding("F"),
    "c.delai": Coding("7j"),
    "c.but": Coding("diagnostic"),
    "c.question": "Faut-il retirer cette lésion ?",
    "c.terrain": codes("aucun"),
    "c.allergie": False,
    "c.information": True,
    "d.type": Coding("pigmentee"),
    "d.siege": codes("tronc"),
    "d.debut": Coding("1-6mois"),
    "d.evolution": Coding("extension"),
    "d.signes": codes("aucun"),
    "d.diametre": 7,
    "d.abcde": codes("couleur"),
    "d.essai": codes("rien"),
    "d.photo.large": JPEG,
    "d.photo.proche": (JPEG, JPEG),
}


def test_a_whole_dermatology_request_may_be_sent() -> None:
    checked = judged(REGISTRY.published("dermatologie"), MOLE)
    assert checked.problems == ()
    assert checked.ok
    assert checked.deadline_at_most_hours is None


def test_a_mole_that_changes_or_has_two_criteria_is_answered_within_72_hours() -> None:
    form = REGISTRY.published("dermatologie")
    assert judged(form, MOLE | {"d.abcde": codes("evolution")}).deadline_at_most_hours == 72
    assert judged(form, MOLE | {"d.abcde": codes("couleur", "bords")}).deadline_at_most_hours == 72
    assert judged(form, MOLE | {"d.abcde": codes("evolution"), "d.alerte": True}).deadline_at_most_hours == 24
    other = MOLE | {"d.type": Coding("unique"), "d.abcde": codes("evolution")}
    assert judged(form, other).deadline_at_most_hours is None


def test_each_type_of_lesion_asks_its_own_questions() -> None:
    form = REGISTRY.published("dermatologie")
    rash = judged(form, MOLE | {"d.type": Coding("eruption")})
    assert missing(rash) == {"d.medicament"}
    assert "d.diametre" not in rash.response.answers
    assert missing(judged(form, MOLE | {"d.type": Coding("infection")})) == set()


def test_each_reason_of_the_eye_form_asks_its_own_photos() -> None:
    form = REGISTRY.published("ophtalmologie")

    def photos(reason: str) -> set[str]:
        wanted = missing(judged(form, {"o.motif": Coding(reason)}))
        return wanted & {"o.photo.face", "o.photo.oeil", "o.retino"}

    assert photos("oeil-rouge") == photos("paupiere") == {"o.photo.face", "o.photo.oeil"}
    assert photos("secheresse") == {"o.photo.face"}
    assert photos("depistage-retinopathie") == photos("fond-oeil") == {"o.retino"}
    assert photos("glaucome") == set()


@pytest.mark.parametrize(
    ("decision", "wanted"),
    [
        ("avis", {"r.diagnostic", "r.certitude", "r.conduite", "r.orientation", "r.qualite", "r.cotation"}),
        ("precisions", {"r.precisions", "r.qualite"}),
        ("refus", {"r.motif", "r.qualite"}),
        ("reorientation", {"r.motif", "r.qualite"}),
    ],
)
def test_each_decision_of_the_expert_asks_its_own_questions(decision: str, wanted: set[str]) -> None:
    form = REGISTRY.answer_form(REGISTRY.published("plaies").canonical)
    assert missing(judged(form, {"r.decision": Coding(decision)})) == wanted


def test_the_expert_aims_at_questions_of_the_request() -> None:
    form = REGISTRY.answer_form(REGISTRY.published("plaies").canonical)
    asked = {"r.decision": Coding("precisions"), "r.qualite": Coding("limite")}
    assert judged(form, asked | {"r.precisions": codes("p.photo.proche", "c.ttt")}).ok
    assert not judged(form, asked | {"r.precisions": codes("d.photo.proche")}).ok
