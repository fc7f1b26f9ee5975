"""What a coordinator can ask and do with one request, declared once, for its routes and for OpenAPI."""

from typing import Any, Final

from miss.server.api.openapi import Operation
from miss.server.errors import NotYourRole
from teleexpertise.api import models
from teleexpertise.api.coordinator import steering
from teleexpertise.api.counter import Counter
from teleexpertise.api.terms import BODY, COORDINATORS
from teleexpertise.dispatch.errors import NotAssignable, PoolUnknown
from teleexpertise.requests.errors import GlassReasonMissing, RequestUnknown, StateForbids

_STEERED: Final = (NotYourRole, RequestUnknown, StateForbids)


def coordinator_operations(counter: Counter) -> list[Operation]:
    """Steering, and exceptional access."""
    at = steering.Steering(counter)
    one: dict[str, Any] = {"in_path": models.NumberPath, "access": COORDINATORS}
    done: dict[str, Any] = {**one, "method": "post", "answer": models.RequestLine}
    return [
        Operation(
            name="readSteering", path="/requests/{number}/steering", summary="To whom and where a request can go.",
            endpoint=at.choices, answer=steering.SteeringChoices, errors=_STEERED, is_conditional=True, **one,
        ),
        Operation(
            name="giveRequest", path="/requests/{number}/steering/give",
            summary="Offer a request to a member, before turn, slots and limits.",
            endpoint=at.give, in_body=steering.ByHand, errors=(*_STEERED, *BODY, NotAssignable), **done,
        ),
        Operation(
            name="moveRequest", path="/requests/{number}/steering/move", summary="Have another pool see to it.",
            endpoint=at.move, in_body=steering.Elsewhere, errors=(*_STEERED, *BODY, PoolUnknown), **done,
        ),
        Operation(
            name="takeRequestBack", path="/requests/{number}/steering/take-back",
            summary="Take a request from who holds it.",
            endpoint=at.take_back, in_body=steering.TakenBack, errors=(*_STEERED, *BODY), **done,
        ),
        Operation(
            name="breakGlass", path="/requests/{number}/break-glass",
            summary="Read what a request says, for an hour: recorded, and told to requester and expert.",
            endpoint=at.break_glass, in_body=steering.Glass, errors=(*_STEERED, *BODY, GlassReasonMissing), **done,
        ),
    ]  # fmt: skip
