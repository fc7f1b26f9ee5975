"""Where somebody works by the word of establishments: shown on their entry beside what the register says."""

from collections.abc import Collection

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.directory.establishments.roster import store
from miss.directory.establishments.staff import DeclaredPlace
from miss.storage import Database

MAX_PLACES = 20


class DeclaredPlaces:
    """What lists of staff tell of people of the register."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def of(self, practitioner_id: PractitionerId) -> list[DeclaredPlace]:
        """Places that are published and neither over nor to come, at most `MAX_PLACES`, oldest first."""
        return (await self.of_many([practitioner_id])).get(practitioner_id, [])

    async def of_many(self, ids: Collection[PractitionerId]) -> dict[PractitionerId, list[DeclaredPlace]]:
        """As `of`, for some hundreds at most; those of whom nothing is said are absent."""
        found: dict[PractitionerId, list[DeclaredPlace]] = {}
        async with self._db.snapshot() as tx:
            for one, place in await store.list_declared(tx, ids, self._clock.now().date()):
                places = found.setdefault(one, [])
                if len(places) < MAX_PLACES:
                    places.append(place)
        return found
