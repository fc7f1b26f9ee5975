"""What an establishment's people keep and ask, counted where it is written, in the writer's own transaction.

Whoever stands on an establishment's list of staff counts for it; on several, for the one that listed them first; people
without an RPPS number for the establishment that numbered them; what is asked in an establishment's own name, for that
one.  Everybody else counts for nobody.  A file goes on counting for the establishment that it was kept for, wherever
its writer works later.
"""

from collections.abc import Collection

from miss.base.clock import Clock
from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.establishments.employers import list_establishments_of
from miss.directory.establishments.quotas import store
from miss.directory.establishments.quotas.errors import EstablishmentAdviceSpent, EstablishmentStorageFull
from miss.directory.establishments.quotas.model import BYTES_PER_MB, Used, day_of
from miss.storage import Database, Transaction


class Allowances:
    """Every establishment's."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def establishment_of(self, person: PractitionerId, tx: Transaction | None = None) -> OrganizationId | None:
        """For whom what they keep and ask counts; None: for nobody.  `tx`: the transaction that the caller holds."""
        async with self._db.reading(tx) as reading:
            found = await list_establishments_of(reading, person, day_of(self._clock.now()))
        return next(iter(found), None)

    async def used(self, establishment_id: OrganizationId) -> Used:
        """How much its people keep, and asked today."""
        async with self._db.snapshot() as tx:
            return await store.find_used(tx, establishment_id, day_of(self._clock.now()))

    async def keep(
        self, tx: Transaction, establishment_id: OrganizationId | None, name: str, size_bytes: int, about: str = ""
    ) -> None:
        """Count the file of that name in the blob store, or count it anew under its true size.

        `about`: what it goes with (`release_about`).  Raises EstablishmentStorageFull.
        """
        if establishment_id is None:
            return
        limit_mb = (await store.find(tx, establishment_id, held=True)).stored_mb
        if limit_mb is not None:
            others = await store.sum_stored(tx, establishment_id, but=name)
            if others + size_bytes > limit_mb * BYTES_PER_MB:
                raise EstablishmentStorageFull(limit_mb=limit_mb)
        await store.keep(tx, name, establishment_id, about, size_bytes)

    async def release(self, tx: Transaction, names: Collection[str]) -> None:
        """The bytes of these files are gone."""
        await store.release(tx, names)

    async def release_about(self, tx: Transaction, about: str) -> None:
        """What these files went with is gone, and they with it."""
        await store.release_about(tx, about)

    async def ask(self, tx: Transaction, establishment_id: OrganizationId | None, *, is_urgent: bool = False) -> None:
        """Count a request for advice that is sent.  `is_urgent`: it is never refused.

        Raises EstablishmentAdviceSpent.
        """
        if establishment_id is None:
            return
        today = day_of(self._clock.now())
        limit = (await store.find(tx, establishment_id, held=True)).advice_per_day
        asked = (await store.find_advice(tx, establishment_id, today)) + 1
        if limit is not None and asked > limit and not is_urgent:
            raise EstablishmentAdviceSpent(limit=limit)
        await store.count_advice(tx, establishment_id, today, asked)
