"""Queries on resources: filter, order, page, chosen attributes (RFC 7644 §3.4.2).  Pure, but for who is asked for."""

from collections.abc import Sequence
from typing import Any

from scim2_models import Context, ListResponse, ResponseParameters, SearchRequest
from scim2_models.path import CompareOperator, Comparison
from starlette.requests import Request

from miss.server.scim.answers import read_body
from miss.server.scim.resources import MAX_RESULTS, POLICY

_ONE = {"username": "login", "externalid": "external_id"}
"""Attributes that one person has alone, and the columns that hold them."""


async def read_search(request: Request, model: Any) -> Any:
    """What is asked for, in the query or in the body of a `/.search`.  Raises ValidationError."""
    if request.method == "POST":
        body = await read_body(request)
        return SearchRequest[model].model_validate_json(body, scim_ctx=Context.SEARCH_REQUEST, scim_policy=POLICY)
    return SearchRequest[model].model_validate(
        dict(request.query_params), scim_ctx=Context.SEARCH_REQUEST, scim_policy=POLICY
    )


def read_parameters(request: Request, model: Any) -> Any:
    """Which attributes of one resource are asked for.  Raises ValidationError."""
    asked = {name: text for name, text in request.query_params.items() if name in ("attributes", "excludedAttributes")}
    return ResponseParameters[model].model_validate(asked, scim_policy=POLICY)


def one_asked_for(search: Any) -> tuple[str, str] | None:
    """Column and value, if the filter asks for one person by what they have alone; programs mostly do."""
    node = search.filter.ast if search.filter else None
    if not isinstance(node, Comparison) or node.op is not CompareOperator.eq or not isinstance(node.value, str):
        return None
    path = node.attr_path
    column = _ONE.get(path.attr.lower()) if path.sub_attr is None and path.uri is None else None
    if column is None:
        return None
    return column, node.value.lower() if column == "login" else node.value


def select(search: Any, resources: Sequence[Any]) -> tuple[Sequence[Any], int]:
    """The page that is asked for, and how many match."""
    found = [one for one in resources if search.filter.match(one)] if search.filter else list(resources)
    found = search.sort(found)
    start = search.start_index_0 or 0
    return found[start : start + page_size(search)], len(found)


def page_size(search: Any) -> int:
    """Resources of one page."""
    return MAX_RESULTS if search.count is None else min(search.count, MAX_RESULTS)


def list_response(search: Any, model: Any, resources: Sequence[Any], total: int) -> dict[str, Any]:
    """One page as a message; each resource with the attributes that were asked for."""
    context = Context.RESOURCE_QUERY_RESPONSE
    dumped = [one.model_dump(scim_ctx=context, response_parameters=search) for one in resources]
    response = ListResponse[model](
        total_results=total,
        start_index=(search.start_index_0 or 0) + 1,
        items_per_page=len(dumped),
        resources=[],
    )
    message: dict[str, Any] = response.model_dump(scim_ctx=context)
    return message | {"Resources": dumped}
