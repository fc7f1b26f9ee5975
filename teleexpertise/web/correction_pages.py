"""Pages on which an expert comes back to an answer that has left: the form with what it says, the new letter, sending
it; or a word to a requester who asks."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.documents.hprim import compose_hprim
from miss.server.web.access import signed_in
from teleexpertise.answers.service import Prepared
from teleexpertise.questionnaire.parse_form import parse_form_data
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.reading import Reader, View
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.expert_pages import refused_complaints
from teleexpertise.web.form import complaints, compose_fields
from teleexpertise.web.submitted import KEY, Submitted, kept_files, read_submitted

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

    @signed_in
    async def show(self, request: Request) -> Response:
        """The correction as it was left, or the answer itself."""
        view = await self._answered(request)
        prepared = await self.desk.service.corrections.open(view.request.id, self.desk.reader(request))
        return await self._page(request, view, prepared)

    @signed_in
    async def save(self, request: Request) -> Response:
        """Keep the correction; on to the preview if nothing is missing."""
        view, reader = await self._answered(request), self.desk.reader(request)
        corrections = self.desk.service.corrections
        before = await corrections.open(view.request.id, reader)
        submitted = await read_submitted(request)
        parsed = parse_form_data(
            before.form, submitted.fields, kept_files(before.form, before.response.answers, submitted)
        )
        prepared = await corrections.save(
            view.request.id,
            reader,
            source=submitted.first(KEY) or self.desk.service.parts.new_id(),
            answers=parsed.answers,
            answered_at={**before.response.answered_at, **parsed.answered_at},
            files=submitted.files,
            problems=parsed.problems,
        )
        if prepared.ok and not prepared.refused_files:
            return to(f"/demandes/{view.request.number}/corriger/apercu")
        return await self._page(request, view, prepared, submitted)

    @signed_in
    async def preview(self, request: Request) -> Response:
        """The letter that would take the place of the one that left."""
        view = await self._answered(request)
        preview = await self.desk.service.corrections.preview(view.request.id, self.desk.reader(request))
        text = compose_hprim(preview.letter).decode("iso-8859-1") if preview.letter else ""
        return await self.desk.render(
            request,
            "correction_preview.html",
            view=view,
            letter=text.replace("\r\n", "\n"),
            successor=preview.successor,
        )

    @signed_in
    async def send(self, request: Request) -> Response:
        """It leaves."""
        view = await self._answered(request)
        await self.desk.service.corrections.send(view.request.id, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def discard(self, request: Request) -> Response:
        """The answer stays as it left."""
        view = await self._answered(request)
        await self.desk.service.corrections.discard(view.request.id, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def reply(self, request: Request) -> Response:
        """A word to the requester who comes back to the answer, which stays as it left."""
        view, submitted = await self._answered(request), await read_submitted(request, MAX_REPLY_BYTES)
        await self.desk.service.afterwards.reply(view.request.id, self.desk.reader(request), submitted.first("text"))
        return to(f"/demandes/{view.request.number}")

    async def _answered(self, request: Request) -> View:
        """The request, for the expert who answered it only."""
        view = await self.desk.view(request)
        if view.reader is not Reader.HOLDER:
            raise RequestUnknown
        return view

    async def _page(
        self, request: Request, view: View, prepared: Prepared, submitted: Submitted | None = None
    ) -> Response:
        language = self.desk.language(request)
        problems = prepared.problems if submitted else ()
        refused = refused_complaints(prepared.refused_files, self.desk, request)
        return await self.desk.render(
            request,
            "correction.html",
            422 if problems or refused else 200,
            view=view,
            fields=compose_fields(
                prepared.form,
                prepared.response.answers,
                language=language,
                problems=problems,
                raw=submitted.fields if submitted else None,
            ),
            complaints=[*complaints(problems, language), *refused],
            submission_key=self.desk.service.parts.new_id(),
        )
