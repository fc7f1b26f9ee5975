"""What the pages of signing in share: the rooms behind them, and the form that comes back with the reason."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from miss.base.errors import MissError
from miss.directory.sign_in import SignIn
from miss.directory.sign_in.factors import SecondFactors
from miss.directory.sign_in.passkeys.model import Begun
from miss.directory.sign_in.passkeys.service import Passkeys
from miss.server.errors import ScriptSentTooMuch
from miss.server.web.answers import retry_after
from miss.server.web.attempts import Attempts
from miss.server.web.pages import Pages, language_of
from miss.server.web.sessions import SignInCookies

CREDENTIAL = "credential"
"""The field into which the script writes what the browser made of a passkey, as JSON."""
MAX_JSON_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Front:
    """Lent to each group of pages."""

    pages: Pages
    sign_in: SignIn
    factors: SecondFactors
    passkeys: Passkeys
    attempts: Attempts
    cookies: SignInCookies
    refused: Counter
    """Sign-ins refused, by code: what an attack on passwords shows in."""
    has_psc: bool = False
    """Pro Santé Connect is configured."""

    async def show(
        self, request: Request, template: str, shown: Mapping[str, Any], error: MissError | None = None
    ) -> Response:
        """A page; with `error`, the form again with the reason: `shown` holds what was typed, never a password."""
        if error is None:
            return await self.pages.render(request, template, error=None, **shown)
        self.refused.labels(error.code).inc()
        said = error.sentence(language_of(request))
        return retry_after(error, await self.pages.render(request, template, error.http_status, error=said, **shown))


def to(path: str) -> RedirectResponse:
    """The browser goes on to another page, by GET (RFC 9110 §15.4.4)."""
    return RedirectResponse(path, 303)


def begin_ceremony(front: Front, begun: Begun) -> Response:
    """What the script hands to the browser, which gets the token of the step."""
    response = Response(begun.options, media_type="application/json", headers={"Cache-Control": "no-store"})
    return front.cookies.begin_passkey(response, begun.step_token)


def answer_script(error: MissError, request: Request) -> Response:
    """A refusal for the script of a page."""
    said = {"code": error.code, "text": error.sentence(language_of(request))}
    return retry_after(error, JSONResponse(said, error.http_status, headers={"Cache-Control": "no-store"}))


async def read_json(request: Request) -> dict[str, str]:
    """The texts of a small JSON object that a script sent; nothing of anything else.  Raises ScriptSentTooMuch."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_JSON_BYTES:
            raise ScriptSentTooMuch(maximum=MAX_JSON_BYTES)
    try:
        sent = json.loads(body or b"{}")
    except ValueError:
        return {}
    return {name: value for name, value in sent.items() if isinstance(value, str)} if isinstance(sent, dict) else {}
