"""Decide where a request goes when it is sent: the pool, and whom it asks first."""

from dataclasses import dataclass

from miss.base.ids import PractitionerId
from miss.directory.practitioners import Practitioner
from miss.storage import Transaction
from teleexpertise.dispatch import Pool
from teleexpertise.dispatch.policies import Origin, take
from teleexpertise.requests.content import RequestContent
from teleexpertise.requests.parts import Parts
from teleexpertise.requests.routing.continuity import find_continuity
from teleexpertise.requests.routing.model import Route
from teleexpertise.requests.routing.wishes import find_named


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a request would go if it were sent now."""

    pool: Pool
    route: Route
    lost_wish: bool = False
    """The requester asked for somebody who is in no pool that receives these requests."""


class Routing:
    """Finds the pool, the named expert and the one who knows the patient."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def plan(
        self, tx: Transaction, form_id: str, requester: Practitioner, content: RequestContent
    ) -> Plan | None:
        """None: no pool receives that form."""
        takers = await self._parts.pools.list_takers(tx, form_id)
        experts = await self._experts(tx, form_id)
        named = find_named(content.wish, experts) if content.wish else None
        taken = take(takers, origin_of(requester), named)
        if taken is None:
            return None
        taker, served = taken
        continuity = await find_continuity(self._parts, tx, requester.id, form_id, content.patient)
        route = Route(taker.pool.id, served, named, continuity)
        return Plan(taker.pool, route, lost_wish=bool(content.wish) and named is None)

    async def list_experts(self, form_id: str, requester: Practitioner) -> list[Practitioner]:
        """Whom a requester may ask for on a form, by name."""
        async with self._parts.db.snapshot() as tx:
            experts = await self._experts(tx, form_id)
        return sorted(
            (person for person in experts.values() if person.id != requester.id),
            key=lambda person: (person.family, person.given),
        )

    async def find_wished(self, form_id: str, wish: str) -> PractitionerId | None:
        """Whom a wish means among those who may answer a form."""
        async with self._parts.db.snapshot() as tx:
            return find_named(wish, await self._experts(tx, form_id))

    async def _experts(self, tx: Transaction, form_id: str) -> dict[PractitionerId, Practitioner]:
        takers = await self._parts.pools.list_takers(tx, form_id)
        return await self._parts.practitioners.get_many(frozenset().union(*(taker.members for taker in takers)), tx)


def origin_of(requester: Practitioner) -> Origin:
    """The establishments and departments where somebody practises, as the register says."""
    places = [role.organization for role in requester.roles if role.organization]
    establishments = {number for place in places for number in (place.id, place.finess, place.siret) if number}
    departments = {place.department for place in places} | {role.department for role in requester.roles}
    return Origin(frozenset(establishments), frozenset(departments) - {""})
