"""What every answer of the SCIM door has in common: its media type, and errors as RFC 7644 §3.12 writes them."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog
from pydantic import ValidationError
from scim2_models import (
    ConflictException,
    Error,
    InvalidSyntaxException,
    InvalidValueException,
    NotFoundException,
    PayloadTooLargeException,
    PreconditionFailedException,
    SCIMException,
    UniquenessException,
)
from starlette.requests import Request
from starlette.responses import Response

from miss.base.errors import BadInput, Conflict, Forbidden, MissError, NotFound, TooMany, Unavailable
from miss.base.text import choose_language
from miss.directory.establishments.errors import StaffExists, UnitExists
from miss.directory.establishments.tokens import ApiToken

MEDIA_TYPE = "application/scim+json"
MAX_BODY_BYTES = 1 << 20

Handler = Callable[[Request, ApiToken], Awaitable[Response]]
Admit = Callable[[Request], Awaitable[ApiToken]]
"""Raises MissError or SCIMException for who may not pass."""

log = structlog.get_logger("miss.scim")


class MethodNotAllowed(SCIMException):
    """The resource has no such operation."""

    status = 405
    _default_detail = "Method not allowed"


class TokenMissing(SCIMException):
    """No living token came with the request."""

    status = 401
    _default_detail = "A token of the establishment is needed: Authorization: Bearer …"


class TokenForOtherUse(SCIMException):
    """The token does not open this door."""

    status = 403
    _default_detail = "This token has not the scope scim"


class NotNow(SCIMException):
    """Something we depend on does not answer, or the list is being written by a file."""

    status = 503
    _default_detail = "Try again in a moment"


class TooManyRequests(SCIMException):
    """The caller has to wait (RFC 6585 §4)."""

    status = 429
    _default_detail = "Too many requests"


def answer(content: Mapping[str, Any] | None, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """One message of SCIM; None: nothing to say."""
    body = b"" if content is None else json.dumps(content, ensure_ascii=False).encode()
    said = {"Cache-Control": "no-store"} | dict(headers or {})
    return Response(body, status, media_type=None if content is None else MEDIA_TYPE, headers=said)


def door(admit: Admit, **handlers: Handler) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint that asks `admit` for the token that came, then calls the handler of the method (`GET=…`)."""

    async def endpoint(request: Request) -> Response:
        try:
            token = await admit(request)
            handler = handlers.get("GET" if request.method == "HEAD" else request.method)
            if handler is None:
                raise MethodNotAllowed if handlers else NotFoundException
            return await handler(request, token)
        except SCIMException as error:
            headers = {"Allow": ", ".join(handlers)} if isinstance(error, MethodNotAllowed) else {}
            return _refuse(error.to_error(), headers)
        except ValidationError as error:
            return _refuse(Error.from_validation_errors(error)[0])
        except MissError as error:
            wait = {} if error.retry_after_s is None else {"Retry-After": str(error.retry_after_s)}
            return _refuse(_named(error, request).to_error(), wait)

    return endpoint


async def read_body(request: Request) -> bytes:
    """The whole body.  Raises PayloadTooLargeException, InvalidSyntaxException for one that is not UTF-8."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise PayloadTooLargeException
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise InvalidSyntaxException from error
    return body


def _named(error: MissError, request: Request) -> SCIMException:
    """Our refusals under the names that provisioning programs know.  Raises `error` if it is none of them."""
    sentence = error.sentence(choose_language(request.headers.get("accept-language")))
    if isinstance(error, StaffExists | UnitExists):
        return UniquenessException(detail=sentence)
    for kind, named in (
        (NotFound, NotFoundException),
        (Conflict, ConflictException),
        (Forbidden, TokenForOtherUse),
        (BadInput, InvalidValueException),
        (TooMany, TooManyRequests),
        (Unavailable, NotNow),
    ):
        if isinstance(error, kind):
            return named(detail=sentence)
    raise error


def _refuse(error: Error, headers: Mapping[str, str] | None = None) -> Response:
    status = error.status or 400
    said = dict(headers or {})
    if status == TokenMissing.status:
        said["WWW-Authenticate"] = 'Bearer realm="MiSS"'
    if status != NotFoundException.status:
        log.info("scim.refused", status=status, scim_type=error.scim_type or "")
    return answer(error.model_dump(), status, said)


def require_match(request: Request, version: str) -> None:
    """Raises PreconditionFailedException if `If-Match` names another version (RFC 7644 §3.14)."""
    asked = request.headers.get("if-match")
    if asked is not None and asked.strip() != "*" and version not in {one.strip() for one in asked.split(",")}:
        raise PreconditionFailedException
