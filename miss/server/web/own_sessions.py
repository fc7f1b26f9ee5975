"""« Mon compte »: its table of contents, and the sessions that are open, each to be ended from here."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.directory.sign_in import SessionNotFound
from miss.server.service import MenuEntry
from miss.server.web.access import person_of, requires, signed_in
from miss.server.web.front import Front, to
from miss.server.web.sign_in import SIGN_IN_PATH

ACCOUNT_PATH = "/compte"
SESSIONS_PATH = f"{ACCOUNT_PATH}/sessions"
ACCOUNT_ENTRY = MenuEntry(ACCOUNT_PATH, Text(fr="Mon compte", en="My account"))


@dataclass(frozen=True, slots=True)
class SessionPages:
    """Where somebody is signed in."""

    front: Front

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(ACCOUNT_PATH, self.contents, methods=["GET"]),
            Route(SESSIONS_PATH, self.show, methods=["GET"]),
            Route(f"{SESSIONS_PATH}/fin", self.end_others, methods=["POST"]),
            Route(f"{SESSIONS_PATH}/partout", self.end_all, methods=["POST"]),
            Route(f"{SESSIONS_PATH}/{{session}}/fin", self.end, methods=["POST"]),
        ]

    @signed_in
    async def contents(self, request: Request) -> Response:
        return await self.front.pages.render(request, "own_account.html")

    @requires(before_second_factor=True)
    async def show(self, request: Request) -> Response:
        person = person_of(request)
        sessions = await self.front.sign_in.sessions.list_(person.account)
        shown = {"sessions": sessions, "own": person.session.id, "ended": request.query_params.get("fin") == "1"}
        return await self.front.show(request, "sessions.html", shown)

    @requires(before_second_factor=True)
    async def end(self, request: Request) -> Response:
        person, session_id = person_of(request), request.path_params["session"]
        if session_id == person.session.id:
            return await self._sign_out(request)
        try:
            await self.front.sign_in.sessions.revoke(person.account.uid, session_id)
        except SessionNotFound as error:
            sessions = await self.front.sign_in.sessions.list_(person.account)
            shown = {"sessions": sessions, "own": person.session.id, "ended": False}
            return await self.front.show(request, "sessions.html", shown, error)
        return to(f"{SESSIONS_PATH}?fin=1")

    @requires(before_second_factor=True)
    async def end_others(self, request: Request) -> Response:
        person = person_of(request)
        await self.front.sign_in.sessions.revoke_others(person.account.uid, person.session.id)
        return to(f"{SESSIONS_PATH}?fin=1")

    @requires(before_second_factor=True)
    async def end_all(self, request: Request) -> Response:
        """Sign out everywhere, here as well."""
        person = person_of(request)
        await self.front.sign_in.sessions.revoke_others(person.account.uid, "")
        return await self._sign_out(request)

    async def _sign_out(self, request: Request) -> Response:
        await self.front.sign_in.sign_out(self.front.cookies.token(request))
        return self.front.cookies.close(to(SIGN_IN_PATH), shared=person_of(request).session.visit.is_shared)
