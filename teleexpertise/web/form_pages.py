"""Pages for the clinicians who write and review forms: which there are, each as it is asked, a file tried out.

Nothing is stored here and nothing published: a form is published with a release (forms/README.md).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from miss.server.web.access import signed_in
from teleexpertise.questionnaire.assemble import assemble, assemble_answer
from teleexpertise.questionnaire.errors import Fault, FormUnreadable
from teleexpertise.questionnaire.lint import lint
from teleexpertise.questionnaire.model import Questionnaire
from teleexpertise.questionnaire.parse import parse_questionnaire
from teleexpertise.questionnaire.registry import ANSWER, COMMON, FormRegistry
from teleexpertise.questionnaire.render import mail_template
from teleexpertise.web.desk import Desk
from teleexpertise.web.form import FieldView, compose_fields
from teleexpertise.web.submitted import read_submitted

MAX_FORM_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Listed:
    """One form of the list."""

    form: Questionnaire
    questions: int
    versions: tuple[str, ...]
    """Newest first."""


@dataclass(frozen=True, slots=True)
class FormPages:
    """The forms, to be read before they are approved."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/formulaires", self.list_forms, methods=["GET"]),
            Route("/formulaires/essai", self.try_out, methods=["POST"]),
            Route("/formulaires/{form}", self.preview),
            Route("/formulaires/{form}/modele.txt", self.template),
        ]

    @signed_in
    async def list_forms(self, request: Request) -> Response:
        """Every form in its latest version, with its approval."""
        return await self._list(request, ())

    @signed_in
    async def preview(self, request: Request) -> Response:
        """A form as people fill it in, and its questions one by one."""
        written = self._registry.latest(request.path_params["form"])
        return await self._preview(request, written, self._as_asked(written))

    @signed_in
    async def template(self, request: Request) -> Response:
        """The form as text, to paste in any mail software."""
        form = self._registry.published(request.path_params["form"])
        return PlainTextResponse(mail_template(form, self.desk.language(request)))

    @signed_in
    async def try_out(self, request: Request) -> Response:
        """A file as the form it would be, or every fault with its place."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        file = next(iter(submitted.files), None)
        if file is None:
            return await self._list(request, (Fault("", "no_file", "choose a file, then try it"),))
        try:
            written = parse_questionnaire(file.content)
            asked = self._as_asked(written)
        except FormUnreadable as error:
            return await self._list(request, error.faults)
        if faults := lint(written) or lint(asked):
            return await self._list(request, faults)
        return await self._preview(request, written, asked, is_trial=True)

    @property
    def _registry(self) -> FormRegistry:
        return self.desk.service.registry

    def _as_asked(self, form: Questionnaire) -> Questionnaire:
        """With the part that every request has; an answer, to a request of the first specialty."""
        if form.id == COMMON:
            return form
        if form.id == ANSWER:
            return assemble_answer(form, self._registry.specialties()[0])
        return assemble(form, self._registry.latest(COMMON))

    async def _list(self, request: Request, faults: tuple[Fault, ...]) -> Response:
        forms = self._registry.forms
        listed = []
        for form_id in dict.fromkeys(form.id for form in forms):
            latest = self._registry.latest(form_id)
            versions = tuple(form.version for form in reversed(forms) if form.id == form_id)
            listed.append(Listed(latest, sum(1 for _ in latest.questions()), versions))
        return await self.desk.render(
            request,
            "forms.html",
            422 if faults else 200,
            forms=listed,
            faults=faults,
            published={form.id for form in self._registry.specialties()},
        )

    async def _preview(
        self, request: Request, written: Questionnaire, asked: Questionnaire, *, is_trial: bool = False
    ) -> Response:
        language = self.desk.language(request)
        return await self.desk.render(
            request,
            "form.html",
            form=written,
            fields=compose_fields(asked, {}, language=language),
            questions=[field for field in _flat(compose_fields(written, {}, language=language)) if _asks(field)],
            is_trial=is_trial,
            has_template=not is_trial and any(form.id == written.id for form in self._registry.specialties()),
        )


def _flat(fields: Iterable[FieldView]) -> Iterator[FieldView]:
    for field in fields:
        yield field
        yield from _flat(field.fields)


def _asks(field: FieldView) -> bool:
    return field.kind not in {"group", "display"}
