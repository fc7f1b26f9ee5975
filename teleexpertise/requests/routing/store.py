"""Queries on routes."""

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.dispatch.policies import Served
from teleexpertise.requests.routing.model import Route
from teleexpertise.requests.routing.tables import RequestRouteRow


async def put(tx: Transaction, request_id: RequestId, route: Route) -> None:
    """Write the route of a request.  Under the request's lock, or with the request."""
    row = await tx.get(RequestRouteRow, request_id, populate_existing=True)
    if row is None:
        row = RequestRouteRow(request_id=request_id, pool_id=route.pool_id, served=route.served)
    row.pool_id, row.served = route.pool_id, route.served
    row.named_id, row.continuity_id = route.named or "", route.continuity or ""
    tx.add(row)
    await tx.flush()


async def find(tx: Transaction, request_id: RequestId) -> Route | None:
    """The route of a request; None: it was sent before there were any."""
    row = await tx.get(RequestRouteRow, request_id, populate_existing=True)
    if row is None:
        return None
    return Route(
        PoolId(row.pool_id),
        Served(row.served),
        PractitionerId(row.named_id) if row.named_id else None,
        PractitionerId(row.continuity_id) if row.continuity_id else None,
    )
