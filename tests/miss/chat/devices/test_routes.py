"""A device is told what its owner's establishment imposes, from the moment that it does."""

from miss.base.ids import OrganizationId
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.workstations import Imposed
from miss.storage import Database
from tests.miss.chat.kit import Place, Process, get
from tests.miss.chat.world import World

LILLE = OrganizationId("F599990009")


async def test_a_device_is_told(process: Process, world: World, place: Place, db: Database) -> None:
    anne, paul = world.anne.token(process), world.paul.token(process)
    assert await get(process, "imposed", anne) == {"lock_after_min_max": None}
    record = Establishment(id=LILLE, name="CH fictif de Lille", kind=EstablishmentKind.HOSPITAL)
    await Establishments(db, place.clock, place.random_bytes).open(record, "test")
    roster = Roster(db, place.clock, place.random_bytes, process.chat.practitioners)
    said = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne", StaffField.RPPS: world.anne.rpps}
    await roster.add(LILLE, said, "test")
    await process.chat.workstations.put(LILLE, Imposed(2), "marc")
    assert await get(process, "imposed", anne) == {"lock_after_min_max": 2}
    assert await get(process, "imposed", paul) == {"lock_after_min_max": None}
