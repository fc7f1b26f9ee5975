"""How errors are answered: a page for people, JSON for programs, the sign-in page for who is not signed in."""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from miss.base.errors import MissError, NotFound
from miss.server.errors import SignInNeeded
from miss.server.web.pages import Pages, language_of

Answer = Callable[[Request, Exception], Awaitable[Response]]


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def answer_errors(pages: Pages) -> Answer:
    """Starlette's handler for every `MissError`."""

    async def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, MissError):
            raise error
        if isinstance(error, SignInNeeded) and _wants_page(request):
            return RedirectResponse(f"/connexion?{urlencode({'suite': request.url.path})}", 303)
        sentence = error.sentence(language_of(request))
        if not _wants_page(request):
            return JSONResponse({"code": error.code, "text": sentence}, error.http_status)
        return await pages.render(request, "error.html", error.http_status, status=error.http_status, sentence=sentence)

    return answer


def answer_not_found(pages: Pages) -> Answer:
    """Starlette's handler for addresses that no route knows."""
    answer = answer_errors(pages)

    async def not_found(request: Request, _error: Exception) -> Response:
        return await answer(request, NotFound())

    return not_found
