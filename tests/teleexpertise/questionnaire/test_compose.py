import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from fhir.resources.R4B.questionnaire import Questionnaire as FhirForm
from fhir.resources.R4B.questionnaireresponse import QuestionnaireResponse as FhirResponse
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.text import Text
from teleexpertise.questionnaire.compose import compose_questionnaire, compose_response
from teleexpertise.questionnaire.model import (
    Approval,
    Block,
    Deadline,
    EnableBehavior,
    ItemType,
    Operator,
    Questionnaire,
    QuestionnaireResponse,
    ResponseStatus,
)
from teleexpertise.questionnaire.parse import parse_questionnaire, parse_response
from tests.teleexpertise.questionnaire.samples import (
    AUTHORED,
    DERMATO,
    REAL_FORMS,
    answered,
    every_kind,
    form,
    item,
    responses,
    when,
)

FORMS = [*REAL_FORMS, every_kind()]


@pytest.mark.parametrize("questionnaire", FORMS, ids=lambda one: one.canonical.rpartition("/")[2])
def test_every_form_round_trips_and_fhir_resources_takes_it(questionnaire: Questionnaire) -> None:
    composed = json.dumps(compose_questionnaire(questionnaire))
    assert parse_questionnaire(composed) == questionnaire
    FhirForm.model_validate_json(composed)


def test_rules_approval_and_descent_round_trip() -> None:
    questionnaire = form(
        item("a.b", ItemType.BOOLEAN),
        item("a.d", ItemType.DATE, enable_when=(when("a.b"), when("a.b", False)), enable_behavior=EnableBehavior.ANY),
        description=Text("Pour essai", "For trial"),
        deadlines=(Deadline(24, (when("a.b"), when("a.d", date(2026, 1, 1), Operator.GREATER)), Text("Vite", "Soon")),),
        blocks=(Block((when("a.b", False, Operator.NOT_EQUAL),), Text("Non", "No")),),
        approval=Approval("Dr Exemple, RPPS 99900000011", date(2026, 11, 20)),
        derived_from=("https://a.example|1", "https://b.example|2"),
    )
    composed = compose_questionnaire(questionnaire)
    assert parse_questionnaire(composed) == questionnaire
    FhirForm.model_validate(composed)


@pytest.mark.parametrize("questionnaire", FORMS, ids=lambda one: one.canonical.rpartition("/")[2])
@settings(max_examples=10)
@given(data=st.data())
def test_every_response_round_trips_and_fhir_resources_takes_it(
    questionnaire: Questionnaire, data: st.DataObject
) -> None:
    response = data.draw(responses(questionnaire))
    composed = json.dumps(compose_response(questionnaire, response))
    assert parse_response(composed) == response
    FhirResponse.model_validate_json(composed)


def test_a_response_is_nested_as_its_form_is() -> None:
    composed = compose_response(DERMATO, answered(DERMATO, {"d.alerte": False}))
    group = composed["item"][0]
    assert group["linkId"] == "d.g.alerte"
    assert group["item"][0]["answer"] == [{"valueBoolean": False}]
    assert group["item"][0]["text"].startswith("ALERTE")


def test_answers_to_unknown_questions_are_kept() -> None:
    response = answered(DERMATO, {"z.unknown": "x", "d.alerte": True})
    assert parse_response(compose_response(DERMATO, response)) == response


def test_an_item_that_was_timed_without_an_answer_keeps_its_time() -> None:
    response = QuestionnaireResponse("u|1", {}, None, {"d.alerte": AUTHORED}, ResponseStatus.IN_PROGRESS)
    assert parse_response(compose_response(DERMATO, response)) == response


def test_nothing_answered_is_a_valid_response() -> None:
    composed = compose_response(DERMATO, QuestionnaireResponse(DERMATO.canonical, {}))
    FhirResponse.model_validate(composed)
    assert "item" not in composed


def test_an_offset_with_seconds_is_written_in_utc() -> None:
    local = datetime(1905, 6, 1, 12, 0, tzinfo=ZoneInfo("Europe/Paris"))
    assert (local.utcoffset() or timedelta()).seconds % 60
    composed = compose_response(DERMATO, QuestionnaireResponse("u|1", {}, local))
    assert datetime.fromisoformat(composed["authored"]) == local
    assert composed["authored"].endswith("+00:00")
    assert parse_response(composed).authored == local.astimezone(UTC)
