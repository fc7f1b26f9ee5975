"""Pages of the house itself: home, sign-in, activation of a browser, language."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.text import Language
from miss.directory.sign_in import SignIn
from miss.server.errors import PasswordsDiffer
from miss.server.web.pages import Pages, language_of
from miss.server.web.sessions import cookie_name, delete_cookie, set_cookie

LANGUAGE_COOKIE_S = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class HousePages:
    """The house's own pages."""

    pages: Pages
    sign_in: SignIn
    https: bool

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/", self.home),
            Route("/connexion", self.show_sign_in, methods=["GET"]),
            Route("/connexion", self.do_sign_in, methods=["POST"]),
            Route("/deconnexion", self.do_sign_out, methods=["POST"]),
            Route("/activation", self.show_activation, methods=["GET"]),
            Route("/activation", self.do_activation, methods=["POST"]),
            Route("/langue/{language}", self.choose_language, methods=["POST"]),
        ]

    async def home(self, request: Request) -> Response:
        return await self.pages.render(request, "home.html")

    async def show_sign_in(self, request: Request) -> Response:
        after = _local_path(request.query_params.get("suite", "/"))
        if request.state.signed_in:
            return RedirectResponse(after, 303)
        return await self.pages.render(request, "sign_in.html", after=after, login="", error=None)

    async def do_sign_in(self, request: Request) -> Response:
        """Open a session, then the page that was asked for; the form again, with the reason, if refused."""
        form = await request.form()
        login, after = _field(form, "login"), _local_path(_field(form, "suite"))
        try:
            token = await self.sign_in.sign_in(
                login, _field(form, "password"), request.headers.get("user-agent", "")[:200]
            )
        except MissError as error:
            context = {"after": after, "login": login, "error": error.sentence(language_of(request))}
            return await self.pages.render(request, "sign_in.html", error.http_status, **context)
        response = RedirectResponse(after, 303)
        set_cookie(response, token, https=self.https)
        return response

    async def do_sign_out(self, request: Request) -> Response:
        token = request.cookies.get(cookie_name(https=self.https))
        if token:
            await self.sign_in.sign_out(token)
        response = RedirectResponse("/connexion", 303)
        delete_cookie(response, https=self.https)
        return response

    async def show_activation(self, request: Request) -> Response:
        return await self.pages.render(request, "activation.html", rpps="", error=None)

    async def do_activation(self, request: Request) -> Response:
        """The install check of a browser: use the code up, keep the password, open a session."""
        form = await request.form()
        rpps, password = _field(form, "rpps").replace(" ", ""), _field(form, "password")
        try:
            if password != _field(form, "password_again"):
                raise PasswordsDiffer
            await self.sign_in.choose_password(rpps, _field(form, "code"), password)
            token = await self.sign_in.sign_in(rpps, password, request.headers.get("user-agent", "")[:200])
        except MissError as error:
            context = {"rpps": rpps, "error": error.sentence(language_of(request))}
            return await self.pages.render(request, "activation.html", error.http_status, **context)
        response = RedirectResponse("/", 303)
        set_cookie(response, token, https=self.https)
        return response

    async def choose_language(self, request: Request) -> Response:
        chosen = request.path_params["language"]
        back = urlsplit(request.headers.get("referer", "/")).path or "/"
        response = RedirectResponse(_local_path(back), 303)
        if chosen in {*Language}:
            response.set_cookie("lang", chosen, max_age=LANGUAGE_COOKIE_S, samesite="lax", secure=self.https)
        return response


def _field(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _local_path(path: str) -> str:
    """`path` if it stays on this site, else the home page: no open redirect."""
    parts = urlsplit(path)
    local = not parts.scheme and not parts.netloc and path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if local else "/"
