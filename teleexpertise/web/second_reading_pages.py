"""Pages of second readings: asking for one, the blinded copy, the opinion."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.server.web.access import signed_in
from teleexpertise.attachments.service import JPEG
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.reading import Reader
from teleexpertise.second_reading.blinding import REQUESTER
from teleexpertise.second_reading.errors import SecondReadingUnknown, WordsMissing
from teleexpertise.second_reading.model import OPINION_CHARS
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.form import Complaint
from teleexpertise.web.shared_pages import FILE_HEADERS
from teleexpertise.web.shown import show_response
from teleexpertise.web.submitted import read_submitted

MAX_FORM_BYTES = 40_000


@dataclass(frozen=True, slots=True)
class SecondReadingPages:
    """The expert who asks, and the colleague who reads."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/{number}/seconde-lecture", self.ask, methods=["POST"]),
            Route("/secondes-lectures", self.list_asked),
            Route("/secondes-lectures/{reading}", self.show),
            Route("/secondes-lectures/{reading}/photos/{rank}", self.photo),
            Route("/secondes-lectures/{reading}/rendre", self.give, methods=["POST"]),
            Route("/secondes-lectures/{reading}/decliner", self.decline, methods=["POST"]),
        ]

    @signed_in
    async def ask(self, request: Request) -> Response:
        """Have a colleague look at it."""
        view = await self.desk.view(request)
        if view.reader is Reader.REQUESTER:
            raise RequestUnknown
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        await self.desk.service.second_readings.ask(
            view.request.id, self.desk.reader(request), submitted.first("question")
        )
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def list_asked(self, request: Request) -> Response:
        """What colleagues ask the reader to look at."""
        asked = await self.desk.service.second_readings.list_asked(self.desk.reader(request))
        return await self.desk.render(
            request, "second_readings.html", asked=asked, ending=request.query_params.get("fin", "")
        )

    @signed_in
    async def show(self, request: Request) -> Response:
        """The blinded copy and the form of the opinion."""
        return await self._page(request)

    @signed_in
    async def photo(self, request: Request) -> Response:
        """A photograph of the copy."""
        rank: str = request.path_params["rank"]
        if not (rank.isascii() and rank.isdigit()):
            raise SecondReadingUnknown
        content = await self.desk.service.second_readings.photo(
            request.path_params["reading"], self.desk.reader(request), int(rank)
        )
        return Response(content, media_type=JPEG, headers={**FILE_HEADERS, "Content-Disposition": "inline"})

    @signed_in
    async def give(self, request: Request) -> Response:
        """The opinion, for the expert who answers."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        opinion = submitted.first("opinion")
        try:
            await self.desk.service.second_readings.give(
                request.path_params["reading"],
                self.desk.reader(request),
                opinion,
                discloses_name=submitted.first("nom") == "oui",
            )
        except WordsMissing as error:
            sentence = error.sentence(self.desk.language(request))
            return await self._page(request, [Complaint(sentence, "opinion")], opinion)
        return to("/secondes-lectures?fin=rendue")

    @signed_in
    async def decline(self, request: Request) -> Response:
        """It goes to the next reader."""
        await self.desk.service.second_readings.decline(request.path_params["reading"], self.desk.reader(request))
        return to("/secondes-lectures?fin=declinee")

    async def _page(self, request: Request, complaints: list[Complaint] | None = None, opinion: str = "") -> Response:
        reading_id, language = request.path_params["reading"], self.desk.language(request)
        copy = await self.desk.service.second_readings.read(reading_id, self.desk.reader(request))
        said = [
            (one, show_response(copy.form, one.response, language) if one.response else (), one.role == REQUESTER)
            for one in copy.said
        ]
        return await self.desk.render(
            request,
            "second_reading.html",
            422 if complaints else 200,
            copy=copy,
            blocks=show_response(copy.form, copy.blinded.response, language),
            said=said,
            limit=OPINION_CHARS,
            complaints=complaints or [],
            opinion=opinion,
        )
