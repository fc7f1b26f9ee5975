"""Pages of the answer texts: an expert's own and their pools', to write, change, delete and have back."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PoolId
from miss.server.web.access import signed_in
from teleexpertise.answers.templates import AnswerTemplate, Owner
from teleexpertise.answers.templates.errors import TemplateIncomplete, TemplateTooLong, TooManyTemplates
from teleexpertise.answers.templates.model import TEXT_CHARS, TITLE_CHARS
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.form import Complaint
from teleexpertise.web.submitted import KEY, read_submitted

LIST = "/modeles"


@dataclass(frozen=True, slots=True)
class TemplatePages:
    """The texts of whoever answers."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(LIST, self.list),
            Route(f"{LIST}/nouveau", self.show_new, methods=["GET"]),
            Route(f"{LIST}/nouveau", self.create, methods=["POST"]),
            Route(f"{LIST}/{{template}}", self.show, methods=["GET"]),
            Route(f"{LIST}/{{template}}", self.change, methods=["POST"]),
            Route(f"{LIST}/{{template}}/supprimer", self.delete, methods=["POST"]),
            Route(f"{LIST}/{{template}}/retablir", self.restore, methods=["POST"]),
        ]

    @signed_in
    async def list(self, request: Request) -> Response:
        """The reader's own, then their pools'."""
        shelves = await self.desk.service.templates.shelves(self.desk.reader(request))
        deleted = request.query_params.get("supprime", "")[:36]
        return await self.desk.render(request, "templates.html", shelves=shelves, deleted=deleted)

    @signed_in
    async def show_new(self, request: Request) -> Response:
        """A blank text, of the reader or of a pool.  Raises TemplateUnknown for a pool that they do not write for."""
        owner = self._owner(request, request.query_params.get("groupe", ""))
        await self.desk.service.templates.require_writer(owner, self.desk.reader(request))
        return await self._page(request, pool=request.query_params.get("groupe", ""))

    @signed_in
    async def create(self, request: Request) -> Response:
        """Keep a new text."""
        submitted, reader = await read_submitted(request), self.desk.reader(request)
        title, text, pool = submitted.first("title"), submitted.first("text"), submitted.first("groupe")
        new_id = submitted.first(KEY)[:36] or self.desk.service.parts.new_id()
        try:
            owner = self._owner(request, pool)
            await self.desk.service.templates.create(owner, reader, title=title, text=text, new_id=new_id)
        except (TemplateIncomplete, TemplateTooLong, TooManyTemplates) as error:
            return await self._page(request, pool=pool, title=title, text=text, error=error)
        return to(LIST)

    @signed_in
    async def show(self, request: Request) -> Response:
        """One text, to be changed by its owner or read by who uses it."""
        found = await self._found(request)
        return await self._page(request, found, title=found.title, text=found.text)

    @signed_in
    async def change(self, request: Request) -> Response:
        """Keep other words."""
        submitted = await read_submitted(request)
        title, text = submitted.first("title"), submitted.first("text")
        try:
            await self.desk.service.templates.change(
                request.path_params["template"], self.desk.reader(request), title=title, text=text
            )
        except (TemplateIncomplete, TemplateTooLong) as error:
            return await self._page(request, await self._found(request), title=title, text=text, error=error)
        return to(LIST)

    @signed_in
    async def delete(self, request: Request) -> Response:
        """Take it away; the list offers to have it back."""
        gone = await self.desk.service.templates.delete(request.path_params["template"], self.desk.reader(request))
        return to(f"{LIST}?supprime={gone.id}")

    @signed_in
    async def restore(self, request: Request) -> Response:
        """Have it back."""
        await self.desk.service.templates.restore(request.path_params["template"], self.desk.reader(request))
        return to(LIST)

    async def _found(self, request: Request) -> AnswerTemplate:
        return await self.desk.service.templates.get(request.path_params["template"], self.desk.reader(request))

    def _owner(self, request: Request, pool: str) -> Owner:
        return Owner.pool(PoolId(pool)) if pool else Owner.expert(self.desk.reader(request))

    async def _page(
        self,
        request: Request,
        template: AnswerTemplate | None = None,
        *,
        pool: str = "",
        title: str = "",
        text: str = "",
        error: MissError | None = None,
    ) -> Response:
        complaint = []
        if error is not None:
            target = str(error.params.get("field", "title"))
            complaint = [Complaint(error.sentence(self.desk.language(request)), target)]
        shelves = await self.desk.service.templates.shelves(self.desk.reader(request))
        owner = template.owner if template else self._owner(request, pool)
        shelf = next(one for one in shelves if one.owner == owner)
        return await self.desk.render(
            request,
            "template.html",
            422 if complaint else 200,
            edited=template,
            shelf=shelf,
            pool=pool,
            title=title,
            text=text,
            complaints=complaint,
            submission_key=self.desk.service.parts.new_id(),
            title_chars=TITLE_CHARS,
            text_chars=TEXT_CHARS,
        )
