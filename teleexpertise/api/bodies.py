"""The body of a request of this API: JSON, bounded, checked against its model; and the ETag of what is answered."""

from hashlib import blake2b
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.alias_generators import to_camel
from starlette.requests import Request
from starlette.responses import Response

from miss.server.api.problems import wrong_parameters
from teleexpertise.api.errors import BodyTooLong, BodyUnreadable

MAX_BODY_BYTES = 500_000

Body = TypeVar("Body", bound=BaseModel)


class JsonBody(BaseModel):
    """Base of what a body says: camelCase names as in the answers, nothing but what is declared."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


async def read_body(request: Request, shape: type[Body], limit_bytes: int = MAX_BODY_BYTES) -> Body:
    """The body, decoded and checked.  Raises BodyTooLong before it is read whole, BodyUnreadable, WrongParameters."""
    said = bytearray()
    async for chunk in request.stream():
        said += chunk
        if len(said) > limit_bytes:
            raise BodyTooLong(limit_kb=limit_bytes // 1_000)
    try:
        return shape.model_validate_json(bytes(said))
    except ValidationError as refused:
        if any(not fault["loc"] for fault in refused.errors(include_url=False, include_input=False)):
            raise BodyUnreadable from None
        raise wrong_parameters(refused) from None


def answer_json(request: Request, answer: BaseModel) -> Response:
    """The answer; 304 without it if `If-None-Match` names what it would be (RFC 9110 §13.1.2)."""
    body = answer.model_dump_json(by_alias=True).encode()
    etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"Cache-Control": "no-store" if request.method != "GET" else "private, no-cache", "ETag": etag}
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    if request.method == "GET" and (etag in known or "*" in known):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")
