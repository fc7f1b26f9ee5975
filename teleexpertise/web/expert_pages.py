"""Pages of experts: what is theirs to answer, taking it on or sending it back, the answer, its preview."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.ids import PoolId
from miss.documents.hprim import compose_hprim
from miss.server.web.access import signed_in
from teleexpertise.answers.service import DecisionCode, Prepared
from teleexpertise.attachments.service import RefusedFile
from teleexpertise.dispatch import DeclineReason, Pool
from teleexpertise.questionnaire.model import Problem
from teleexpertise.questionnaire.parse_form import parse_form_data
from teleexpertise.requests.errors import ReasonMissing, RequestUnknown
from teleexpertise.requests.labels import DECLINE_LABELS
from teleexpertise.requests.reading import Reader, View
from teleexpertise.web.answer_aids import AnswerAids
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.form import Complaint, complaints, compose_fields, field_id
from teleexpertise.web.life import list_changes
from teleexpertise.web.shown import show_response
from teleexpertise.web.submitted import KEY, Submitted, kept_files, read_submitted

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
        """What became of the answer just sent; the request itself may no longer be the expert's to see."""
        self.desk.reader(request)
        ending = request.query_params.get("fin", "")
        if ending not in _ENDINGS:
            raise RequestUnknown
        return await self.desk.render(request, "done.html", number=request.path_params["number"], ending=ending)

    @signed_in
    async def accept(self, request: Request) -> Response:
        """Take it on."""
        view = await self._held(request)
        await self.desk.service.requests.accept(view.request.id, self.desk.reader(request))
        return to(f"/demandes/{view.request.number}/repondre")

    @signed_in
    async def decline(self, request: Request) -> Response:
        """Send it back, with a reason."""
        view = await self._held(request)
        submitted = await read_submitted(request)
        if submitted.first("reason") not in {*DeclineReason}:
            raise ReasonMissing(number=view.request.number)
        reason = DeclineReason(submitted.first("reason"))
        await self.desk.service.requests.decline(view.request.id, self.desk.reader(request), reason)
        return to(f"/avis/{view.request.number}/termine?fin=declinee")

    @signed_in
    async def show_answer(self, request: Request) -> Response:
        """The answer form, as it was left."""
        view = await self._held(request)
        prepared = await self.desk.service.answering.open(view.request.id, self.desk.reader(request))
        return await self._answer_page(request, view, prepared)

    @signed_in
    async def save_answer(self, request: Request) -> Response:
        """Keep the answer; on to the preview if nothing is missing."""
        view, reader = await self._held(request), self.desk.reader(request)
        answering = self.desk.service.answering
        before = await answering.open(view.request.id, reader)
        submitted = await read_submitted(request)
        changed = await self.aids.act(submitted, reader)
        submitted = changed or submitted
        kept = kept_files(before.form, before.response.answers, submitted)
        parsed = parse_form_data(before.form, submitted.fields, kept)
        prepared = await answering.save(
            view.request.id,
            reader,
            source=submitted.first(KEY) or self.desk.service.parts.new_id(),
            answers=parsed.answers,
            answered_at={**before.response.answered_at, **parsed.answered_at},
            files=submitted.files,
            problems=parsed.problems,
        )
        if changed is None and prepared.ok and not prepared.refused_files:
            return to(f"/demandes/{view.request.number}/apercu")
        return await self._answer_page(request, view, prepared, submitted, is_aided=changed is not None)

    @signed_in
    async def preview(self, request: Request) -> Response:
        """What the requester will receive."""
        view = await self._held(request)
        preview = await self.desk.service.answering.preview(view.request.id, self.desk.reader(request))
        prepared = preview.prepared
        text = compose_hprim(preview.letter).decode("iso-8859-1") if preview.letter else ""
        return await self.desk.render(
            request,
            "preview.html",
            view=view,
            decision=prepared.decision or DecisionCode.ADVICE,
            successor=preview.successor,
            pools=await self._other_pools(view, prepared),
            letter=text.replace("\r\n", "\n"),
            blocks=show_response(prepared.form, prepared.response, self.desk.language(request)),
        )

    @signed_in
    async def send(self, request: Request) -> Response:
        """Do what the answer decides."""
        view, reader = await self._held(request), self.desk.reader(request)
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

    async def _held(self, request: Request) -> View:
        """The request, for its holder only."""
        view = await self.desk.view(request)
        if view.reader is not Reader.HOLDER:
            raise RequestUnknown
        return view

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
        refused: Sequence[RefusedFile] = prepared.refused_files
        seen = view.seen
        asked = show_response(seen.form, seen.response, language) if seen and seen.form and seen.response else ()
        return await self.desk.render(
            request,
            "answer.html",
            422 if problems or refused else 200,
            view=view,
            asked=asked,
            changes=list_changes(seen, language) if seen else (),
            fields=compose_fields(
                prepared.form,
                prepared.response.answers,
                language=language,
                problems=problems,
                raw=submitted.fields if submitted else None,
            ),
            complaints=[*complaints(problems, language), *refused_complaints(refused, self.desk, request)],
            submission_key=self.desk.service.parts.new_id(),
            decline_labels=DECLINE_LABELS,
            **await self.aids.context(view, self.desk.reader(request), submitted),
        )


def refused_complaints(refused: Sequence[RefusedFile], desk: Desk, request: Request) -> list[Complaint]:
    """Files that were not taken, as lines of the error summary."""
    language = desk.language(request)
    return [Complaint(f"« {file.name} » : {file.error.sentence(language)}", field_id(file.link_id)) for file in refused]
