"""A request as files for another software: a FHIR R4 bundle, a PDF, an IHE XDM archive, or a mail to oneself."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.documents.fhir import compose_bundle
from miss.documents.mssante import ARCHIVE_NAME
from miss.mail.outbound import OutboundAttachment
from miss.server.web.access import signed_in
from teleexpertise.requests.acting import Act
from teleexpertise.requests.exchange import answer_to_share, exchange_of
from teleexpertise.web.desk import Desk, to

FHIR_JSON = "application/fhir+json"


@dataclass(frozen=True, slots=True)
class ExportPages:
    """What its requester and its expert take along."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/{number}/fhir.json", self.bundle),
            Route("/demandes/{number}/demande.pdf", self.pdf),
            Route(f"/demandes/{{number}}/{ARCHIVE_NAME}", self.archive),
            Route("/demandes/{number}/copie", self.copy, methods=["POST"]),
        ]

    @signed_in
    async def bundle(self, request: Request) -> Response:
        """The whole exchange, where it stands; 404 for who may not read what was asked."""
        view, service = await self.desk.asked_view(request, Act.EXPORT), self.desk.service
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

    @signed_in
    async def pdf(self, request: Request) -> Response:
        """The request on paper; 404 as `bundle`."""
        view, asker = await self.desk.asked_view(request, Act.EXPORT), self.desk.asker(request, Act.EXPORT)
        return _file(await self.desk.service.documents.pdf(view, asker.hand))

    @signed_in
    async def archive(self, request: Request) -> Response:
        """The request as a structured document; 404 as `bundle`."""
        view, asker = await self.desk.asked_view(request, Act.EXPORT), self.desk.asker(request, Act.EXPORT)
        return _file(await self.desk.service.documents.archive(view, asker.hand))

    @signed_in
    async def copy(self, request: Request) -> Response:
        """The request to one's own mailbox; 404 as `bundle`."""
        view = await self.desk.view(request)
        await self.desk.service.documents.send_copy(view, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}?copie")


def _file(file: OutboundAttachment) -> Response:
    """For download.  Its name is of ASCII letters, digits, hyphens and bars."""
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"', "Cache-Control": "no-store"}
    return Response(file.content, media_type=file.mime_type, headers=headers)
