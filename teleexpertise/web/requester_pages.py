"""Pages of requesters: a new request, adding a word, taking it back.  Drafts have pages of their own."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.server.web.access import signed_in
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.prefill import begun
from teleexpertise.intake.service import Submission
from teleexpertise.questionnaire.errors import UnknownForm
from teleexpertise.requests.clarification import Word
from teleexpertise.requests.errors import WordMissing
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.expected_words import expected_by_form
from teleexpertise.web.submitted import KEY, read_submitted


@dataclass(frozen=True, slots=True)
class RequesterPages:
    """The requester's side."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/nouvelle", self.choose_form, methods=["GET"]),
            Route("/demandes/nouvelle", self.start, methods=["POST"]),
            Route("/demandes/{number}/ajouter", self.add, methods=["POST"]),
            Route("/demandes/{number}/annuler", self.revoke, methods=["POST"]),
        ]

    @signed_in
    async def choose_form(self, request: Request) -> Response:
        """The specialties there are."""
        self.desk.asker(request)
        return await self.desk.render(
            request,
            "new.html",
            forms=self.desk.service.registry.specialties(),
            expected=await expected_by_form(self.desk, request),
            submission_key=self.desk.service.parts.new_id(),
        )

    @signed_in
    async def start(self, request: Request) -> Response:
        """An empty draft, to be completed."""
        submitted, asker = await read_submitted(request), self.desk.asker(request)
        form = self.desk.service.registry.named(submitted.first("form"))
        if form is None:
            raise UnknownForm(form=submitted.first("form")[:80])
        key = submitted.first(KEY) or self.desk.service.parts.new_id()
        taken = await self.desk.service.intake.take(
            Submission(
                source=key,
                key=f"page:{key}",
                digest=submitted.digest(),
                requester=asker.requester,
                through=asker.through,
                arrived=Arrived(form=form, answers=begun(form), answered_at={}, replaces=True),
                tells_by_mail=False,
            )
        )
        return to(f"/demandes/{taken.request.number}/completer")

    @signed_in
    async def add(self, request: Request) -> Response:
        """A word or a file more."""
        view, asker = await self.desk.own_request(request)
        submitted = await read_submitted(request)
        text = submitted.first("text")
        if not text and not submitted.files:
            raise WordMissing(number=view.request.number)
        word = Word(
            source=submitted.first(KEY) or self.desk.service.parts.new_id(),
            author=asker.id,
            through=asker.through,
            text=text,
            files=submitted.files,
            is_watched=True,
        )
        _, refused = await self.desk.service.requests.add(view.request.id, word)
        if refused:
            raise refused[0].error
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def revoke(self, request: Request) -> Response:
        """Take it back."""
        view, asker = await self.desk.own_request(request)
        await self.desk.service.requests.revoke(view.request.id, asker.id, through=asker.through)
        return to(f"/demandes/{view.request.number}")
