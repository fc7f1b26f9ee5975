"""Pages of the house itself: home, language."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Language
from miss.server.web.access import anyone
from miss.server.web.forms import previous_path
from miss.server.web.pages import Pages

LANGUAGE_COOKIE_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class HousePages:
    """The house's own pages."""

    pages: Pages
    https: bool

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/", self.home, methods=["GET"]),
            Route("/langue/{language}", self.choose_language, methods=["POST"]),
        ]

    @anyone
    async def home(self, request: Request) -> Response:
        return await self.pages.render(request, "home.html")

    @anyone
    async def choose_language(self, request: Request) -> Response:
        chosen = request.path_params["language"]
        response = RedirectResponse(previous_path(request, "/"), 303)
        if chosen in {*Language}:
            response.set_cookie("lang", chosen, max_age=LANGUAGE_COOKIE_S, samesite="lax", secure=self.https)
        return response
