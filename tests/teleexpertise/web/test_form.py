"""Any Questionnaire as fields."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

import pytest

from miss.base.text import Language
from teleexpertise.intake.identity_notes import notes_on_identity
from teleexpertise.questionnaire.check import check
from teleexpertise.questionnaire.model import Answers, AttachmentRef, Coding, QuestionnaireResponse
from teleexpertise.questionnaire.registry import FormRegistry
from teleexpertise.web.form import FieldView, complaints, compose_fields, field_id

REGISTRY = FormRegistry.load(files("forms"))
FORM = REGISTRY.published("dermatologie")


def walk(fields: tuple[FieldView, ...]) -> Iterator[FieldView]:
    for field in fields:
        yield field
        yield from walk(field.fields)


def field(name: str, **changes: object) -> FieldView:
    fields = compose_fields(FORM, {}, language=Language.FR, **changes)  # type: ignore[arg-type]
    return next(one for one in walk(fields) if one.name == name)


@pytest.mark.parametrize("form", REGISTRY.specialties(), ids=lambda form: form.id)
def test_every_question_of_every_form_has_a_field_and_ids_are_unique(form: object) -> None:
    assert isinstance(form, type(FORM))
    shown = list(walk(compose_fields(form, {}, language=Language.FR)))
    assert {one.link_id for one in form.questions() if not one.hidden} <= {one.name for one in shown}
    assert len({one.id for one in shown}) == len(shown)
    assert all(one.label for one in shown)


def test_kinds_follow_the_type() -> None:
    kinds = {"d.alerte": "radio", "d.siege": "checkbox", "d.type": "radio", "c.question": "textarea"}
    kinds |= {"d.diametre": "number", "c.patient.naissance": "date", "d.photo.large": "file"}
    assert {name: field(name).kind for name in kinds} == kinds


def test_a_photograph_opens_the_camera_a_document_does_not() -> None:
    assert field("d.photo.large").opens_camera
    assert not field("c.piece").opens_camera
    assert "application/pdf" in field("c.piece").accept


def test_a_condition_is_told_in_words_and_for_the_script() -> None:
    shown = field("d.diametre")
    assert "Type de lésion = Lésion pigmentée ou Type de lésion = Autre lésion unique" in shown.condition
    rule = json.loads(shown.enable_when)
    assert rule["any"] is True
    assert rule["conditions"][0] == {"question": "d.type", "operator": "=", "answer": "pigmentee"}
    assert json.loads(field("d.alerte.action").enable_when)["conditions"][0]["answer"] == "true"


def test_answers_are_shown_as_controls_hold_them() -> None:
    answers: Answers = {
        "d.alerte": (False,),
        "d.siege": (Coding("tronc"), Coding("cou")),
        "c.patient.naissance": (date(1985, 7, 14),),
        "d.photo.large": (AttachmentRef("vue.jpg", "image/jpeg", 10, "ref-1"),),
    }
    fields = {one.name: one for one in walk(compose_fields(FORM, answers, language=Language.FR))}
    assert [choice.value for choice in fields["d.alerte"].choices if choice.is_chosen] == ["false"]
    assert [choice.value for choice in fields["d.siege"].choices if choice.is_chosen] == ["cou", "tronc"]
    assert fields["c.patient.naissance"].values == ("1985-07-14",)
    assert [file.name for file in fields["d.photo.large"].files] == ["vue.jpg"]


def test_an_instant_is_shown_on_the_clock_of_the_page() -> None:
    form = REGISTRY.published("cardiologie")
    answers = {"k.ecg.date": (datetime(2026, 11, 20, 9, 30, tzinfo=UTC),)}
    fields = {one.name: one for one in walk(compose_fields(form, answers, language=Language.FR))}
    assert fields["k.ecg.date"].values == ("2026-11-20T10:30",)


def test_what_was_typed_is_shown_again_as_it_was() -> None:
    assert field("d.diametre", raw={"d.diametre": ("sept",)}).values == ("sept",)


def test_errors_stand_at_their_field_and_in_the_summary() -> None:
    problems = check(FORM, QuestionnaireResponse(FORM.canonical, {})).problems
    shown = field("d.debut", problems=problems)
    assert shown.errors
    assert "f-d-debut-error" in shown.described_by
    targets = [complaint.target for complaint in complaints(problems, Language.FR)]
    assert field_id("d.debut") in targets
    known = {one.id for one in walk(compose_fields(FORM, {}, language=Language.FR))}
    assert {*targets} <= known, "every line of the summary leads to a field"


def test_pages_speak_english_too() -> None:
    fields = compose_fields(FORM, {}, language=Language.EN)
    assert next(one for one in walk(fields) if one.name == "d.alerte").choices[0].label == "Yes"


def test_limits_stand_beside_the_question_before_anything_is_chosen() -> None:
    assert field("d.photo.large").limits == "Un seul fichier · JPEG, PNG, HEIC"
    close = field("d.photo.proche")
    assert (close.limits, close.at_most, close.guide) == ("1 à 4 fichiers · JPEG, PNG, HEIC", 4, "close")
    assert field("c.piece").limits.startswith("10 fichiers au plus · PDF")
    assert field("c.question").limits == ""


def test_the_red_flag_s_panel_calls_the_emergency_service() -> None:
    assert field("d.alerte.appel").calls_15
    assert not field("d.alerte").calls_15


def test_a_remark_on_the_identity_stands_at_its_question() -> None:
    notes = notes_on_identity({"c.patient.matricule": ("185075918304225",)})
    shown = field("c.patient.matricule", notes=notes)
    assert shown.note is not None
    assert "f-c-patient-matricule-note" in shown.described_by
    assert field("c.patient.nom", notes=notes).note is None


def test_an_instant_is_shown_on_the_reader_s_clock() -> None:
    form = REGISTRY.published("cardiologie")
    answers = {"k.ecg.date": (datetime(2026, 11, 20, 9, 30, tzinfo=UTC),)}
    shown = compose_fields(form, answers, language=Language.FR, zone=ZoneInfo("Indian/Reunion"))
    assert next(one for one in walk(shown) if one.name == "k.ecg.date").values == ("2026-11-20T13:30",)
