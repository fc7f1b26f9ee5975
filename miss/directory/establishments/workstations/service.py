"""What establishments impose on devices: changed by their administrators, asked for by every client."""

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.employers import list_establishments_of
from miss.directory.establishments.quotas.model import day_of
from miss.directory.establishments.service import get_held
from miss.directory.establishments.workstations import store
from miss.directory.establishments.workstations.model import Imposed, strictest
from miss.storage import Database


class Workstations:
    """Every establishment's."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._audit = AuditLog(db, clock)

    async def get(self, establishment_id: OrganizationId) -> Imposed:
        """What it imposes; nothing, for one without a record."""
        async with self._db.snapshot() as tx:
            return strictest(await store.list_(tx, [establishment_id]))

    async def imposed_on(self, person: PractitionerId) -> Imposed:
        """What holds for somebody's devices: the strictest of those that they work for today."""
        async with self._db.snapshot() as tx:
            employers = await list_establishments_of(tx, person, day_of(self._clock.now()))
            return strictest(await store.list_(tx, employers))

    async def put(self, establishment_id: OrganizationId, imposed: Imposed, by: str) -> None:
        """Devices follow when they connect next.  `by`: actor of the access log.  Raises EstablishmentNotFound."""
        async with self._db.transaction() as tx:
            await get_held(tx, establishment_id)
            await store.put(tx, establishment_id, imposed)
            said = f"lock_after_min_max={imposed.lock_after_min_max}"
            subject = Subject("organization", establishment_id)
            self._audit.append(tx, actor=by, act="establishment.workstations_changed", subject=subject, detail=said)
