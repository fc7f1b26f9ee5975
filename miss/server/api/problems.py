"""Errors of the HTTP API: application/problem+json (RFC 9457), in the caller's language."""

from typing import Any

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse

from miss.base.errors import BadInput, MissError
from miss.base.text import Text
from miss.server.web.pages import language_of

MEDIA_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="MiSS"'
"""RFC 6750 §3."""


class WrongParameters(BadInput):
    """Parameters that are unknown, missing or not of the form asked for; `faults` names them."""

    code = "wrong_parameters"
    text = Text(
        fr="Ces paramètres manquent, sont inconnus ou n’ont pas la forme attendue : {names}. Voyez openapi.json.",
        en="These parameters are missing, unknown or not of the form asked for: {names}. See openapi.json.",
    )


class Fault(BaseModel):
    """One parameter that was refused."""

    name: str
    reason: str
    """In English, as the validator says it."""


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="about:blank: `status` says it all, and `code` which of ours it is.")
    title: str = Field(description="The sentence that a person reads.")
    status: int
    code: str = Field(description="Stable name of the error.")
    faults: list[Fault] = Field(default=[], description="The parameters that were refused.")


def answer_problem(request: Request, error: MissError) -> JSONResponse:
    """The error as an answer."""
    faults = error.params.get("faults")
    problem = Problem(
        type="about:blank",
        title=error.sentence(language_of(request)),
        status=error.http_status,
        code=error.code,
        faults=faults if isinstance(faults, list) else [],
    )
    headers = {"Cache-Control": "no-store"}
    if error.retry_after_s is not None:
        headers["Retry-After"] = str(error.retry_after_s)
    if error.http_status == 401:
        headers["WWW-Authenticate"] = CHALLENGE
    return JSONResponse(problem.model_dump(), error.http_status, headers, MEDIA_TYPE)


def wrong_parameters(refused: ValidationError) -> WrongParameters:
    """What a model refused; the values themselves are not repeated."""
    found: list[Any] = refused.errors(include_url=False, include_input=False, include_context=False)
    faults = [Fault(name=str(one["loc"][0]), reason=one["msg"]) for one in found]
    names = ", ".join(dict.fromkeys(fault.name for fault in faults))
    return WrongParameters(names=names[:200], faults=faults)
