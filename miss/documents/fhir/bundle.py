"""One request as a FHIR R4 Bundle: the only place where MiSS turns its values into exchanged resources (ADR 9).

Plain R4, no profile: the guide « Confluences Téléexpertise » holds placeholders still, and the day it does not, its
canonicals come in here.  The same exchange gives the same bundle.

Source: FHIR R4 §10.1 (ServiceRequest), §12.2 (Task), §10.3 (DiagnosticReport), §6.3 (Provenance).
"""

from datetime import UTC, datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from miss.documents.fhir.model import Advice, Exchange, JsonObject, Professional
from miss.documents.fhir.people import patient, practitioner, practitioner_role
from miss.documents.letter import TLM_CR_CODE, TLM_DA_CODE

LOINC: Final = "http://loinc.org"
PARTICIPANT: Final = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
_REQUEST: Final = {"system": LOINC, "code": TLM_DA_CODE}


def compose_bundle(exchange: Exchange) -> JsonObject:
    """The Bundle (`collection`): who, about whom, what was asked, where it stands, what was answered."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"system": exchange.root, "value": exchange.number},
        "timestamp": _instant(exchange.changed_at),
        "entry": [
            {"fullUrl": _address(exchange, name), "resource": resource}
            for name, resource in _resources(exchange).items()
        ],
    }


def _resources(exchange: Exchange) -> dict[str, JsonObject]:
    """By the name under which they refer to one another."""
    found: dict[str, JsonObject] = {}
    if exchange.patient is not None:
        found["patient"] = patient(exchange.patient)
    found |= _person(exchange, "requester", exchange.requester)
    if exchange.expert is not None:
        found |= _person(exchange, "expert", exchange.expert)
    if exchange.advice is not None and exchange.advice.author != exchange.expert:
        found |= _person(exchange, "author", exchange.advice.author)
    found["request"] = _service_request(exchange)
    if exchange.response is not None:
        about = {"authored": _instant(exchange.sent_at or exchange.created_at)}
        found["question"] = _filled(exchange, dict(exchange.response) | about, "requester")
    if exchange.statuses.task:
        found["task"] = _task(exchange)
    if exchange.sent_at is not None:
        found["request-provenance"] = _provenance(exchange, ["request"], "requester", exchange.sent_at)
    return found | (_answered(exchange, exchange.advice) if exchange.advice is not None else {})


def _answered(exchange: Exchange, advice: Advice) -> dict[str, JsonObject]:
    """The report, the filled form, and who answers for them."""
    found: dict[str, JsonObject] = {"report": _report(exchange, advice)}
    author = _author(exchange, advice)
    if advice.response is not None:
        found["answer"] = _filled(exchange, dict(advice.response) | {"authored": _instant(advice.answered_at)}, author)
    found["report-provenance"] = _provenance(exchange, list(found), author, advice.answered_at)
    return found


def _author(exchange: Exchange, advice: Advice) -> str:
    return "expert" if advice.author == exchange.expert else "author"


def _person(exchange: Exchange, name: str, who: Professional) -> dict[str, JsonObject]:
    person = f"{name}-person"
    return {person: practitioner(who), name: practitioner_role(who, _reference(exchange, person))}


def _service_request(exchange: Exchange) -> JsonObject:
    resource: JsonObject = {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": exchange.root, "value": exchange.number}],
        "status": exchange.statuses.service_request,
        "intent": "order",
        "code": {"coding": [_REQUEST], "text": exchange.title or exchange.number},
        **_subject(exchange),
        "authoredOn": _instant(exchange.sent_at or exchange.created_at),
        "requester": _reference(exchange, "requester"),
    }
    if exchange.expert is not None:
        resource["performer"] = [_reference(exchange, "expert")]
    if exchange.question.strip():
        resource["reasonCode"] = [{"text": exchange.question}]
    if exchange.response is not None:
        resource["supportingInfo"] = [_reference(exchange, "question")]
    return resource


def _task(exchange: Exchange) -> JsonObject:
    resource: JsonObject = {
        "resourceType": "Task",
        "status": exchange.statuses.task,
        **({"businessStatus": {"text": exchange.statuses.business}} if exchange.statuses.business else {}),
        "intent": "order",
        "focus": _reference(exchange, "request"),
        **({"for": _reference(exchange, "patient")} if exchange.patient is not None else {}),
        "authoredOn": _instant(exchange.sent_at or exchange.created_at),
        "lastModified": _instant(exchange.changed_at),
        "requester": _reference(exchange, "requester"),
    }
    if exchange.expert is not None:
        resource["owner"] = _reference(exchange, "expert")
    if exchange.deadline_at is not None:
        resource["restriction"] = {"period": {"end": _instant(exchange.deadline_at)}}
    if exchange.advice is not None:
        output = {"type": {"text": "DiagnosticReport"}, "valueReference": _reference(exchange, "report")}
        resource["output"] = [output]
    return resource


def _report(exchange: Exchange, advice: Advice) -> JsonObject:
    return {
        "resourceType": "DiagnosticReport",
        "identifier": [{"system": exchange.root, "value": f"{exchange.number}.{advice.version}"}],
        "basedOn": [_reference(exchange, "request")],
        "status": "final" if advice.version == 1 else "corrected",
        "code": {"coding": [{"system": LOINC, "code": TLM_CR_CODE}], "text": "CR de télémédecine"},
        **_subject(exchange, is_required=False),
        "issued": _instant(advice.answered_at),
        "performer": [_reference(exchange, _author(exchange, advice))],
        "conclusion": advice.conclusion,
    }


def _filled(exchange: Exchange, response: JsonObject, author: str) -> JsonObject:
    """A QuestionnaireResponse that says whose it is and what it belongs to."""
    return response | {
        "basedOn": [_reference(exchange, "request")],
        **_subject(exchange, is_required=False),
        "author": _reference(exchange, author),
    }


def _provenance(exchange: Exchange, targets: list[str], author: str, at: datetime) -> JsonObject:
    role = {"coding": [{"system": PARTICIPANT, "code": "author"}]}
    return {
        "resourceType": "Provenance",
        "target": [_reference(exchange, target) for target in targets],
        "recorded": _instant(at),
        "agent": [{"type": role, "who": _reference(exchange, author)}],
    }


def _subject(exchange: Exchange, *, is_required: bool = True) -> JsonObject:
    """ServiceRequest needs one: somebody unknown while a draft names nobody."""
    if exchange.patient is not None:
        return {"subject": _reference(exchange, "patient")}
    return {"subject": {"display": "Patient non renseigné"}} if is_required else {}


def _reference(exchange: Exchange, name: str) -> JsonObject:
    return {"reference": _address(exchange, name)}


def _address(exchange: Exchange, name: str) -> str:
    """The same for the same deployment, request and part of it."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'{exchange.root}/{exchange.number}/{name}')}"


def _instant(moment: datetime) -> str:
    """To the second, in UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
