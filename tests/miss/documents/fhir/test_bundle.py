"""One exchange as a FHIR R4 Bundle, judged by fhir.resources and by its own references."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from miss.documents.fhir import Advice, Exchange, Professional, Statuses, compose_bundle
from miss.documents.identities import InsStatus
from tests.miss.documents.fictive import PATIENT
from tests.miss.documents.structured import UNKNOWN

PAUL = Professional(
    national_id="899900000029",
    family_name="EXEMPLE",
    given_name="Paul",
    prefix="Dr",
    specialty="Médecine générale",
    organization="CABINET FICTIF",
)
ANNE = Professional(national_id="0599990001", family_name="MODELE")
FORM = "https://miss.example/forms/dermatologie|1.0.0"
FILLED = {
    "resourceType": "QuestionnaireResponse",
    "questionnaire": FORM,
    "status": "completed",
    "item": [{"linkId": "c.question", "answer": [{"valueString": "Que faire ?"}]}],
}
ASKED_AT, ANSWERED_AT = datetime(2026, 11, 18, 9, tzinfo=UTC), datetime(2026, 11, 20, 9, 15, tzinfo=UTC)
ASKED = Exchange(
    root="https://miss.example",
    number="TE26000417",
    title="Dermatologie",
    statuses=Statuses(service_request="active", task="in-progress", business="in_progress"),
    requester=PAUL,
    expert=ANNE,
    patient=PATIENT,
    created_at=ASKED_AT,
    changed_at=ASKED_AT,
    sent_at=ASKED_AT,
    deadline_at=ANSWERED_AT,
    question="Que faire ?",
    response=FILLED,
)
ADVICE = Advice(author=ANNE, answered_at=ANSWERED_AT, version=1, conclusion="AVIS\nSurveillance.", response=FILLED)
ANSWERED = replace(ASKED, statuses=Statuses(service_request="completed", task="completed"), advice=ADVICE)
DRAFT = replace(
    ASKED, statuses=Statuses(service_request="draft"), expert=None, patient=None, sent_at=None, deadline_at=None,
    question=" ", response=None, title="",
)  # fmt: skip
EXCHANGES = {
    "draft": DRAFT,
    "asked": ASKED,
    "answered": ANSWERED,
    "corrected by another": replace(ANSWERED, advice=replace(ADVICE, author=PAUL, version=2)),
    "without ins": replace(ASKED, patient=UNKNOWN),
    "used name": replace(ASKED, patient=replace(PATIENT, used_family_name="D’USAGE")),
    "without form": replace(ANSWERED, response=None, advice=replace(ADVICE, response=None)),
}


def resources(exchange: Exchange, kind: str) -> list[dict[str, Any]]:
    entries = compose_bundle(exchange)["entry"]
    return [entry["resource"] for entry in entries if entry["resource"]["resourceType"] == kind]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if "reference" in value:
            yield value["reference"]
        for part in value.values():
            yield from references(part)
    elif isinstance(value, list):
        for part in value:
            yield from references(part)


@pytest.mark.parametrize("exchange", EXCHANGES.values(), ids=EXCHANGES)
def test_fhir_resources_takes_it_and_every_reference_leads_somewhere(exchange: Exchange) -> None:
    bundle = compose_bundle(exchange)
    assert Bundle.model_validate(bundle).type == "collection"
    addresses = [entry["fullUrl"] for entry in bundle["entry"]]
    assert len(set(addresses)) == len(addresses)
    assert set(references(bundle)) <= set(addresses)


def test_the_same_exchange_gives_the_same_bundle_and_another_deployment_others() -> None:
    assert compose_bundle(ANSWERED) == compose_bundle(ANSWERED)
    elsewhere = compose_bundle(replace(ANSWERED, root="https://other.example"))
    assert {entry["fullUrl"] for entry in elsewhere["entry"]}.isdisjoint(
        entry["fullUrl"] for entry in compose_bundle(ANSWERED)["entry"]
    )


def test_statuses_are_those_given() -> None:
    (request,), (task,) = resources(ASKED, "ServiceRequest"), resources(ASKED, "Task")
    assert (request["status"], task["status"], task["businessStatus"]) == (
        "active",
        "in-progress",
        {"text": "in_progress"},
    )
    assert task["restriction"] == {"period": {"end": "2026-11-20T09:15:00+00:00"}}
    assert resources(DRAFT, "Task") == []


def test_a_matricule_leaves_with_a_qualified_identity_only() -> None:
    (whole,) = resources(ASKED, "Patient")
    assert whole["identifier"][0] == {
        "use": "official", "system": "urn:oid:1.2.250.1.213.1.4.10", "value": "185075918304224",
    }  # fmt: skip
    for patient in (UNKNOWN, replace(PATIENT, status=InsStatus.VALIDEE)):
        assert "identifier" not in resources(replace(ASKED, patient=patient), "Patient")[0]
    (traits,) = resources(replace(ASKED, patient=UNKNOWN), "Patient")
    assert traits["gender"] == "unknown"


def test_people_are_known_by_their_national_numbers() -> None:
    numbers = [person["identifier"][0] for person in resources(ASKED, "Practitioner")]
    assert numbers == [
        {"system": "https://rpps.esante.gouv.fr", "value": "99900000029"},
        {"system": "https://adeli.esante.gouv.fr", "value": "599990001"},
    ]


def test_the_answer_is_a_report_and_its_author_answers_for_it() -> None:
    (report,) = resources(ANSWERED, "DiagnosticReport")
    assert (report["status"], report["conclusion"]) == ("final", "AVIS\nSurveillance.")
    assert [form["author"] for form in resources(ANSWERED, "QuestionnaireResponse")] == [
        resources(ANSWERED, "ServiceRequest")[0]["requester"],
        report["performer"][0],
    ]
    _, signed = resources(ANSWERED, "Provenance")
    assert signed["agent"][0]["who"] == report["performer"][0]
    assert len(signed["target"]) == 2


def test_a_corrected_answer_says_so() -> None:
    (report,) = resources(EXCHANGES["corrected by another"], "DiagnosticReport")
    assert report["status"] == "corrected"
    assert report["identifier"][0]["value"] == "TE26000417.2"
    assert report["performer"] != resources(ANSWERED, "DiagnosticReport")[0]["performer"]
