"""Pages of drafts: filling one in, kept while one types; their list, thrown away and taken back; asking again.

Everything works without script: `completer` then takes the whole page at once.  With script, `brouillon` keeps each
change and tells what is missing, and the same `completer` sends the request.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.server.web.access import signed_in
from miss.server.web.zones import place_of, zone_of
from teleexpertise.intake.assessment import Arrived
from teleexpertise.intake.drafts import Edit, revision_of
from teleexpertise.intake.identity_notes import notes_on_identity
from teleexpertise.intake.prefill import PATIENT, asked_again, same_patient
from teleexpertise.intake.service import Submission, Taken
from teleexpertise.questionnaire.errors import UnknownForm
from teleexpertise.questionnaire.model import Problem, Questionnaire
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.model import State
from teleexpertise.requests.patient import FAMILY
from teleexpertise.requests.reading import Reader, View
from teleexpertise.requests.routing.wishes import find_named
from teleexpertise.web.desk import HOME, Desk, to
from teleexpertise.web.drafting import REVISION, read_page, saved_json
from teleexpertise.web.form import Complaint, complaints, compose_fields, refused_complaints
from teleexpertise.web.progress import compose_progress, compose_rules
from teleexpertise.web.submitted import KEY, Submitted, read_submitted


@dataclass(frozen=True, slots=True)
class DraftPages:
    """A request before it is sent."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/brouillons", self.drafts),
            Route("/demandes/{number}/completer", self.show, methods=["GET"]),
            Route("/demandes/{number}/completer", self.complete, methods=["POST"]),
            Route("/demandes/{number}/brouillon", self.autosave, methods=["POST"]),
            Route("/demandes/{number}/brouillon/suppression", self.discard, methods=["POST"]),
            Route("/demandes/{number}/brouillon/reprise", self.restore, methods=["POST"]),
            Route("/demandes/{number}/patient", self.take_patient, methods=["POST"]),
            Route("/demandes/{number}/de-nouveau", self.ask_again, methods=["POST"]),
        ]

    @signed_in
    async def drafts(self, request: Request) -> Response:
        """What was begun and not sent."""
        asker, gone = self.desk.asker(request), request.query_params.get("supprime", "")[:10]
        listed = await self.desk.service.drafts.list_(asker.id)
        party = asker.requester.display_name if asker.through else ""
        return await self.desk.render(request, "drafts.html", drafts=listed, gone=gone, party=party)

    @signed_in
    async def show(self, request: Request) -> Response:
        """The draft's form, with all that was written already."""
        view, _ = await self.desk.own_request(request)
        if view.request.state is not State.DRAFT:
            return to(f"/demandes/{view.request.number}")
        form = self._form(view, request.query_params.get("formulaire", ""))
        if form is None:
            forms = self.desk.service.registry.specialties()
            return await self.desk.render(request, "draft_form.html", view=view, forms=forms)
        return await self._page(request, view, form)

    @signed_in
    async def complete(self, request: Request) -> Response:
        """Keep what was written; send it if nothing is missing."""
        (view, asker), submitted = await self.desk.own_request(request), await read_submitted(request)
        form = self._form(view, submitted.first("formulaire"))
        if form is None:
            raise UnknownForm(form=submitted.first("formulaire")[:80])
        key = submitted.first(KEY) or self.desk.service.parts.new_id()
        taken = await self.desk.service.intake.take(
            Submission(
                source=key,
                key=f"page:{key}",
                digest=submitted.digest(),
                requester=asker.requester,
                through=asker.through,
                arrived=self._arrived(view, form, submitted),
                files=[file for file in submitted.files if form.find_item(file.link_id)],
                draft=view.request.id,
                tells_by_mail=False,
            )
        )
        if taken.is_duplicate or taken.request.state is not State.DRAFT:
            return to(f"/demandes/{taken.request.number}")
        return await self._page(request, await self.desk.asked_view(request), form, taken)

    @signed_in
    async def autosave(self, request: Request) -> Response:
        """Keep what the page changed; JSON of what is missing.  Raises RequestUnknown, StateForbids, UnknownForm."""
        number, drafts = request.path_params["number"], self.desk.service.drafts
        reader = self.desk.asker(request).id
        draft = await drafts.get(number, reader)
        submitted = await read_submitted(request)
        form = self.desk.service.registry.current(draft.canonical) or self.desk.service.registry.named(
            submitted.first("formulaire")
        )
        if form is None:
            raise UnknownForm(form=submitted.first("formulaire")[:80])
        old_form = self.desk.service.registry.find(draft.canonical)
        edit = Edit(
            source=submitted.first(KEY) or self.desk.service.parts.new_id(),
            requester=reader,
            arrived=read_page(form, submitted, {}, self.desk.service.parts.clock.now(), old_form),
            files=[file for file in submitted.files if form.find_item(file.link_id)],
            known_revision=submitted.first(REVISION),
        )
        saved = await drafts.save(number, edit)
        return JSONResponse(saved_json(form, saved, self.desk.language(request)), headers={"Cache-Control": "no-store"})

    @signed_in
    async def discard(self, request: Request) -> Response:
        """Throw the draft away."""
        number, asker = request.path_params["number"], self.desk.asker(request)
        gone = await self.desk.service.drafts.discard(number, asker.id, through=asker.through)
        return to(f"/demandes/brouillons?supprime={gone.number}")

    @signed_in
    async def restore(self, request: Request) -> Response:
        """Take back a draft that was thrown away."""
        number, asker = request.path_params["number"], self.desk.asker(request)
        back = await self.desk.service.drafts.restore(number, asker.id, through=asker.through)
        return to(f"/demandes/{back.number}/completer")

    @signed_in
    async def take_patient(self, request: Request) -> Response:
        """The identity of an earlier request of the same requester."""
        view, asker = await self.desk.own_request(request)
        form = self._form(view, "")
        if form is None:
            return to(f"/demandes/{view.request.number}/completer")
        asked = (await read_submitted(request)).first("comme")
        earlier = await self.desk.service.reading.view(asked, asker.id, through=asker.through)
        if earlier.reader is not Reader.REQUESTER or earlier.seen is None or earlier.seen.response is None:
            raise RequestUnknown
        now, group = self.desk.service.parts.clock.now(), form.find_item(PATIENT)
        edit = Edit(
            source=self.desk.service.parts.new_id(),
            requester=asker.id,
            arrived=Arrived(
                form=form,
                answers=same_patient(earlier.seen.response, form),
                answered_at={item.link_id: now for item in group.walk() if item.is_question} if group else {},
                merges=True,
            ),
        )
        await self.desk.service.drafts.save(view.request.number, edit)
        return to(f"/demandes/{view.request.number}/completer")

    @signed_in
    async def ask_again(self, request: Request) -> Response:
        """A new draft like a request already sent, on the form as it is now."""
        view, asker = await self.desk.own_request(request)
        form = self._form(view, "")
        response = view.seen.response if view.seen else None
        if form is None or response is None:
            raise RequestUnknown
        submitted = await read_submitted(request)
        key = submitted.first(KEY) or self.desk.service.parts.new_id()
        taken = await self.desk.service.intake.take(
            Submission(
                source=key,
                key=f"page:{key}",
                digest=submitted.digest(),
                requester=asker.requester,
                through=asker.through,
                arrived=Arrived(form=form, answers=asked_again(response, form), answered_at={}, replaces=True),
                tells_by_mail=False,
            )
        )
        return to(f"/demandes/{taken.request.number}/completer")

    def _form(self, view: View, chosen: str) -> Questionnaire | None:
        """The form to fill in: the draft's specialty as it is asked today; one chosen where the draft names none."""
        registry = self.desk.service.registry
        return registry.current(view.request.canonical) or (registry.named(chosen) if chosen else None)

    def _arrived(self, view: View, form: Questionnaire, submitted: Submitted) -> Arrived:
        response = view.seen.response if view.seen else None
        old_form = self.desk.service.registry.find(view.request.canonical)
        now = self.desk.service.parts.clock.now()
        return read_page(form, submitted, response.answers if response else {}, now, old_form)

    async def _page(self, request: Request, view: View, form: Questionnaire, taken: Taken | None = None) -> Response:
        service, language = self.desk.service, self.desk.language(request)
        if view.seen is None:
            raise RequestUnknown
        content, zone = view.seen.content, zone_of(request)
        looked = service.drafts.look(content, form, service.registry.find(view.request.canonical))
        answers = looked.response.answers if looked.response else {}
        problems: tuple[Problem, ...] = taken.problems if taken else ()
        blocked: tuple[Text, ...] = taken.blocked if taken else ()
        refused = taken.refused_files if taken else ()
        lines = [Complaint(text.in_(language), "") for text in blocked]
        lines += [*complaints(problems, language), *refused_complaints(refused, language)]
        is_new = not answers.get(FAMILY)
        experts = await service.routing.list_experts(form.id, self.desk.asker(request).requester)
        return await self.desk.render(
            request,
            "complete.html",
            422 if lines else 200,
            view=view,
            content=looked.content,
            form=form,
            fields=compose_fields(
                form,
                answers,
                language=language,
                problems=problems,
                raw=looked.content.unread,
                notes=notes_on_identity(answers),
                zone=zone,
            ),
            complaints=lines,
            progress=compose_progress(form, looked, language),
            rules=compose_rules(form, language),
            patients=await service.drafts.list_patients(self.desk.asker(request).id) if is_new else (),
            experts=experts,
            named=find_named(content.wish, {one.id: one for one in experts}),
            zone=zone.key,
            place=place_of(zone, language),
            revision=revision_of(content),
            now_ms=round(service.parts.clock.now().timestamp() * 1000),
            save_at=f"{HOME}/demandes/{view.request.number}/brouillon",
            submission_key=service.parts.new_id(),
        )
