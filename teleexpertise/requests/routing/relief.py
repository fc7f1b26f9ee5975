"""Another pool for a request that waits: the next one, in the order written down, in which somebody can take it.

A request never lies in a pool where it would only wait again: where nobody helps, it stays, is looked at again at the
next opening of any of them, and its coordinator knows.
"""

from dataclasses import dataclass
from datetime import datetime

from miss.storage import Transaction
from teleexpertise.dispatch import Assigned, Pool
from teleexpertise.dispatch.policies import fallback_at
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.routing import store as route_store
from teleexpertise.requests.routing.needs import Needs
from teleexpertise.requests.store import Stored


@dataclass(frozen=True, slots=True)
class Relief:
    """What other pools can do for a request that waits."""

    pool: Pool | None = None
    """Somebody can take it there now."""
    again_at: datetime | None = None
    """None of them now: when to look again, if that is known."""


class Reliefs:
    """Looks at the pools that help."""

    def __init__(self, parts: Parts, needs: Needs) -> None:
        self._parts = parts
        self._needs = needs

    async def find(self, tx: Transaction, stored: Stored, assigned: Assigned, now: datetime) -> Relief:
        """For a request for which `assigned` found nobody: at once if its deadline breaks, else at the pool's share of
        its time."""
        parts, sent = self._parts, stored.request.require_sent()
        route = await route_store.find(tx, stored.request.id)
        home = await parts.dispatch.get_pool(tx, route.pool_id if route else sent.pool_id)
        policy = await parts.pools.get_policy(tx, home.id)
        if sent.pool_id not in {home.id, *policy.fallbacks}:
            # An expert referred it to another specialty: that pool sees to it now.
            home = await parts.dispatch.get_pool(tx, sent.pool_id)
            policy = await parts.pools.get_policy(tx, home.id)
        if not policy.fallbacks:
            return Relief()
        if not assigned.decision.breaks_deadline:
            due_at = fallback_at(home, policy, sent.at, sent.deadline_at)
            if due_at is None or now < due_at:
                return Relief(again_at=due_at)
        openings = []
        for pool_id in (home.id, *policy.fallbacks):
            if pool_id != sent.pool_id:
                pool = await parts.dispatch.get_pool(tx, pool_id)
                need = await self._needs.compose(tx, stored, pool, now)
                decision = await parts.dispatch.look(tx, pool_id, need, now)
                if decision.chosen is not None:
                    return Relief(pool)
                openings += [decision.wake_at] if decision.wake_at else []
        return Relief(again_at=min(openings, default=None))
