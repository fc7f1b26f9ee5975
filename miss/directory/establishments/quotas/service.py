"""Quotas of establishments: chosen by the operator, counted over all their tokens and on all processes together."""

from math import ceil
from typing import Final

from miss.base.clock import Clock
from miss.base.ids import OrganizationId
from miss.broker import Rates
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.quotas import store
from miss.directory.establishments.quotas.allowances import Allowances
from miss.directory.establishments.quotas.errors import EstablishmentQuotaReached
from miss.directory.establishments.quotas.model import Quota, QuotaChoice, counted_as
from miss.directory.establishments.service import get_held
from miss.protocol.session.limits import Rate
from miss.storage import Database

_KIND: Final = "establishment.requests"
_MINUTE_S: Final = 60


class Quotas:
    """Every establishment's."""

    def __init__(self, db: Database, clock: Clock, rates: Rates, default: Quota) -> None:
        """`default`: where the operator chose nothing."""
        self._db = db
        self._rates = rates
        self._audit = AuditLog(db, clock)
        self.allowances = Allowances(db, clock)
        """What their people keep and ask."""
        self.default = default

    async def choice(self, establishment_id: OrganizationId) -> QuotaChoice:
        """What the operator chose."""
        async with self._db.snapshot() as tx:
            return await store.find(tx, establishment_id)

    async def get(self, establishment_id: OrganizationId) -> Quota:
        """What holds."""
        return (await self.choice(establishment_id)).over(self.default)

    async def put(self, establishment_id: OrganizationId, choice: QuotaChoice, by: str) -> None:
        """From the next request on.  `by`: actor of the access log.  Raises EstablishmentNotFound."""
        async with self._db.transaction() as tx:
            await get_held(tx, establishment_id)
            await store.put(tx, establishment_id, choice)
            said = (
                f"requests_per_min={choice.requests_per_min} entries_per_day={choice.entries_per_day} "
                f"stored_mb={choice.stored_mb} advice_per_day={choice.advice_per_day}"
            )
            subject = Subject("organization", establishment_id)
            self._audit.append(tx, actor=by, act="establishment.quota_changed", subject=subject, detail=said)

    async def admit(self, establishment_id: OrganizationId) -> Quota:
        """Count one request of one of its programs; what holds.  Raises EstablishmentQuotaReached."""
        quota = await self.get(establishment_id)
        allowed = quota.requests_per_min
        rate = Rate(burst=allowed, per_s=allowed / _MINUTE_S)
        if wait_s := await self._rates.ask(_KIND, counted_as(establishment_id, allowed), rate):
            raise EstablishmentQuotaReached(allowed=allowed, retry_after_s=ceil(wait_s))
        return quota
