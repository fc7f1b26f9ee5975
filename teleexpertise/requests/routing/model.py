"""The way of one request to an expert.  Identifiers only."""

from dataclasses import dataclass

from miss.base.ids import PoolId, PractitionerId
from teleexpertise.dispatch.policies import Served


@dataclass(frozen=True, slots=True)
class Route:
    """Decided when a request is sent; the coordinator may send it to another pool."""

    pool_id: PoolId
    """The pool that has to see to it: its fallback pools help, wherever the request lies meanwhile."""
    served: Served
    """Why that pool."""
    named: PractitionerId | None = None
    """Whom the requester asked for."""
    continuity: PractitionerId | None = None
    """Who answered this requester about this patient on this form."""
