"""What establishments impose: read from a form, kept, and the strictest of them for who works for several."""

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.errors import EstablishmentNotFound
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.workstations import FREE, Imposed, LockRefused, Workstations, parse_imposed
from miss.directory.sample import people
from miss.storage import Database

LILLE, ARRAS = OrganizationId("F599990009"), OrganizationId("F629990003")
ANNE, PAUL = PractitionerId(f"8{people.ANNE_MODELE}"), PractitionerId(f"8{people.PAUL_EXEMPLE}")
CLERK = PractitionerId("3599990009/0001")


@pytest.mark.parametrize(("typed", "imposed"), [("", FREE), (" ", FREE), ("2", Imposed(2)), (" 6 0 ", Imposed(60))])
def test_a_form_says_minutes_or_nothing(typed: str, imposed: Imposed) -> None:
    assert parse_imposed(typed) == imposed


@pytest.mark.parametrize("typed", ["0", "61", "-1", "2,5", "deux", "²", "1e1", "9" * 12])
def test_no_minutes_and_too_many_are_refused(typed: str) -> None:
    with pytest.raises(LockRefused):
        parse_imposed(typed)


async def employ(roster: Roster, establishment: OrganizationId, **dates: str) -> None:
    said = {StaffField.FAMILY: "MODELE", StaffField.GIVEN: "Anne", StaffField.RPPS: people.ANNE_MODELE}
    await roster.add(establishment, said | {StaffField(name): day for name, day in dates.items()}, "test")


async def test_it_holds_for_its_people_and_for_nobody_else(db: Database, clock: MovableClock, roster: Roster) -> None:
    workstations = Workstations(db, clock)
    await workstations.put(LILLE, Imposed(2), "anne")
    assert await workstations.get(LILLE) == Imposed(2)
    assert await workstations.get(ARRAS) == FREE
    assert await workstations.imposed_on(ANNE) == FREE, "she is on no list yet"
    await employ(roster, LILLE)
    assert await workstations.imposed_on(ANNE) == Imposed(2)
    assert await workstations.imposed_on(CLERK) == Imposed(2), "numbered by Lille"
    assert await workstations.imposed_on(PAUL) == FREE
    await workstations.put(LILLE, FREE, "anne")
    assert await workstations.imposed_on(ANNE) == FREE


@pytest.mark.parametrize(("lille", "arras", "held"), [(10, 2, 2), (2, 10, 2), (None, 10, 10), (None, None, None)])
async def test_the_strictest_holds(
    db: Database, clock: MovableClock, roster: Roster, lille: int | None, arras: int | None, held: int | None
) -> None:
    workstations = Workstations(db, clock)
    await workstations.put(LILLE, Imposed(lille), "anne")
    await workstations.put(ARRAS, Imposed(arras), "karim")
    await employ(roster, LILLE)
    await employ(roster, ARRAS)
    assert await workstations.imposed_on(ANNE) == Imposed(held)


async def test_who_has_left_is_free(db: Database, clock: MovableClock, roster: Roster) -> None:
    workstations = Workstations(db, clock)
    await workstations.put(LILLE, Imposed(2), "anne")
    await employ(roster, LILLE, ends_on="2020-01-31")
    assert await workstations.imposed_on(ANNE) == FREE


async def test_each_change_is_in_the_access_log_and_needs_a_record(
    db: Database, clock: MovableClock, roster: Roster
) -> None:
    workstations = Workstations(db, clock)
    await workstations.put(LILLE, Imposed(2), "anne")
    page = await AuditLog(db, clock).list_about([Subject("organization", LILLE)])
    facts = [one.fact for one in page.entries if one.fact]
    said = [(one.actor, one.detail) for one in facts if one.act == "establishment.workstations_changed"]
    assert said == [("anne", "lock_after_min_max=2")]
    with pytest.raises(EstablishmentNotFound):
        await workstations.put(OrganizationId("F000000000"), Imposed(2), "anne")
