"""`/api/teleexpertise/v1`: what can be asked and done, each declared once, for its route and for OpenAPI."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.server.api.openapi import Api, Operation, Parameters
from miss.server.api.problems import WrongParameters, answer_problem, wrong_parameters
from miss.server.device_callers import DeviceTokenRefused
from miss.server.errors import AgreementsNeeded, NotYourRole, SecondFactorNeeded, SignInNeeded
from miss.server.house import House
from miss.server.web.access import ATTRIBUTE
from miss.storage.errors import DatabaseUnreachable
from teleexpertise.api import models
from teleexpertise.api.bodies import MAX_BODY_BYTES, read_body
from teleexpertise.api.callers import Callers
from teleexpertise.api.coordinator.operations import coordinator_operations
from teleexpertise.api.counter import Counter
from teleexpertise.api.errors import AccountHasNoDoor, ApiTooOften, EventsNotAskedFor
from teleexpertise.api.expert.operations import expert_operations
from teleexpertise.api.exports import FHIR_JSON, Exports
from teleexpertise.api.figures import Figures
from teleexpertise.api.files import MAX_BYTES
from teleexpertise.api.lists import Lists
from teleexpertise.api.requester.operations import requester_operations
from teleexpertise.api.terms import COORDINATORS, READ, SIGNED_IN
from teleexpertise.board.errors import BoardUnknown, TooManyListeners
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.errors import RequestUnknown

ROOT: Final = "/api/teleexpertise/v1"
SECURITY: Final = {
    "device": {"type": "http", "scheme": "bearer", "description": "HTTP token of a linked device (protocol §7)."}
}
_ALWAYS: Final = (
    *(WrongParameters, DeviceTokenRefused, SignInNeeded, SecondFactorNeeded, AgreementsNeeded, AccountHasNoDoor),
    *(ApiTooOften, DatabaseUnreachable),
)


@dataclass(frozen=True, slots=True)
class TeleexpertiseApi:
    """Lists, one request, what an expert does, figures, and the stream that says when to look again."""

    house: House
    service: Teleexpertise

    def routes(self) -> list[BaseRoute]:
        """Every operation, and the document that describes them."""
        api = self.api()
        callers = Callers(self.house)
        by_path: dict[str, list[Operation]] = {}
        for operation in api.operations:
            by_path.setdefault(operation.path, []).append(operation)
        return [
            Route(f"{ROOT}/openapi.json", api.described(self.house.settings.public_origin), methods=["GET"]),
            *(
                Route(f"{ROOT}{path}", _served(operations, callers), methods=[one.method.upper() for one in operations])
                for path, operations in by_path.items()
            ),
        ]

    def api(self) -> Api:
        """Everything that is served."""
        counter = Counter(self.service)
        return Api(
            ROOT,
            "MiSS: téléexpertise",
            "Requests for advice, for both their sides and for who coordinates a pool: lists, drafts, words, answers, "
            "figures.",
            [
                *_list_operations(Lists(self.service)),
                _export_operation(Exports(self.service)),
                *requester_operations(counter),
                *expert_operations(counter),
                *coordinator_operations(counter),
            ],
            always=_ALWAYS,
            security=SECURITY,
        )


def _list_operations(lists: Lists) -> list[Operation]:
    return [
        Operation(
            name="listWorklist", path="/worklist", summary="What the caller has to answer, by deadline.",
            endpoint=lists.worklist, answer=models.RequestList, **READ,
        ),
        Operation(
            name="listRequests", path="/requests", summary="What the caller asked, the latest first.",
            endpoint=lists.own, answer=models.RequestList, in_query=models.OwnQuery, **READ,
        ),
        Operation(
            name="readRequest", path="/requests/{number}", summary="One request; reading it is recorded.",
            endpoint=lists.detail, answer=models.RequestDetail, in_path=models.NumberPath, errors=(RequestUnknown,),
            **READ,
        ),
        Operation(
            name="fetchFile", path="/requests/{number}/files/{ref}", summary="One file; opening it is recorded.",
            endpoint=lists.file, media_types=["image/jpeg", "application/pdf"], in_path=models.FilePath,
            errors=(RequestUnknown,), access=SIGNED_IN,
        ),
        Operation(
            name="listQueues", path="/queues", summary="What is open in the pools that the caller coordinates.",
            endpoint=lists.queues, answer=models.QueueList, errors=(NotYourRole,), is_conditional=True,
            access=COORDINATORS,
        ),
        Operation(
            name="readFigures", path="/pools/{pool}/figures", summary="Fairness, delays and refusals of a pool.",
            endpoint=lists.figures, answer=Figures, in_path=models.PoolPath,
            errors=(NotYourRole, BoardUnknown), is_conditional=True, access=COORDINATORS,
        ),
        Operation(
            name="followChanges", path="/events",
            summary="Server-sent events: a request of the caller's has moved; its number and a version, no content.",
            endpoint=lists.events, media_types=["text/event-stream"], errors=(EventsNotAskedFor, TooManyListeners),
            access=SIGNED_IN,
        ),
    ]  # fmt: skip


def _export_operation(exports: Exports) -> Operation:
    return Operation(
        name="exportRequest", path="/requests/{number}/fhir",
        summary="One request as a FHIR R4 Bundle, for its requester and its expert; reading it is recorded.",
        endpoint=exports.bundle, media_types=[FHIR_JSON], in_path=models.NumberPath, errors=(RequestUnknown,),
        access=SIGNED_IN,
    )  # fmt: skip


def _served(operations: Sequence[Operation], callers: Callers) -> Callable[[Request], Awaitable[Response]]:
    """What can be done at one path, for the same people, as a route's endpoint; errors are answered as problems."""
    by_method = {operation.method.upper(): operation for operation in operations}

    async def serve(request: Request) -> Response:
        operation = by_method["GET" if request.method == "HEAD" else request.method]
        try:
            caller = await callers.of(request, operation.access)
            path = _read(operation.in_path, request.path_params)
            query = _read(operation.in_query, _single(request))
            if operation.in_body is None:
                return await operation.endpoint(request, caller, path, query)
            limit = MAX_BYTES if "files" in operation.in_body.model_fields else MAX_BODY_BYTES
            body = await read_body(request, operation.in_body, limit)
            return await operation.endpoint(request, caller, path, query, body)
        except MissError as error:
            return answer_problem(request, error)

    setattr(serve, ATTRIBUTE, operations[0].access)
    return serve


def _single(request: Request) -> dict[str, Any]:
    """The query's parameters; one that is said twice stays a list, which no parameter takes."""
    params = request.query_params
    return {name: said[0] if len(said := params.getlist(name)) == 1 else said for name in params}


def _read(model: type[Parameters], said: Any) -> Parameters:
    """Raises WrongParameters."""
    try:
        return model.model_validate(dict(said))
    except ValidationError as refused:
        raise wrong_parameters(refused) from None
