"""Pages of experts: what is theirs to answer, taking it on or sending it back, the answer, its preview."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.ids import PoolId
from miss.server.web.access import signed_in
from teleexpertise.answers.service import DecisionCode, Prepared
from teleexpertise.dispatch import DeclineReason, Pool
from teleexpertise.questionnaire.model import Problem
from teleexpertise.requests.errors import ReasonMissing, RequestUnknown
from teleexpertise.requests.labels import DECLINE_LABELS
from teleexpertise.requests.reading import View
from teleexpertise.web.answer_aids import AnswerAids
from teleexpertise.web.answer_form import AnswerForm, letter_text
from teleexpertise.web.board_pages import first_due
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.life import list_changes
from teleexpertise.web.shown import show_response
from teleexpertise.web.submitted import Submitted, read_submitted

_ENDINGS = frozenset({"avis", "precisions", "refus", "reorientation", "declinee", "transmise"})
MAX_WORD_CHARS = 2000


@dataclass(frozen=True, slots=True)
class ExpertPages:
    """The expert's side."""

    desk: Desk

    @property
    def aids(self) -> AnswerAids:
        """What helps write."""
        return AnswerAids(self.desk)

    @property
    def form(self) -> AnswerForm:
        """The form of the answer."""
        return AnswerForm(self.desk, self.desk.service.answering)

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            *self.aids.routes(),
            Route("/avis/{number}/termine", self.done),
            Route("/demandes/{number}/accepter", self.accept, methods=["POST"]),
            Route("/demandes/{number}/decliner", self.decline, methods=["POST"]),
            Route("/demandes/{number}/repondre", self.show_answer, methods=["GET"]),
            Route("/demandes/{number}/repondre", self.save_answer, methods=["POST"]),
            Route("/demandes/{number}/apercu", self.preview),
            Route("/demandes/{number}/envoyer", self.send, methods=["POST"]),
        ]

    @signed_in
    async def done(self, request: Request) -> Response:
        """What became of the answer just sent, and what is due next; the request itself may no longer be theirs."""
        reader, number = self.desk.reader(request), request.path_params["number"]
        ending = request.query_params.get("fin", "")
        if ending not in _ENDINGS:
            raise RequestUnknown
        following = first_due(await self.desk.service.reading.worklist(reader), apart_from=number)
        return await self.desk.render(request, "done.html", number=number, ending=ending, following=following)

    @signed_in
    async def accept(self, request: Request) -> Response:
        """Take it on."""
        view = await self.form.held(request)
        await self.desk.service.requests.accept(view.request.id, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}/repondre")

    @signed_in
    async def decline(self, request: Request) -> Response:
        """Send it back, with a reason."""
        view = await self.form.held(request)
        submitted = await read_submitted(request)
        if submitted.first("reason") not in {*DeclineReason}:
            raise ReasonMissing(number=view.request.number)
        reason = DeclineReason(submitted.first("reason"))
        await self.desk.service.requests.decline(view.request.id, self.desk.reader(request), reason)
        return to(f"/avis/{view.request.number}/termine?fin=declinee")

    @signed_in
    async def show_answer(self, request: Request) -> Response:
        """The answer form, as it was left."""
        view = await self.form.held(request)
        prepared = await self.desk.service.answering.open(view.request.id, self.desk.reader(request))
        return await self._answer_page(request, view, prepared)

    @signed_in
    async def save_answer(self, request: Request) -> Response:
        """Keep the answer; on to the preview if nothing is missing."""
        view, reader = await self.form.held(request), self.desk.reader(request)
        submitted = await read_submitted(request)
        changed = await self.aids.act(submitted, reader)
        submitted = changed or submitted
        prepared = await self.form.save(request, view, submitted)
        if changed is None and prepared.ok and not prepared.refused_files:
            return to(f"/demandes/{view.request.number}/apercu")
        return await self._answer_page(request, view, prepared, submitted, is_aided=changed is not None)

    @signed_in
    async def preview(self, request: Request) -> Response:
        """What the requester will receive."""
        view = await self.form.held(request)
        preview = await self.desk.service.answering.preview(view.request.id, self.desk.reader(request))
        prepared = preview.prepared
        return await self.desk.render(
            request,
            "preview.html",
            view=view,
            decision=prepared.decision or DecisionCode.ADVICE,
            successor=preview.successor,
            pools=await self._other_pools(view, prepared),
            letter=letter_text(preview),
            blocks=show_response(prepared.form, prepared.response, self.desk.language(request)),
        )

    @signed_in
    async def send(self, request: Request) -> Response:
        """Do what the answer decides."""
        view, reader = await self.form.held(request), self.desk.reader(request)
        preview = await self.desk.service.answering.preview(view.request.id, reader)
        submitted = await read_submitted(request)
        if pool_id := submitted.first("pool"):
            word = submitted.first("word")[:MAX_WORD_CHARS]
            await self.desk.service.reorientation.send(view.request.id, reader, PoolId(pool_id), word)
            return to(f"/avis/{view.request.number}/termine?fin=transmise")
        await self.desk.service.answering.send(view.request.id, reader)
        return to(f"/avis/{view.request.number}/termine?fin={preview.prepared.decision or DecisionCode.ADVICE}")

    async def _other_pools(self, view: View, prepared: Prepared) -> list[Pool]:
        """Where a reorientation may send the request."""
        is_elsewhere = prepared.decision is DecisionCode.REORIENTATION
        return await self.desk.service.reorientation.list_pools(view.request) if is_elsewhere else []

    async def _answer_page(
        self,
        request: Request,
        view: View,
        prepared: Prepared,
        submitted: Submitted | None = None,
        *,
        is_aided: bool = False,
    ) -> Response:
        language = self.desk.language(request)
        # A form that was only opened complains of nothing yet, nor one to which an aid added something.
        problems: Sequence[Problem] = prepared.problems if submitted and not is_aided else ()
        seen = view.seen
        asked = show_response(seen.form, seen.response, language) if seen and seen.form and seen.response else ()
        return await self.desk.render(
            request,
            "answer.html",
            422 if problems or prepared.refused_files else 200,
            view=view,
            asked=asked,
            changes=list_changes(seen, language) if seen else (),
            decline_labels=DECLINE_LABELS,
            **self.form.shown(request, prepared, submitted, problems),
            **await self.aids.context(view, self.desk.reader(request), submitted),
        )
