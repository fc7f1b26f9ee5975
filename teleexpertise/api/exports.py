"""One request as FHIR R4, for its requester and for the expert who holds it."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from miss.documents.fhir import compose_bundle
from miss.server.api.openapi import Nothing
from miss.server.web.pages import language_of
from teleexpertise.api import models
from teleexpertise.api.callers import Caller
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.exchange import answer_to_share, exchange_of

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class Exports:
    """Taking along."""

    service: Teleexpertise

    async def bundle(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        """Raises RequestUnknown for who may not read what was asked."""
        view = await self.service.reading.view(path.number, caller.practitioner_id, language_of(request))
        answer = answer_to_share(view)
        coded = await self.service.diagnoses.coded(answer) if answer else None
        exchange = exchange_of(view, self.service.parts.platform.public_url, coded)
        return JSONResponse(compose_bundle(exchange), media_type=FHIR_JSON, headers={"Cache-Control": "no-store"})
