"""Pro Santé Connect on the pages: two addresses that are there only where it is configured."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.sign_in.psc import ProSanteConnect, PscAccountMissing
from miss.server.web.access import anyone, person_of, requires
from miss.server.web.forms import local_path, visit_of
from miss.server.web.front import Front, to

PSC_PATH = "/connexion/psc"
PSC_RETURN_PATH = f"{PSC_PATH}/retour"
PSC_CONFIRM_PATH = "/compte/confirmation/psc"


@dataclass(frozen=True, slots=True)
class PscPages:
    """The way out to the provider, and back."""

    front: Front
    psc: ProSanteConnect

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(PSC_PATH, self.begin, methods=["GET"]),
            Route(PSC_RETURN_PATH, self.finish, methods=["GET"]),
            Route(PSC_CONFIRM_PATH, self.begin_confirm, methods=["GET"]),
        ]

    @anyone
    async def begin(self, request: Request) -> Response:
        """A link, not a form: the page's own policy lets no form lead to another site."""
        after = local_path(request.query_params.get("suite", "/"))
        try:
            await self.front.attempts.count(request)
            sent = await self.psc.begin(after, is_shared=self.front.cookies.is_shared(request))
        except MissError as error:
            return await self._refuse(request, error)
        return self.front.cookies.begin(to(sent.address), sent.step_token)

    @requires(before_second_factor=True)
    async def begin_confirm(self, request: Request) -> Response:
        after = local_path(request.query_params.get("suite", "/"))
        try:
            sent = await self.psc.begin(after, confirm=person_of(request))
        except MissError as error:
            return await self._refuse(request, error)
        return self.front.cookies.begin(to(sent.address), sent.step_token)

    @anyone
    async def finish(self, request: Request) -> Response:
        cookies = self.front.cookies
        try:
            await self.front.attempts.count(request)
            returned = await self.psc.finish(
                cookies.step_token(request), dict(request.query_params), visit_of(request), cookies.token(request)
            )
        except MissError as error:
            return await self._refuse(request, error)
        return cookies.open(to(local_path(returned.after)), returned.opened.token)

    async def _refuse(self, request: Request, error: MissError) -> Response:
        shown = {"account_missing": isinstance(error, PscAccountMissing)}
        return await self.front.show(request, "psc_refused.html", shown, error)
