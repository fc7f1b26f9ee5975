"""Headers that every answer carries, and the rule that forms come from our own pages.

Cross-site requests are told by what every current browser says of itself: `Sec-Fetch-Site`, else `Origin`
(OWASP's Fetch Metadata policy).  A request that changes something under a page session and says neither is refused.
The WebSocket checks its Origin itself, before it accepts (security.md §2, row 2).
"""

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from miss.base.text import choose_language
from miss.server.errors import ForeignOrigin

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
}
CHALLENGE = 'Cookie realm="MiSS", form-action="/connexion"'
"""What a 401 has to name (RFC 9110 §15.5.2): the pages' sessions are opened by a form (draft-broyer-http-cookie-auth).

Browsers do not know the scheme, so they show the page and ask for nothing.
"""
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """Adds HEADERS to each answer that does not set its own, HSTS when the public address is https.

    A 401 that names no way to authenticate gets CHALLENGE.
    """

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = HEADERS | ({"Strict-Transport-Security": "max-age=63072000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if message["status"] == 401:
                    headers.setdefault("WWW-Authenticate", CHALLENGE)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class SameOriginForms:
    """Refuses requests that change something when another site makes the browser send them."""

    def __init__(self, app: ASGIApp, *, public_origin: str) -> None:
        self._app = app
        self._public_origin = public_origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in SAFE_METHODS:
            headers = Headers(scope=scope)
            # Without a cookie too, if it says that it is foreign: a form that signs somebody in as somebody else.
            says_foreign = headers.get("sec-fetch-site") in {"cross-site", "same-site"}
            if says_foreign or ("cookie" in headers and not self._is_ours(headers)):
                sentence = ForeignOrigin().sentence(choose_language(headers.get("accept-language")))
                await PlainTextResponse(sentence, 403)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _is_ours(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        return headers.get("origin") == self._public_origin
