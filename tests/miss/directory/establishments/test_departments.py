"""A department of many people, as a program says it: moved in slices between which others write, or not at all."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.errors import StaffListBusy, StaffListChanged, StaffNotFound, UnitNotFound
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.roster import departments as departments_module
from miss.directory.establishments.roster.departments import Departments
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.uploads import Uploads
from miss.directory.establishments.uploads import plan as plans
from miss.directory.practitioners import Practitioners
from miss.storage import Database
from miss.storage.jobs import JobRunner
from tests.miss.directory.establishments.conftest import LILLE
from tests.miss.directory.establishments.lists import as_csv

pytestmark = pytest.mark.parametrize("db", ["sqlite"], indirect=True)
BY = "token:test"
PEOPLE = 20


@pytest.fixture(autouse=True)
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "SLICE_STEPS", 3)


@pytest.fixture
async def everybody(uploads: Uploads) -> None:
    """Twenty people on the list, half of them at a site, in four departments."""
    rows = [
        (f"Nom{chr(97 + n)}", "Paul", "Site nord" if n % 2 else "", f"Service {n % 4}", f"M{n}") for n in range(PEOPLE)
    ]
    shown = await uploads.read(
        LILLE, as_csv([("Nom", "Prénom", "Site", "Service", "Matricule"), *rows]), "liste.csv", BY, is_complete=True
    )
    await uploads.confirm(LILLE, shown.id, BY)


async def working(roster: Roster) -> dict[str, set[str]]:
    """Who works in which department."""
    found: dict[str, set[str]] = {}
    for member in await roster.list_all(LILLE):
        found.setdefault(member.facts.department, set()).add(member.id)
    return found


async def counts_meanwhile(doing: Awaitable[object], name: str, roster: Roster, audit: AuditLog) -> set[int]:
    """How many people a department has after each transaction of somebody else, until `doing` is done."""
    task, seen = asyncio.ensure_future(doing), set()
    while not task.done():
        await audit.record(actor="test", act="test.wrote", subject=Subject("test", ""))
        seen.add(len((await working(roster)).get(name, ())))
    await task
    return seen


@pytest.mark.usefixtures("everybody")
async def test_a_long_department_is_filled_and_emptied_in_slices(
    departments: Departments, roster: Roster, establishments: Establishments, db: Database, clock: MovableClock
) -> None:
    audit = AuditLog(db, clock)
    ids = {member.id for member in await roster.list_all(LILLE)}
    seen = await counts_meanwhile(departments.put(LILLE, "", "Pôle", "P1", ids, BY), "Pôle", roster, audit)
    assert len(seen - {0, PEOPLE}) >= 3, "others write in between"
    assert await working(roster) == {"Pôle": ids}
    [unit] = [one for one in (await establishments.list_units(LILLE)).all if one.name == "Pôle"]
    (first, second, *_) = sorted(ids)
    renamed = await departments.put(LILLE, unit.id, "Pôle central", "P1", {first, second}, BY)
    assert renamed.id == unit.id
    assert await working(roster) == {"Pôle central": {first, second}, "": ids - {first, second}}
    await departments.put(LILLE, unit.id, "Pôle central", "P1", ids, BY)
    await departments.remove(LILLE, unit.id, BY)
    assert await working(roster) == {"": ids}
    assert (await establishments.list_units(LILLE)).find(unit.id) is None
    assert {len(await roster.history(LILLE, one)) for one in (first, second)} == {3}
    with pytest.raises(UnitNotFound):
        await departments.remove(LILLE, unit.id, BY)


class Ending:
    """Randomness that ends, and with it the process that asks for it: in the middle of a slice."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("no more randomness")
        return system_random(size)


@pytest.mark.usefixtures("everybody")
async def test_what_was_interrupted_is_ended_by_the_job_and_the_list_is_frozen_until_then(
    departments: Departments,
    roster: Roster,
    uploads: Uploads,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
    jobs: JobRunner,
) -> None:
    jobs.register(uploads.applications.job_handler())
    ids = {member.id for member in await roster.list_all(LILLE)}
    ending = Ending(12)
    dying = Departments(db, clock, ending, Roster(db, clock, ending, practitioners))
    with pytest.raises(OSError, match="randomness"):
        await dying.put(LILLE, "", "Pôle", "P1", ids, BY)
    assert 0 < len((await working(roster))["Pôle"]) < PEOPLE
    with pytest.raises(StaffListBusy):
        await departments.put(LILLE, "", "Autre", "", (), BY)
    clock.advance(timedelta(minutes=2, seconds=1))
    assert await jobs.run_due() == 1
    assert await working(roster) == {"Pôle": ids}
    assert {member.version for member in await roster.list_all(LILLE)} == {2}, "each moved once"


@pytest.mark.usefixtures("everybody")
async def test_a_list_that_changes_between_reading_and_writing_is_read_again_then_told(
    departments: Departments, roster: Roster, establishments: Establishments, monkeypatch: pytest.MonkeyPatch
) -> None:
    (member, *_) = await roster.list_all(LILLE)
    read, left = Departments._read, [1]

    async def read_then_changed(self: Departments, establishment_id: object) -> object:
        found = await read(self, LILLE)
        if left[0]:
            left[0] -= 1
            await roster.change(LILLE, member.id, {StaffField.PHONE: f"032000{left[0]:04}"}, BY)
        return found

    monkeypatch.setattr(Departments, "_read", read_then_changed)
    unit = await departments.put(LILLE, "", "Accueil", "", {member.id}, BY)
    assert (await working(roster))["Accueil"] == {member.id}
    left[0] = departments_module.TRIES
    with pytest.raises(StaffListChanged):
        await departments.put(LILLE, unit.id, "Accueil", "", (), BY)
    assert (await working(roster))["Accueil"] == {member.id}
    with pytest.raises(StaffNotFound):
        await departments.put(LILLE, unit.id, "Accueil", "", {"personne"}, BY)
    assert (await establishments.list_units(LILLE)).find(unit.id) == unit
