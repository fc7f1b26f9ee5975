"""How the chat speaks over HTTP: MessagePack both ways, errors with a code and a sentence, bearer tokens.

Unknown and forbidden look the same: 404 with the same body.
"""

from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import NamedTuple, TypeVar

import msgspec
import structlog
from starlette.requests import ClientDisconnect, HTTPConnection, Request
from starlette.responses import Response

from miss.base.errors import MissError, NotAuthenticated
from miss.base.text import choose_language
from miss.chat.devices.errors import TokenRefused
from miss.chat.devices.model import LinkedDevice
from miss.chat.devices.service import Devices
from miss.chat.errors import BadRequest, BodyTooLarge
from miss.chat.metrics import ChatMetrics

log = structlog.get_logger("miss.chat")

T = TypeVar("T", bound=msgspec.Struct)
Endpoint = Callable[[Request], Awaitable[Response]]

MEDIA_TYPE = "application/msgpack"
MAX_BODY_BYTES = 64 * 1024

_encoder = msgspec.msgpack.Encoder()


class Pace(Enum):
    """What is counted together (`miss.chat.gate`)."""

    REQUESTS = auto()
    COMMITS = auto()
    BLOBS = auto()
    IDENTITY = auto()
    SEARCHES = auto()


class Door(NamedTuple):
    """One method of one address below /api/chat."""

    method: str
    path: str
    endpoint: Endpoint
    pace: Pace = Pace.REQUESTS


def answer(value: object) -> Response:
    """`value` in MessagePack."""
    return Response(_encoder.encode(value), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store"})


def answer_error(request: HTTPConnection, error: MissError) -> Response:
    """The error in MessagePack, in the language of the request."""
    sentence = error.sentence(choose_language(request.headers.get("accept-language")))
    plain = {name: value if isinstance(value, int | str | list) else str(value) for name, value in error.params.items()}
    body = _encoder.encode({"code": error.code, "text": sentence, "params": plain})
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, NotAuthenticated):
        # RFC 6750 §3: who gave a token is told that it is worth nothing, who gave none only how to give one.
        fault = ', error="invalid_token"' if bearer_token(request) else ""
        headers["WWW-Authenticate"] = f'Bearer realm="MiSS"{fault}'
    return Response(body, error.http_status, media_type=MEDIA_TYPE, headers=headers)


def spoken(endpoint: Endpoint, metrics: ChatMetrics, admit: Callable[[Request], Awaitable[None]]) -> Endpoint:
    """`endpoint` for whom `admit` lets through, with what either raises answered as above."""

    async def speak(request: Request) -> Response:
        try:
            await admit(request)
            return await endpoint(request)
        except MissError as error:
            metrics.refused.labels(error.code).inc()
            return answer_error(request, error)
        except ClientDisconnect:
            # Whoever hung up reads no answer, and nothing is wrong here.
            return Response(status_code=400)
        except Exception as error:
            # The text of an unknown error may quote the request; its type may not.
            log.error("chat.request_failed", path=request.url.path, reason=type(error).__name__, exc_info=True)
            return answer_error(request, MissError())

    return speak


async def caller(request: Request, devices: Devices) -> LinkedDevice:
    """The device whose token the request carries.  Raises TokenRefused, DeviceRevoked, AccountNotActive."""
    token = bearer_token(request)
    if not token:
        raise TokenRefused
    return await devices.device_of(token)


def bearer_token(request: HTTPConnection) -> str:
    """The token that the request carries (RFC 6750 §2.1); empty if it carries none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def read_body(request: Request, shape: type[T], max_bytes: int = MAX_BODY_BYTES) -> T:
    """The body, decoded and checked.  Raises BodyTooLarge before it is read whole, BadRequest."""
    if announced_bytes(request) > max_bytes:
        raise BodyTooLarge(max_bytes=max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise BodyTooLarge(max_bytes=max_bytes)
    try:
        return msgspec.msgpack.decode(body, type=shape)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadRequest from None


def announced_bytes(request: Request) -> int:
    """What Content-Length says; 0 if it says nothing.  Uvicorn holds clients to what they announce."""
    text = request.headers.get("content-length", "")
    return int(text) if text.isdecimal() and len(text) < 16 else 0


def path_bytes(request: Request, name: str, length: int) -> bytes:
    """An identifier in the path, in hex.  Raises BadRequest."""
    try:
        value = bytes.fromhex(request.path_params[name])
    except ValueError:
        raise BadRequest from None
    if len(value) != length:
        raise BadRequest
    return value


def path_number(request: Request, name: str) -> int:
    """A number in the path.  Raises BadRequest."""
    text = request.path_params[name]
    if not text.isdecimal() or len(text) > 16:
        raise BadRequest
    return int(text)


def query_number(request: Request, name: str, default: int, least: int, most: int) -> int:
    """A number in the query, within bounds.  Raises BadRequest if it is no number."""
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or len(text) > 16:
        raise BadRequest
    return min(max(int(text), least), most)
