"""The roles that follow from pools: who runs one, who gives advice in one.  The pools are their only source."""

from miss.base.ids import PractitionerId
from miss.directory.accounts import Account
from miss.directory.roles import Grant, Role, pool_scope
from teleexpertise.house import Teleexpertise


async def pool_grants(service: Teleexpertise, account: Account) -> frozenset[Grant]:
    """What the account's holder is in every pool now."""
    async with service.parts.db.snapshot() as tx:
        coordinated, joined = await service.dispatch.list_places(tx, account.practitioner_id)
    runs = {Grant(account.uid, Role.POOL_COORDINATOR, pool_scope(pool_id)) for pool_id in coordinated}
    gives = {Grant(account.uid, Role.EXPERT, pool_scope(pool_id)) for pool_id in joined}
    return frozenset(runs | gives)


async def wake_pools(service: Teleexpertise, practitioner_id: PractitionerId) -> None:
    """Somebody is away, or is not any more: what waits in their pools is tried again."""
    async with service.parts.db.snapshot() as tx:
        _, joined = await service.dispatch.list_places(tx, practitioner_id)
    for pool_id in joined:
        await service.assignment.wake_pool(pool_id)
