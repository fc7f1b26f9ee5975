"""What an export of one request says, before FHIR: neutral values that any service of advice can give."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from miss.documents.identities import PatientIdentity

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Professional:
    """Somebody who asks or answers."""

    national_id: str
    """PS_IdNat: `8` and the RPPS number, `0` and the ADELI number; empty: the register does not know them."""
    family_name: str
    given_name: str = ""
    prefix: str = ""
    specialty: str = ""
    organization: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Statuses:
    """Where a request stands, in the codes of FHIR R4; empty: there is no such thing yet."""

    service_request: str
    task: str = ""
    business: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Advice:
    """The answer."""

    author: Professional
    answered_at: datetime
    version: int
    """Counts what has left; beyond 1 it corrects."""
    conclusion: str
    """The whole advice as text."""
    response: Mapping[str, Any] | None = None
    """FHIR QuestionnaireResponse: the filled form."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Exchange:
    """One request and what became of it.  Instants are aware.  Not shown by `repr`: it would reach the logs."""

    root: str
    """Names the deployment (`https://miss.example`): identifiers of resources follow from it and the number."""
    number: str
    title: str
    """Of the form: what kind of advice was asked."""
    statuses: Statuses
    requester: Professional
    expert: Professional | None
    """Who holds it or answered it; None while nobody does."""
    patient: PatientIdentity | None
    """None in a draft that names nobody."""
    created_at: datetime
    changed_at: datetime
    """When something last happened to it."""
    sent_at: datetime | None = None
    deadline_at: datetime | None = None
    question: str = ""
    response: Mapping[str, Any] | None = None
    """FHIR QuestionnaireResponse of the request."""
    advice: Advice | None = None
