"""What follows an answer: the patient told, the survey in three taps, a follow-up begun, photographs side by side."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.server.web.access import signed_in
from teleexpertise.attachments.service import PDF
from teleexpertise.follow_up.errors import SurveyAnswerUnknown
from teleexpertise.follow_up.model import (
    QUESTIONS,
    VERDICTS,
    SurveyQuestion,
    Verdict,
    follow_up_answers,
    require_followable,
    require_verdict,
)
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.prefill import asked_again
from teleexpertise.intake.service import Submission
from teleexpertise.requests.acting import Act, may_act
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.reading import View
from teleexpertise.web.compared import draw_measures, pair_of
from teleexpertise.web.desk import Asker, Desk, to
from teleexpertise.web.shared_pages import FILE_HEADERS
from teleexpertise.web.submitted import KEY, read_submitted


@dataclass(frozen=True, slots=True)
class AfterPages:
    """After the answer."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/{number}/cloture", self.closing, methods=["GET"]),
            Route("/demandes/{number}/cloture", self.close, methods=["POST"]),
            Route("/demandes/{number}/questionnaire", self.say, methods=["POST"]),
            Route("/demandes/{number}/suivi", self.show_follow_up, methods=["GET"]),
            Route("/demandes/{number}/suivi", self.begin_follow_up, methods=["POST"]),
            Route("/demandes/{number}/serie", self.series),
            Route("/demandes/{number}/serie/{of}/{ref}", self.series_file),
        ]

    @signed_in
    async def closing(self, request: Request) -> Response:
        """Does the patient know? Then three questions, one at a time."""
        view, asker = await self.desk.own_request(request, Act.INFORM)
        require_followable(view.request)
        may_judge = may_act(asker.capacity, Act.JUDGE)
        survey = await self.desk.service.follow_up.find_survey(view.request.id) if may_judge else None
        asked = survey.next_question if survey else None
        return await self.desk.render(
            request,
            "closing.html",
            view=view,
            may_judge=may_judge,
            question=asked,
            text=QUESTIONS[asked][0] if asked else None,
            verdicts=[(verdict, VERDICTS[verdict]) for verdict in QUESTIONS[asked][1]] if asked else (),
            rank=list(SurveyQuestion).index(asked) + 1 if asked else 0,
            due=await self.desk.service.follow_up.due_of(view.request.id),
        )

    @signed_in
    async def close(self, request: Request) -> Response:
        """The patient knows."""
        view, asker = await self.desk.own_request(request, Act.INFORM)
        await self.desk.service.follow_up.inform(view.request.id, asker.id, through=asker.through)
        return to(f"/demandes/{view.request.number}/cloture")

    @signed_in
    async def say(self, request: Request) -> Response:
        """One tap.  Raises SurveyAnswerUnknown, SurveyTooEarly."""
        view, asker = await self.desk.own_request(request, Act.JUDGE)
        submitted = await read_submitted(request)
        question, verdict = submitted.first("question"), submitted.first("verdict")
        if question not in {*SurveyQuestion} or verdict not in {*Verdict}:
            raise SurveyAnswerUnknown
        if not require_verdict(SurveyQuestion(question), Verdict(verdict)):
            raise SurveyAnswerUnknown
        await self.desk.service.follow_up.say(view.request.id, asker.id, SurveyQuestion(question), Verdict(verdict))
        return to(f"/demandes/{view.request.number}/cloture")

    @signed_in
    async def show_follow_up(self, request: Request) -> Response:
        """What a follow-up is, and the button that begins one."""
        view, _ = await self.desk.own_request(request, Act.FOLLOW_UP)
        require_followable(view.request)
        return await self.desk.render(
            request,
            "follow_up.html",
            view=view,
            due=await self.desk.service.follow_up.due_of(view.request.id),
            submission_key=self.desk.service.parts.new_id(),
        )

    @signed_in
    async def begin_follow_up(self, request: Request) -> Response:
        """A draft like the request before it, tied to it."""
        view, asker = await self.desk.own_request(request, Act.FOLLOW_UP)
        submitted = await read_submitted(request)
        require_followable(view.request)
        key = submitted.first(KEY) or self.desk.service.parts.new_id()
        taken = await self.desk.service.intake.take(self._submission(asker, view, key))
        await self.desk.service.follow_up.link(taken.request.id, view.request.id, asker.id, through=asker.through)
        return to(f"/demandes/{taken.request.number}/completer")

    def _submission(self, asker: Asker, view: View, key: str) -> Submission:
        seen = view.seen
        if seen is None or seen.response is None:
            raise RequestUnknown
        registry = self.desk.service.registry
        form = registry.published(registry.get(view.request.canonical).id)
        answers = follow_up_answers(form, asked_again(seen.response, form), view.request)
        return Submission(
            source=key,
            key=f"page:{key}",
            digest=key.encode().ljust(32, b"\0")[:32],
            requester=asker.requester,
            through=asker.through,
            arrived=Arrived(form=form, answers=answers, answered_at={}, address=seen.content.address, replaces=True),
            tells_by_mail=False,
        )

    @signed_in
    async def series(self, request: Request) -> Response:
        """The series, two photographs of one item beside each other, and what was measured."""
        number, query = request.path_params["number"], request.query_params
        asker, language = self.desk.asker(request, Act.READ), self.desk.language(request)
        series = await self.desk.service.series.view(number, asker.id, language, through=asker.through)
        items = series.photo_items()
        chosen = next((item for item in items if item.link_id == query.get("photo")), items[0] if items else None)
        return await self.desk.render(
            request,
            "series.html",
            view=series.view,
            series=series,
            items=items,
            item=chosen,
            pair=pair_of(series, chosen, query.get("avant", ""), query.get("apres", "")) if chosen else None,
            measures=draw_measures(series, language),
        )

    @signed_in
    async def series_file(self, request: Request) -> Response:
        """A file of an earlier request of the series."""
        number, of, ref = (request.path_params[name] for name in ("number", "of", "ref"))
        asker = self.desk.asker(request, Act.READ)
        file, content = await self.desk.service.series.file(number, asker.id, of, ref, through=asker.through)
        disposition = f'attachment; filename="{of}-{ref[-12:]}.pdf"' if file.mime == PDF else "inline"
        return Response(content, media_type=file.mime, headers={**FILE_HEADERS, "Content-Disposition": disposition})
