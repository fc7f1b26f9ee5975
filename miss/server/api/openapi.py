"""The OpenAPI 3.1 document, made from the operations as they are declared; nothing of it is written by hand.

An operation names its path, the pydantic models of what it is asked and what it answers, and the errors of ours that
it raises: the routes and the document come from the same declaration, so neither can say what the other does not.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import JsonSchemaMode, models_json_schema
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from miss.base.errors import MissError
from miss.server.api.callers import READERS
from miss.server.api.problems import MEDIA_TYPE as PROBLEM_TYPE
from miss.server.api.problems import Problem
from miss.server.web.access import ATTRIBUTE, Access, Audience

OPENAPI_VERSION = "3.1.0"
_BESIDE = frozenset({"title", "description"})
_PASSING = frozenset({"429", "503"})
_COMPONENT = "#/components/schemas/{model}"
_IF_NONE_MATCH: Mapping[str, Any] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer.",
    "schema": {"type": "string"},
}
TOKEN: Mapping[str, Mapping[str, str]] = {
    "token": {"type": "http", "scheme": "bearer", "description": "Scope directory_read."}
}


class Parameters(BaseModel):
    """Base of what an operation is asked; a parameter it does not know is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Nothing(Parameters):
    """No parameter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One thing to ask for, or to do."""

    name: str
    path: str
    """Below the API's root, with `{parameter}`s that `in_path` declares."""
    summary: str
    endpoint: Callable[..., Awaitable[Response]]
    """Called with who asks, `in_path` and `in_query`; and with `in_body`, if there is one."""
    method: str = "get"
    in_body: type[BaseModel] | None = None
    """JSON; None: no body."""
    answer: type[BaseModel] | None = None
    """None: what `media_types` say, in bytes."""
    media_types: Sequence[str] = ("application/json",)
    in_path: type[Parameters] = Nothing
    in_query: type[Parameters] = Nothing
    is_conditional: bool = False
    """Answers carry an ETag, and If-None-Match is honoured (RFC 9110 §13.1.2)."""
    errors: Sequence[type[MissError]] = ()
    access: Access = READERS
    """Which people may ask; programs need their scope."""


@dataclass(frozen=True, slots=True)
class Api:
    """The operations under one root."""

    root: str
    title: str
    description: str
    operations: Sequence[Operation]
    always: Sequence[type[MissError]] = field(default=())
    """What any operation may raise."""
    security: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: TOKEN)
    """Each way to say who asks; one of them is enough."""

    def described(self, origin: str) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of the document, for anyone; it is made when it is first asked for, which no start waits for."""
        made: list[dict[str, Any]] = []

        async def describe(_request: Request) -> Response:
            if not made:
                made.append(await asyncio.to_thread(self.document, origin))
            return JSONResponse(made[0])

        setattr(describe, ATTRIBUTE, Access(Audience.ANYONE))
        return describe

    def document(self, origin: str) -> dict[str, Any]:
        """The OpenAPI document.  `origin`: scheme and host under which the root is found."""
        answers = [operation.answer for operation in self.operations if operation.answer]
        models: list[type[BaseModel]] = list(dict.fromkeys([*answers, Problem]))
        bodies = dict.fromkeys(operation.in_body for operation in self.operations if operation.in_body)
        # Serialised: a field with a default is always there in an answer.
        wanted: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "serialization") for model in models]
        wanted += [(model, "validation") for model in bodies]
        _, schemas = models_json_schema(wanted, ref_template=_COMPONENT)
        paths: dict[str, dict[str, Any]] = {}
        for operation in self.operations:
            paths.setdefault(operation.path, {})[operation.method] = self._operation(operation)
        return {
            "openapi": OPENAPI_VERSION,
            "info": {"title": self.title, "version": version("miss"), "description": self.description},
            "servers": [{"url": f"{origin}{self.root}"}],
            "paths": paths,
            "components": {
                "schemas": schemas.get("$defs", {}),
                "securitySchemes": dict(self.security),
            },
        }

    def _operation(self, operation: Operation) -> dict[str, Any]:
        described: dict[str, Any] = {
            "operationId": operation.name,
            "summary": operation.summary,
            "parameters": [*_parameters(operation.in_path, "path"), *_parameters(operation.in_query, "query")],
            "security": [{name: []} for name in self.security],
            "responses": {"200": _answered(operation), **_refused((*self.always, *operation.errors))},
        }
        if operation.is_conditional:
            described["parameters"].append(_IF_NONE_MATCH)
            described["responses"]["304"] = {"description": "As it was when the ETag was given."}
        if operation.in_body:
            schema = {"$ref": _COMPONENT.format(model=operation.in_body.__name__)}
            described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        return described


def _answered(operation: Operation) -> Mapping[str, Any]:
    if operation.answer is None:
        # Bytes have no schema (OpenAPI 3.1 §4.8.14.3).
        content: dict[str, Any] = {media_type: {"schema": {}} for media_type in operation.media_types}
    else:
        schema = {"$ref": _COMPONENT.format(model=operation.answer.__name__)}
        content = {media_type: {"schema": schema} for media_type in operation.media_types}
    return {"description": "As asked.", "content": content}


def _refused(errors: Iterable[type[MissError]]) -> dict[str, Any]:
    """By status, each with the codes that it may have."""
    by_status: dict[str, list[str]] = {}
    for error in errors:
        codes = by_status.setdefault(str(error.http_status), [])
        codes += [] if error.code in codes else [error.code]
    schema = {"$ref": _COMPONENT.format(model=Problem.__name__)}
    wait = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 0}}}
    return {
        status: {"description": ", ".join(codes), "content": {PROBLEM_TYPE: {"schema": schema}}}
        | ({"headers": wait} if status in _PASSING else {})
        for status, codes in sorted(by_status.items())
    }


def _parameters(model: type[Parameters], place: str) -> list[dict[str, Any]]:
    schema = model.model_json_schema(ref_template=_COMPONENT)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": place,
            "required": place == "path" or name in required,
            "description": one.get("description", ""),
            "schema": {key: value for key, value in one.items() if key not in _BESIDE and value is not None},
        }
        for name, one in schema.get("properties", {}).items()
    ]
