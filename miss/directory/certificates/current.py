"""The certificates in use now, of many people at once: for entries, address books and exports."""

from collections.abc import Collection, Mapping

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.directory.certificates import store
from miss.directory.certificates.model import Certificate, choose_current
from miss.directory.certificates.trust import Trust
from miss.storage import Database


class CurrentCertificates:
    """What to encrypt with, for addresses that are known to be somebody's."""

    def __init__(self, db: Database, clock: Clock, trust: Trust | None = None) -> None:
        """`trust`: whose certificates are used; None: anybody's."""
        self._trust = trust or Trust()
        self._db = db
        self._clock = clock

    async def of(self, person: PractitionerId, addresses: Collection[str]) -> Mapping[str, Certificate]:
        """By address, of one person; as `of_many`."""
        return (await self.of_many({person: addresses})).get(person, {})

    async def of_many(
        self, addresses: Mapping[PractitionerId, Collection[str]]
    ) -> Mapping[PractitionerId, Mapping[str, Certificate]]:
        """By person and address, of these people (some hundreds at most) at these addresses of theirs."""
        now = self._clock.now()
        async with self._db.snapshot() as tx:
            living = [one for one in await store.list_living(tx, addresses.keys()) if one.is_usable(now)]
        standings = await self._trust.judge({one.id: one.facts.der for one in living}, now)
        living = [one for one in living if not standings[one.id].is_refused]
        found: dict[PractitionerId, dict[str, Certificate]] = {}
        for person in dict.fromkeys(one.practitioner_id for one in living):
            own = [one for one in living if one.practitioner_id == person]
            chosen = {address: choose_current(own, address.lower(), now) for address in addresses[person]}
            found[person] = {address: one for address, one in chosen.items() if one is not None}
        return found
