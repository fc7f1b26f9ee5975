"""Where somebody works by the word of establishments: shown on their entry beside what the register says."""

from miss.base.clock import Clock
from miss.base.ids import PractitionerId
from miss.directory.establishments import store as unit_store
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
        today = self._clock.now().date()
        found: list[DeclaredPlace] = []
        async with self._db.snapshot() as tx:
            for member in await store.list_published(tx, practitioner_id, MAX_PLACES):
                establishment = await unit_store.find_establishment(tx, member.establishment_id)
                if establishment is None or not member.facts.is_shown(today):
                    continue
                names = (await unit_store.list_units(tx, establishment.id)).names(member.unit_id)
                place = ", ".join(name for name in names if name)
                facts = member.facts
                found.append(DeclaredPlace(establishment.name, establishment.town, place, facts.function, facts.phone))
        return found
