"""Pages of a requester whose request is under way: exactly the items that the expert asks for; calling off a slip."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.server.web.access import signed_in
from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.questionnaire.parse_form import FormAnswers, parse_form_data
from teleexpertise.requests.clarification import Word
from teleexpertise.requests.content import Note
from teleexpertise.requests.reading import View
from teleexpertise.requests.signing import name_of
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.form import Complaint, compose_fields, refused_complaints
from teleexpertise.web.submitted import KEY, Submitted, read_submitted

WORD = "text"
NOTHING = Text(
    fr="Répondez à un point au moins, joignez un fichier ou écrivez à l’expert.",
    en="Answer one point at least, attach a file or write to the expert.",
)


@dataclass(frozen=True, slots=True)
class ClarifyPages:
    """The requester's side of a question."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/{number}/preciser", self.show, methods=["GET"]),
            Route("/demandes/{number}/preciser", self.answer, methods=["POST"]),
            Route("/demandes/{number}/annuler-envoi", self.call_off, methods=["POST"]),
        ]

    @signed_in
    async def show(self, request: Request) -> Response:
        """The items that are asked for, blank; what was said of them stands beside."""
        view, asker = await self.desk.own_request(request)
        found = await self.desk.service.requests.find_question(view.request.id, asker.id)
        if found is None:
            return to(f"/demandes/{view.request.number}")
        return await self._page(request, view, *found)

    @signed_in
    async def answer(self, request: Request) -> Response:
        """Tell the expert, in words what cannot be understood as an answer; a page that says nothing comes back."""
        view, asker = await self.desk.own_request(request)
        found = await self.desk.service.requests.find_question(view.request.id, asker.id)
        if found is None:
            return to(f"/demandes/{view.request.number}")
        note, form = found
        submitted = await read_submitted(request)
        parsed = parse_form_data(form, submitted.fields)
        text = "\n".join((*_unread(form, parsed, submitted), submitted.first(WORD))).strip()
        if not (parsed.answers or submitted.files or text):
            return await self._page(request, view, note, form, is_blank=True)
        word = Word(
            source=submitted.first(KEY) or self.desk.service.parts.new_id(),
            author=asker.id,
            through=asker.through,
            text=text,
            files=submitted.files,
            answers=parsed.answers,
            answered_at=parsed.answered_at,
            is_watched=True,
        )
        _, refused = await self.desk.service.requests.add(view.request.id, word)
        if refused:
            lines = refused_complaints(refused, self.desk.language(request))
            return await self.desk.render(request, "clarified.html", 422, view=view, complaints=lines)
        return to(f"/demandes/{view.request.number}")

    @signed_in
    async def call_off(self, request: Request) -> Response:
        """It was sent by mistake."""
        view, asker = await self.desk.own_request(request)
        await self.desk.service.requests.call_off(view.request.id, asker.id, through=asker.through)
        return to(f"/demandes/{view.request.number}")

    async def _page(
        self, request: Request, view: View, note: Note, form: Questionnaire, *, is_blank: bool = False
    ) -> Response:
        language = self.desk.language(request)
        return await self.desk.render(
            request,
            "clarify.html",
            422 if is_blank else 200,
            view=view,
            question=note,
            expert=name_of(view, note.author),
            fields=compose_fields(form, {}, language=language),
            complaints=[Complaint(NOTHING.in_(language), WORD)] if is_blank else [],
            submission_key=self.desk.service.parts.new_id(),
        )


def _unread(form: Questionnaire, parsed: FormAnswers, submitted: Submitted) -> list[str]:
    """What was typed and is no answer of its item's type: the expert reads it as it is."""
    lines = []
    for link_id in dict.fromkeys(problem.link_id for problem in parsed.problems):
        typed = " ; ".join(words.strip() for words in submitted.fields.get(link_id, ()) if words.strip())
        lines.append(f"{form.item(link_id).label.fr} : {typed}")
    return lines
