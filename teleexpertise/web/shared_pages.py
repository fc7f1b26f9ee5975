"""Pages that several roles read: one request, its files, its answer."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Language
from miss.server.web.access import signed_in
from teleexpertise.attachments.service import PDF
from teleexpertise.questionnaire.compose import compose_response
from teleexpertise.requests.acting import Capacity
from teleexpertise.requests.break_glass.model import GLASS_LABELS
from teleexpertise.requests.content import Note, response_of
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.labels import DECLINE_LABELS
from teleexpertise.requests.reading import Reader, Seen
from teleexpertise.requests.signing import asked_by, name_of, signed_name
from teleexpertise.web.desk import HOME, Desk
from teleexpertise.web.expected_words import expected_of
from teleexpertise.web.life import life_of
from teleexpertise.web.mail_trace import mails_of
from teleexpertise.web.shown import Block, show_response, show_timeline
from teleexpertise.web.steering_pages import steering_of
from teleexpertise.web.talk import talk_of

FHIR_JSON = "application/fhir+json"
FILE_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=300",
}
"""A file shown is never a page: no script, no frame, and no shared cache keeps it."""


@dataclass(frozen=True, slots=True)
class SharedPages:
    """One request, whoever reads it."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/", self.home),
            Route("/demandes/{number}", self.show),
            Route("/demandes/{number}/pieces/{ref}", self.file),
            Route("/demandes/{number}/reponse.json", self.answer_json),
        ]

    @signed_in
    async def home(self, request: Request) -> Response:
        """Requests are what everybody has."""
        self.desk.asker(request)
        return RedirectResponse(f"{HOME}/demandes", 303)

    @signed_in
    async def show(self, request: Request) -> Response:
        """A request as its reader may see it."""
        view, language = await self.desk.asked_view(request), self.desk.language(request)
        asker, seen = self.desk.asker(request), view.seen
        response = seen.answer_response if seen else None

        def signed(note: Note) -> str:
            return signed_name(view, note.author, note.through, language)

        return await self.desk.render(
            request,
            "request.html",
            view=view,
            blocks=show_response(seen.form, seen.response, language) if seen and seen.form and seen.response else (),
            beside=self._beside(seen, language) if seen else (),
            answer_blocks=show_response(seen.answer_form, response, language)
            if seen and seen.answer_form and response
            else (),
            timeline=show_timeline(view, language),
            expected=await expected_of(self.desk, request, view),
            talk=await talk_of(self.desk, view),
            asked_by=asked_by(view, language),
            answered_by=name_of(view, seen.answer.answered_by) if seen and seen.answer else "",
            signed=signed,
            is_requester=view.reader is Reader.REQUESTER,
            is_shared=asker.capacity is Capacity.MEMBER,
            is_acting=asker.through is not None,
            is_holder=view.reader is Reader.HOLDER,
            decline_labels=DECLINE_LABELS,
            glass_labels=GLASS_LABELS,
            submission_key=self.desk.service.parts.new_id(),
            copied="copie" in request.query_params,
            **await steering_of(self.desk, view, language),
            **await life_of(self.desk, view, language),
            **await mails_of(self.desk, view, language),
        )

    def _beside(self, seen: Seen, language: Language) -> list[tuple[Block, ...]]:
        """What arrived again with another content, each by its own form."""
        shown = []
        for content in seen.beside:
            response = response_of(content)
            form = self.desk.service.registry.find(response.questionnaire) if response else None
            if form is not None and response is not None:
                shown.append(show_response(form, response, language))
        return shown

    @signed_in
    async def file(self, request: Request) -> Response:
        """A file of a request; documents are offered for download, photographs are shown."""
        number, ref, asker = request.path_params["number"], request.path_params["ref"], self.desk.asker(request)
        file, content = await self.desk.service.reading.file(number, asker.id, ref, through=asker.through)
        disposition = f'attachment; filename="{number}-{ref[-12:]}.pdf"' if file.mime == PDF else "inline"
        headers = {**FILE_HEADERS, "Content-Disposition": disposition}
        return Response(content, media_type=file.mime, headers=headers)

    @signed_in
    async def answer_json(self, request: Request) -> Response:
        """The expert's answer as a FHIR R4 QuestionnaireResponse, for whoever may read it; 404 while there is none."""
        seen = (await self.desk.asked_view(request)).seen
        if seen is None or seen.answer_form is None or seen.answer_response is None:
            raise RequestUnknown
        coded = await self.desk.service.diagnoses.coded(seen.answer_response)
        resource = compose_response(seen.answer_form, coded)
        return JSONResponse(resource, media_type=FHIR_JSON, headers={"Cache-Control": "no-store"})
