"""Pages on which an expert comes back to an answer that has left: the form with what it says, the new letter, sending
it; or a word to a requester who asks."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.server.web.access import signed_in
from teleexpertise.answers.service import Prepared
from teleexpertise.requests.reading import View
from teleexpertise.web.answer_form import AnswerForm, letter_text
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.submitted import Submitted, read_submitted

MAX_REPLY_BYTES = 40_000


@dataclass(frozen=True, slots=True)
class CorrectionPages:
    """Annul and replace."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/{number}/corriger", self.show, methods=["GET"]),
            Route("/demandes/{number}/corriger", self.save, methods=["POST"]),
            Route("/demandes/{number}/corriger/apercu", self.preview),
            Route("/demandes/{number}/corriger/envoyer", self.send, methods=["POST"]),
            Route("/demandes/{number}/corriger/abandonner", self.discard, methods=["POST"]),
            Route("/demandes/{number}/repondre-question", self.reply, methods=["POST"]),
        ]

    @property
    def form(self) -> AnswerForm:
        """The form of the correction."""
        return AnswerForm(self.desk, self.desk.service.corrections)

    @signed_in
    async def show(self, request: Request) -> Response:
        """The correction as it was left, or the answer itself."""
        view = await self.form.held(request)
        prepared = await self.desk.service.corrections.open(view.request.id, self.desk.reader(request))
        return await self._page(request, view, prepared)

    @signed_in
    async def save(self, request: Request) -> Response:
        """Keep the correction; on to the preview if nothing is missing."""
        view, submitted = await self.form.held(request), await read_submitted(request)
        prepared = await self.form.save(request, view, submitted)
        if prepared.ok and not prepared.refused_files:
            return to(f"/demandes/{view.request.number}/corriger/apercu")
        return await self._page(request, view, prepared, submitted)

    @signed_in
    async def preview(self, request: Request) -> Response:
        """The letter that would take the place of the one that left."""
        view = await self.form.held(request)
        preview = await self.desk.service.corrections.preview(view.request.id, self.desk.reader(request))
        return await self.desk.render(
            request, "correction_preview.html", view=view, letter=letter_text(preview), successor=preview.successor
        )

    @signed_in
    async def send(self, request: Request) -> Response:
        """It leaves."""
        view = await self.form.held(request)
        await self.desk.service.corrections.send(view.request.id, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def discard(self, request: Request) -> Response:
        """The answer stays as it left."""
        view = await self.form.held(request)
        await self.desk.service.corrections.discard(view.request.id, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def reply(self, request: Request) -> Response:
        """A word to the requester who comes back to the answer, which stays as it left."""
        view, submitted = await self.form.held(request), await read_submitted(request, MAX_REPLY_BYTES)
        await self.desk.service.afterwards.reply(view.request.id, self.desk.reader(request), submitted.first("text"))
        return to(f"/demandes/{view.request.number}")

    async def _page(
        self, request: Request, view: View, prepared: Prepared, submitted: Submitted | None = None
    ) -> Response:
        problems = prepared.problems if submitted else ()
        status = 422 if problems or prepared.refused_files else 200
        shown = self.form.shown(request, prepared, submitted, problems)
        return await self.desk.render(request, "correction.html", status, view=view, **shown)
