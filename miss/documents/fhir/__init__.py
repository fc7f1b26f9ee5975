"""FHIR R4 for who wants a request in another system: one mapper from neutral values to a Bundle."""

from miss.documents.fhir.bundle import compose_bundle
from miss.documents.fhir.model import Advice, Exchange, JsonObject, Professional, Statuses

__all__ = ["Advice", "Exchange", "JsonObject", "Professional", "Statuses", "compose_bundle"]
