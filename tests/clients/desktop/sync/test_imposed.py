"""What the person's establishments impose holds on a desktop too, beside what its IT department says."""

from collections.abc import Callable

from clients.desktop.policy import Policy
from clients.desktop.state.model import Settings
from miss.base.ids import OrganizationId
from miss.base.random import system_random
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.workstations import Imposed, Workstations
from miss.directory.sample.people import ANNE_MODELE
from miss.storage import Database
from tests.clients.desktop.desk import Desk
from tests.miss.client.chat_server import ChatServer

LILLE = OrganizationId("F599990009")


async def impose(server: ChatServer, minutes: int) -> None:
    db = Database(f"sqlite:///{server.database_path}")
    try:
        await Workstations(db, server.clock).put(LILLE, Imposed(minutes), "test")
    finally:
        await db.close()


async def employ(server: ChatServer) -> None:
    """Anne, in Lille."""
    db = Database(f"sqlite:///{server.database_path}")
    try:
        record = Establishment(id=LILLE, name="CH fictif de Lille", kind=EstablishmentKind.HOSPITAL)
        await Establishments(db, server.clock, system_random).open(record, "test")
        said = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne", StaffField.RPPS: ANNE_MODELE}
        await Roster(db, server.clock, system_random, server.practitioners).add(LILLE, said, "test")
    finally:
        await db.close()


async def test_the_stricter_of_both_holds_also_before_the_server_has_answered(
    server: ChatServer, desks: Callable[..., Desk]
) -> None:
    await employ(server)
    await impose(server, 2)
    desk = desks("desk", policy=Policy(lock_after_min_max=5))
    await desk.link(server, ANNE_MODELE)
    await desk.until(lambda: desk.state.lock_after_min_max == 2)
    assert desk.state.settings.lock_after_min == 2
    await desk.ask(lambda account: account.change_settings(Settings(lock_after_min=60)))
    await desk.until(lambda: desk.state.settings.lock_after_min == 2)

    name = desk.profiles.list_()[0].name
    await desk.close_account()
    await server.stop()
    await desk.open(name)
    assert (desk.state.lock_after_min_max, desk.state.settings.lock_after_min) == (2, 2)
    await desk.close_account()

    await server.start()
    await impose(server, 30)
    await desk.open(name)
    await desk.until(lambda: desk.state.lock_after_min_max == 5)
