"""« Mot de passe oublié »: three pages, the same for everybody."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.sign_in import ENOUGH_BITS, StepExpired
from miss.directory.sign_in.reset import PasswordReset
from miss.server.errors import PasswordsDiffer
from miss.server.mails.reset import LINK_PATH
from miss.server.web.access import anyone
from miss.server.web.forms import address_of, field
from miss.server.web.front import Front, to
from miss.server.web.sign_in import SIGN_IN_PATH, TRIAL

RESET_PATH = "/mot-de-passe-oublie"


@dataclass(frozen=True, slots=True)
class ResetPages:
    """The way to another password."""

    front: Front
    reset: PasswordReset

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(RESET_PATH, self.show, methods=["GET"]),
            Route(RESET_PATH, self.ask, methods=["POST"]),
            Route(LINK_PATH, self.show_new, methods=["GET"]),
            Route(LINK_PATH, self.choose, methods=["POST"]),
        ]

    @anyone
    async def show(self, request: Request) -> Response:
        return await self.front.show(request, "reset_ask.html", {"login": "", "sent": False})

    @anyone
    async def ask(self, request: Request) -> Response:
        """The same answer whether or not anybody has that name."""
        login = field(await request.form(), "login")
        try:
            await self.front.attempts.count(request)
            await self.reset.ask(login, address_of(request))
        except MissError as error:
            return await self.front.show(request, "reset_ask.html", {"login": login, "sent": False}, error)
        return await self.front.show(request, "reset_ask.html", {"login": "", "sent": True})

    @anyone
    async def show_new(self, request: Request) -> Response:
        token = request.query_params.get("jeton", "")
        try:
            await self.reset.check(token)
        except StepExpired as error:
            return await self.front.show(request, "reset_ask.html", {"login": "", "sent": False}, error)
        return await self._show_new(request, token)

    @anyone
    async def choose(self, request: Request) -> Response:
        form = await request.form()
        token, password = field(form, "jeton"), field(form, "password")
        try:
            await self.front.attempts.count(request)
            if field(form, TRIAL):
                strength = await self.front.sign_in.estimate(password, None)
                return await self._show_new(request, token, strength=strength)
            if password != field(form, "password_again"):
                raise PasswordsDiffer
            await self.reset.finish(token, field(form, "code"), password, address_of(request))
        except StepExpired as error:
            return await self.front.show(request, "reset_ask.html", {"login": "", "sent": False}, error)
        except MissError as error:
            return await self._show_new(request, token, error)
        return self.front.cookies.close(to(f"{SIGN_IN_PATH}?fait=mot-de-passe"), shared=False)

    async def _show_new(self, request: Request, token: str, error: MissError | None = None, **shown: Any) -> Response:
        shown = {"token": token, "strength": None, "enough_bits": ENOUGH_BITS, **shown}
        return await self.front.show(request, "reset_new.html", shown, error)
