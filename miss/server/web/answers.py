"""How errors are answered: a page for people, JSON for programs; and the page of what is missing.

What is missing: signing in, a second factor, accepting what has changed, or a fresh proof of who one is.
"""

from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from miss.base.errors import MissError, NotFound
from miss.server.errors import AgreementsNeeded, SecondFactorNeeded, SignInNeeded, StepUpNeeded
from miss.server.web.forms import previous_path
from miss.server.web.pages import Pages, language_of

Answer = Callable[[Request, Exception], Awaitable[Response]]

_WAYS = {
    SignInNeeded: "/connexion",
    SecondFactorNeeded: "/compte/securite",
    AgreementsNeeded: "/engagements",
    StepUpNeeded: "/compte/confirmation",
}


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def answer_errors(pages: Pages) -> Answer:
    """Starlette's handler for every `MissError`."""

    async def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, MissError):
            raise error
        way = _WAYS.get(type(error))
        if way and _wants_page(request):
            # A form is not sent again by itself: the person comes back to the page it was on.
            after = request.url.path if request.method == "GET" else previous_path(request, "/")
            if isinstance(error, SignInNeeded):
                after = request.url.path
            return RedirectResponse(f"{way}?{urlencode({'suite': after})}", 303)
        sentence = error.sentence(language_of(request))
        if not _wants_page(request):
            return retry_after(error, JSONResponse({"code": error.code, "text": sentence}, error.http_status))
        page = await pages.render(request, "error.html", error.http_status, status=error.http_status, sentence=sentence)
        return retry_after(error, page)

    return answer


def retry_after(error: MissError, response: Response) -> Response:
    """`response` to `error`, with when to come back if that helps."""
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response


def answer_not_found(pages: Pages) -> Answer:
    """Starlette's handler for addresses that no route knows."""
    answer = answer_errors(pages)

    async def not_found(request: Request, _error: Exception) -> Response:
        return await answer(request, NotFound())

    return not_found
