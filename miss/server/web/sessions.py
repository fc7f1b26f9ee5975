"""Who is looking at a page: the session cookie, read once per request; and the cookies of signing in."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from miss.directory.sign_in import LockedSession, SignedIn, SignIn
from miss.server.web.access import require_signed_in

__all__ = [
    "PageSessions",
    "SignInCookies",
    "cookie_name",
    "require_signed_in",
]

WORKSTATION_S = 365 * 24 * 3600
STATIC = "/static/"
FORGET_ALL = '"cache", "storage"'


class PageSessions:
    """Puts the SignedIn or the LockedSession of the session cookie, or None, into `request.state`."""

    def __init__(self, app: ASGIApp, *, sign_in: SignIn, https: bool) -> None:
        self._app = app
        self._sign_in = sign_in
        self._cookie = cookie_name(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            token = Request(scope).cookies.get(self._cookie)
            looked_up = token if token and not scope["path"].startswith(STATIC) else None
            found = await self._sign_in.find_session(looked_up) if looked_up else None
            state = scope.setdefault("state", {})
            state["signed_in"] = found if isinstance(found, SignedIn) else None
            state["locked"] = found if isinstance(found, LockedSession) else None
        await self._app(scope, receive, send)


class SignInCookies:
    """The cookies of signing in: the session's, those of steps on the way, and whether others use the machine.

    Gone with the browser, but the last, which names nobody.  `__Host-` binds a cookie to this host and to https
    (RFC 6265bis §4.1.3.2); plain http cannot have it.
    """

    def __init__(self, *, https: bool) -> None:
        self._https = https
        self.session = cookie_name(https=https)
        self.step = f"{self.session}-step"
        self.passkey = f"{self.session}-key"
        self.workstation = f"{self.session}-poste"

    def token(self, request: Request) -> str:
        """The session's token; empty if there is none."""
        return request.cookies.get(self.session, "")

    def step_token(self, request: Request) -> str:
        """The token of what was begun; empty if there is none."""
        return request.cookies.get(self.step, "")

    def passkey_token(self, request: Request) -> str:
        """The token of the browser's ceremony with a passkey; empty if there is none."""
        return request.cookies.get(self.passkey, "")

    def is_shared(self, request: Request) -> bool:
        """True on a machine that somebody said is shared."""
        return request.cookies.get(self.workstation) == "partage"

    def open(self, response: Response, token: str) -> Response:
        """Give the browser a session; whatever it had begun is over."""
        self._set(response, self.session, token)
        self._delete(response, self.step)
        self._delete(response, self.passkey)
        return response

    def begin_passkey(self, response: Response, token: str) -> Response:
        """Beside what the browser has begun: the person may still type a code instead."""
        self._set(response, self.passkey, token)
        return response

    def begin(self, response: Response, token: str) -> Response:
        """Give the browser the token of what it has begun."""
        self._set(response, self.step, token)
        return response

    def close(self, response: Response, *, shared: bool) -> Response:
        """Take the session back; a shared machine keeps nothing that a page has left there."""
        for name in (self.session, self.step, self.passkey):
            self._delete(response, name)
        if shared:
            response.headers["Clear-Site-Data"] = FORGET_ALL
        return response

    def remember_workstation(self, response: Response, *, is_shared: bool) -> None:
        """Tick the box by itself next time, or not."""
        if is_shared:
            self._set(response, self.workstation, "partage", WORKSTATION_S)
        else:
            self._delete(response, self.workstation)

    def _set(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        response.set_cookie(name, value, max_age=max_age, httponly=True, secure=self._https, samesite="lax", path="/")

    def _delete(self, response: Response, name: str) -> None:
        response.delete_cookie(name, httponly=True, secure=self._https, samesite="lax", path="/")


def cookie_name(*, https: bool) -> str:
    """The session cookie's name."""
    return "__Host-miss" if https else "miss"
