"""`/console/liste-rouge`: somebody on the red list, by name.

They are in no search, export or list; a technician whom such a person calls has to find them all the same.  Every
look-up asks for its reason, and is in the access log before its answer is shown: once for each person found, who reads
it in « Qui a consulté mes données », or once about nobody.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.directory.audit import Subject
from miss.directory.practitioners import RedListed
from miss.directory.retirement.model import require_reason
from miss.directory.roles import Role
from miss.directory.search.words import fold
from miss.server.console.accounts import MIN_LETTERS, Seen
from miss.server.console.errors import NameTooShort
from miss.server.house import House
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.forms import field
from miss.server.web.pages import language_of

RED_LIST_PATH: Final = "/console/liste-rouge"
ACT: Final = "directory.red_list_read"
MAX_SHOWN: Final = 20
NAME_LENGTH: Final = 200


@dataclass(frozen=True, slots=True)
class RedListPages:
    """For technicians."""

    house: House

    def routes(self) -> list[BaseRoute]:
        """Both routes."""
        return [
            Route(RED_LIST_PATH, self.ask, methods=["GET"]),
            Route(RED_LIST_PATH, self.find, methods=["POST"]),
        ]

    @requires(Role.TECHNICIAN)
    async def ask(self, request: Request) -> Response:
        """The form; a link may bring the name."""
        return await self._show(request, _tidy(request.query_params.get("nom", "")))

    @requires(Role.TECHNICIAN)
    async def find(self, request: Request) -> Response:
        """Those of that name, written down first; the form again if the name or the reason is missing."""
        form = await request.form()
        text, typed = _tidy(field(form, "nom")), field(form, "reason")
        try:
            reason = require_reason(typed)
            if len(fold(text)) < MIN_LETTERS:
                raise NameTooShort
        except MissError as error:
            return await self._show(request, text, reason=typed, error=error)
        found = await self.house.practitioners.find_red_listed(text, limit=MAX_SHOWN)
        await self._record(request, found, reason)
        return await self._show(request, text, reason=reason, found=found)

    async def _record(self, request: Request, found: RedListed, reason: str) -> None:
        by = person_of(request).account.uid.hex()
        async with self.house.db.transaction() as tx:
            for one in [person.id for person in found.people] or [PractitionerId("")]:
                self.house.audit.append(tx, actor=by, act=ACT, subject=Subject.practitioner(one), detail=reason)

    async def _show(
        self,
        request: Request,
        text: str,
        *,
        reason: str = "",
        found: RedListed | None = None,
        error: MissError | None = None,
    ) -> Response:
        people = found.people if found else ()
        seen = [Seen(person, await self.house.accounts.find_by_practitioner(person.id)) for person in people]
        page = await self.house.pages.render(
            request,
            "console/red_list.html",
            error.http_status if error else 200,
            text=text,
            reason=reason,
            found=None if found is None else seen,
            has_more=found is not None and found.has_more,
            error=error.sentence(language_of(request)) if error else None,
        )
        return retry_after(error, page) if error else page


def _tidy(text: str) -> str:
    return " ".join(text.split())[:NAME_LENGTH]
