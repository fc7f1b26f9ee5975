"""Queries on routes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlmodel import col, select

from miss.base.ids import PoolId, PractitionerId, RequestId
from miss.storage import Transaction
from miss.storage.direct import HotReads, PortableStatement
from teleexpertise.dispatch.conflicts import store as conflict_store
from teleexpertise.dispatch.policies import Policy, Served
from teleexpertise.dispatch.policies import store as policy_store
from teleexpertise.requests.routing.model import Route
from teleexpertise.requests.routing.tables import RequestRouteRow

_FIND = PortableStatement(
    select(
        RequestRouteRow.pool_id, RequestRouteRow.served, RequestRouteRow.named_id, RequestRouteRow.continuity_id
    ).where(col(RequestRouteRow.request_id) == bindparam("request_id")),
    ("request_id",),
)
_LOOK_UP = HotReads(_FIND, policy_store.OF_POOL, conflict_store.AGAINST)


@dataclass(frozen=True, slots=True)
class Known:
    """What is written down about the way of a request to the experts of a pool."""

    route: Route | None
    policy: Policy
    conflicts: frozenset[PractitionerId]
    """Who takes no requests from its requester."""


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
    return _read(await _FIND.fetch(tx, request_id))


async def look_up(tx: Transaction, request_id: RequestId, pool_id: PoolId, requester: PractitionerId) -> Known:
    """One question, asked for every request that is assigned."""
    routes, policies, conflicts = await _LOOK_UP.fetch(tx, (request_id,), (pool_id,), (requester,))
    return Known(_read(routes), policy_store.read(policies), conflict_store.read(conflicts))


def _read(rows: Sequence[Sequence[str]]) -> Route | None:
    if not rows:
        return None
    pool_id, served, named_id, continuity_id = rows[0]
    return Route(
        PoolId(pool_id),
        Served(served),
        PractitionerId(named_id) if named_id else None,
        PractitionerId(continuity_id) if continuity_id else None,
    )
