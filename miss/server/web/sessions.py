"""Who is looking at a page: the session cookie, read once per request."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from miss.directory.sign_in import SignedIn, SignIn
from miss.server.errors import SignInNeeded


class PageSessions:
    """Puts the SignedIn of the session cookie, or None, into `request.state.signed_in`."""

    def __init__(self, app: ASGIApp, *, sign_in: SignIn, https: bool) -> None:
        self._app = app
        self._sign_in = sign_in
        self._cookie = cookie_name(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            token = Request(scope).cookies.get(self._cookie)
            signed_in = await self._sign_in.find_session(token) if token else None
            scope.setdefault("state", {})["signed_in"] = signed_in
        await self._app(scope, receive, send)


def require_signed_in(request: Request) -> SignedIn:
    """The person who is signed in.  Raises SignInNeeded, which the shell answers with the sign-in page."""
    signed_in: SignedIn | None = request.state.signed_in
    if signed_in is None:
        raise SignInNeeded
    return signed_in


def cookie_name(*, https: bool) -> str:
    """`__Host-` binds the cookie to this host and to https (RFC 6265bis §4.1.3.2); plain http cannot have it."""
    return "__Host-miss" if https else "miss"


def set_cookie(response: Response, token: str, *, https: bool) -> None:
    """Give the browser its session token; it ends with the browser, or when the server says so."""
    response.set_cookie(cookie_name(https=https), token, httponly=True, secure=https, samesite="lax", path="/")


def delete_cookie(response: Response, *, https: bool) -> None:
    """Take the session token back."""
    response.delete_cookie(cookie_name(https=https), httponly=True, secure=https, samesite="lax", path="/")
