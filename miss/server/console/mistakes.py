"""The console's queue of mistakes that readers of the directory have reported."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.text import Text
from miss.directory.accounts import Accounts
from miss.directory.mistakes import KIND_NAMES, OUTCOME_NAMES, Mistake, MistakeNotFound, Mistakes, Outcome
from miss.directory.practitioners import Practitioners
from miss.directory.roles import Role
from miss.server.console.queues import Queue
from miss.server.web.access import person_of, requires
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import Pages, language_of

MISTAKES_PATH: Final = "/console/signalements"


@dataclass(frozen=True, slots=True)
class Shown:
    """A report, with names."""

    mistake: Mistake
    about: str
    by: str


@dataclass(frozen=True, slots=True)
class MistakePages:
    """Reports that wait."""

    pages: Pages
    mistakes: Mistakes
    accounts: Accounts
    practitioners: Practitioners

    def routes(self) -> list[BaseRoute]:
        """Both routes."""
        return [
            Route(MISTAKES_PATH, self.show, methods=["GET"]),
            Route(f"{MISTAKES_PATH}/{{mistake}}", self.close, methods=["POST"]),
        ]

    def queue(self) -> Queue:
        """Their line on the console's home."""
        label = Text(fr="Erreurs signalées dans l’annuaire", en="Mistakes reported in the directory")
        return Queue(MISTAKES_PATH, label, self.mistakes.count_open)

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @requires(Role.TECHNICIAN)
    async def close(self, request: Request) -> Response:
        said = field(await request.form(), "suite")
        try:
            if said not in {*Outcome}:
                raise MistakeNotFound
            by = person_of(request).account.uid
            await self.mistakes.close(request.path_params["mistake"], Outcome(said), by=by)
        except MissError as error:
            return await self._show(request, error)
        return to(f"{MISTAKES_PATH}?classe=1")

    async def _show(self, request: Request, error: MissError | None = None) -> Response:
        return await self.pages.render(
            request,
            "console/mistakes.html",
            error.http_status if error else 200,
            waiting=await self._named(),
            total=await self.mistakes.count_open(),
            kinds=KIND_NAMES,
            outcomes=OUTCOME_NAMES,
            closed=request.query_params.get("classe") == "1",
            error=error.sentence(language_of(request)) if error else None,
        )

    async def _named(self) -> list[Shown]:
        waiting = await self.mistakes.list_open()
        accounts = await self.accounts.get_many([one.by for one in waiting])
        reporters = {one.uid: one.practitioner_id for one in accounts.values()}
        people = await self.practitioners.get_many({*(one.practitioner_id for one in waiting), *reporters.values()})
        names = {person.id: person.display_name for person in people.values()}
        return [
            Shown(one, names.get(one.practitioner_id, one.practitioner_id), names.get(reporters[one.by], ""))
            for one in waiting
        ]
