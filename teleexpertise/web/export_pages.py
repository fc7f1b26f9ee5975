"""A request as a file for another software: a FHIR R4 bundle."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.documents.fhir import compose_bundle
from miss.server.web.access import signed_in
from teleexpertise.requests.exchange import answer_to_share, exchange_of
from teleexpertise.web.desk import Desk

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class ExportPages:
    """What its requester and its expert take along."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [Route("/demandes/{number}/fhir.json", self.bundle)]

    @signed_in
    async def bundle(self, request: Request) -> Response:
        """The whole exchange, where it stands; 404 for who may not read what was asked."""
        view, service = await self.desk.view(request), self.desk.service
        answer = answer_to_share(view)
        coded = await service.diagnoses.coded(answer) if answer else None
        exchange = exchange_of(view, service.parts.platform.public_url, coded)
        return JSONResponse(
            compose_bundle(exchange),
            media_type=FHIR_JSON,
            headers={
                "Content-Disposition": f'attachment; filename="{view.request.number}-fhir.json"',
                "Cache-Control": "no-store",
            },
        )
