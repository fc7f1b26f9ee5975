"""Pages of requesters: their requests, a new one, completing a draft, adding a word, taking it back."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.server.web.access import signed_in
from miss.server.web.sessions import require_signed_in
from teleexpertise.intake.assessment import Arrived, read_kept_text
from teleexpertise.intake.service import Submission, Taken
from teleexpertise.questionnaire.errors import UnknownForm
from teleexpertise.questionnaire.model import Problem, Questionnaire
from teleexpertise.questionnaire.parse_form import parse_form_data
from teleexpertise.requests.errors import RequestUnknown, WordMissing
from teleexpertise.requests.model import State
from teleexpertise.requests.reading import Reader, View
from teleexpertise.requests.service import Word
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.expert_pages import refused_complaints
from teleexpertise.web.form import Complaint, complaints, compose_fields
from teleexpertise.web.submitted import KEY, Submitted, kept_files, read_submitted


@dataclass(frozen=True, slots=True)
class RequesterPages:
    """The requester's side."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes", self.own),
            Route("/demandes/nouvelle", self.choose_form, methods=["GET"]),
            Route("/demandes/nouvelle", self.start, methods=["POST"]),
            Route("/demandes/{number}/completer", self.show_draft, methods=["GET"]),
            Route("/demandes/{number}/completer", self.complete, methods=["POST"]),
            Route("/demandes/{number}/ajouter", self.add, methods=["POST"]),
            Route("/demandes/{number}/annuler", self.revoke, methods=["POST"]),
        ]

    @signed_in
    async def own(self, request: Request) -> Response:
        """What the requester asked."""
        listed = await self.desk.service.reading.own(self.desk.reader(request))
        return await self.desk.render(request, "own.html", listed=listed)

    @signed_in
    async def choose_form(self, request: Request) -> Response:
        """The specialties there are."""
        self.desk.reader(request)
        return await self.desk.render(
            request,
            "new.html",
            forms=self.desk.service.registry.specialties(),
            submission_key=self.desk.service.parts.new_id(),
        )

    @signed_in
    async def start(self, request: Request) -> Response:
        """An empty draft, to be completed."""
        submitted = await read_submitted(request)
        form = self.desk.service.registry.named(submitted.first("form"))
        if form is None:
            raise UnknownForm(form=submitted.first("form")[:80])
        taken = await self.desk.service.intake.take(self._submission(request, submitted, form))
        return to(f"/demandes/{taken.request.number}/completer")

    @signed_in
    async def show_draft(self, request: Request) -> Response:
        """The draft's form, with all that was written already."""
        view = await self._own(request)
        if view.request.state is not State.DRAFT:
            return to(f"/demandes/{view.request.number}")
        form = self._form(view, request.query_params.get("formulaire", ""))
        if form is None:
            return await self.desk.render(
                request, "draft_form.html", view=view, forms=self.desk.service.registry.specialties()
            )
        return await self._draft_page(request, view, form)

    @signed_in
    async def complete(self, request: Request) -> Response:
        """Keep what was written; send it if nothing is missing."""
        view = await self._own(request)
        submitted = await read_submitted(request)
        form = self._form(view, submitted.first("formulaire"))
        if form is None:
            raise UnknownForm(form=submitted.first("formulaire")[:80])
        taken = await self.desk.service.intake.take(self._submission(request, submitted, form, view))
        if taken.is_duplicate or taken.request.state is not State.DRAFT:
            return to(f"/demandes/{taken.request.number}")
        return await self._draft_page(request, await self.desk.view(request), form, submitted, taken)

    @signed_in
    async def add(self, request: Request) -> Response:
        """A word or a file more."""
        view = await self._own(request)
        submitted = await read_submitted(request)
        text = submitted.first("text")
        if not text and not submitted.files:
            raise WordMissing(number=view.request.number)
        word = Word(
            source=submitted.first(KEY) or self.desk.service.parts.new_id(),
            author=self.desk.reader(request),
            text=text,
            files=submitted.files,
        )
        _, refused = await self.desk.service.requests.add(view.request.id, word)
        if refused:
            raise refused[0].error
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def revoke(self, request: Request) -> Response:
        """Take it back."""
        view = await self._own(request)
        await self.desk.service.requests.revoke(view.request.id, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}")

    async def _own(self, request: Request) -> View:
        """The request, for its requester only."""
        view = await self.desk.view(request)
        if view.reader is not Reader.REQUESTER:
            raise RequestUnknown
        return view

    def _form(self, view: View, chosen: str) -> Questionnaire | None:
        """The draft's form; one chosen on the page where the draft names none."""
        registry = self.desk.service.registry
        return registry.find(view.request.canonical) or (registry.named(chosen) if chosen else None)

    def _submission(
        self, request: Request, submitted: Submitted, form: Questionnaire, view: View | None = None
    ) -> Submission:
        key = submitted.first(KEY) or self.desk.service.parts.new_id()
        response = view.seen.response if view and view.seen else None
        kept = kept_files(form, response.answers, submitted) if response else {}
        parsed = parse_form_data(form, submitted.fields, kept)
        known = {item.link_id for item in form.questions()}
        return Submission(
            source=key,
            key=f"page:{key}",
            digest=submitted.digest(),
            requester=require_signed_in(request).practitioner,
            arrived=Arrived(
                form=form,
                answers=parsed.answers,
                answered_at=parsed.answered_at,
                problems=parsed.problems,
                replaces=True,
            ),
            files=[file for file in submitted.files if file.link_id in known],
            draft=view.request.id if view else None,
            tells_by_mail=False,
        )

    async def _draft_page(
        self,
        request: Request,
        view: View,
        form: Questionnaire,
        submitted: Submitted | None = None,
        taken: Taken | None = None,
    ) -> Response:
        language = self.desk.language(request)
        response = view.seen.response if view.seen else None
        if response is None:
            response, _ = read_kept_text(form, view.seen.content.free_text if view.seen else "")
        problems: tuple[Problem, ...] = taken.problems if taken else ()
        blocked: tuple[Text, ...] = taken.blocked if taken else ()
        refused = taken.refused_files if taken else ()
        lines = [Complaint(text.in_(language), "") for text in blocked]
        lines += [*complaints(problems, language), *refused_complaints(refused, self.desk, request)]
        return await self.desk.render(
            request,
            "complete.html",
            422 if lines else 200,
            view=view,
            form=form,
            fields=compose_fields(
                form,
                response.answers,
                language=language,
                problems=problems,
                raw=submitted.fields if submitted else None,
            ),
            complaints=lines,
            submission_key=self.desk.service.parts.new_id(),
        )
