"""A long file: others write between its slices, nobody changes its list, and what interrupts it is made good."""

import asyncio
from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import system_random
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.errors import StaffListBusy
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.roster.departments import Departments
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.uploads import Uploads
from miss.directory.establishments.uploads import plan as plans
from miss.directory.practitioners import Practitioners
from miss.storage import Database
from miss.storage.jobs import JobRunner
from tests.miss.directory.establishments.conftest import ARRAS, LILLE
from tests.miss.directory.establishments.lists import as_csv

BY = "cli:test"
HEADER = ("Nom", "Prénom", "Service", "Matricule")
PEOPLE = 60
ODILE = {StaffField.FAMILY: "Buvard", StaffField.GIVEN: "Odile"}


@pytest.fixture(autouse=True)
def _short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "SLICE_STEPS", 3)


async def upload(uploads: Uploads, where: OrganizationId = LILLE) -> str:
    """A file of `PEOPLE` people, previewed."""
    rows = [(f"Nom{chr(97 + number % 26)}", "Paul", f"Service {number % 4}", f"M{number}") for number in range(PEOPLE)]
    return (await uploads.read(where, as_csv([HEADER, *rows]), "liste.csv", BY, is_complete=True)).id


async def write_and_count(roster: Roster, db: Database, clock: MovableClock) -> int:
    """A transaction of somebody else; how many people the list has after it."""
    await AuditLog(db, clock).record(actor="test", act="test.wrote", subject=Subject("test", ""))
    return len(await roster.list_all(LILLE))


async def test_another_writer_gets_in_between_slices(
    uploads: Uploads, roster: Roster, db: Database, clock: MovableClock
) -> None:
    confirmed = asyncio.create_task(uploads.confirm(LILLE, await upload(uploads), BY))
    seen = set()
    while not confirmed.done():
        seen.add(await write_and_count(roster, db, clock))
    await confirmed
    assert len(seen - {0, PEOPLE}) >= 5, "of 20 slices"
    assert all(count % 3 == 0 for count in seen), "each slice is whole"


class Ending:
    """Randomness that ends, and with it the process that asks for it: in the middle of a slice."""

    def __init__(self, left: int) -> None:
        self.left = left

    def __call__(self, size: int) -> bytes:
        self.left -= 1
        if self.left < 0:
            raise OSError("no more randomness")
        return system_random(size)


async def interrupted(
    uploads: Uploads, roster: Roster, practitioners: Practitioners, db: Database, clock: MovableClock
) -> int:
    """Confirm, and die once some people are on the list; how many are."""
    ending = Ending(PEOPLE + 20)
    dying = Uploads(db, clock, ending, practitioners, Roster(db, clock, ending, practitioners))
    waiting = await upload(uploads)
    with pytest.raises(OSError, match="randomness"):
        await dying.confirm(LILLE, waiting, BY)
    return len(await roster.list_all(LILLE))


async def test_what_was_interrupted_is_ended_by_a_job_once(
    uploads: Uploads,
    roster: Roster,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
    jobs: JobRunner,
) -> None:
    jobs.register(uploads.applications.job_handler())
    count = await interrupted(uploads, roster, practitioners, db, clock)
    assert 0 < count < PEOPLE
    assert count % 3 == 0, "what was being written is not there"
    assert await jobs.run_due() == 0, "whoever confirmed may still be at it"
    clock.advance(timedelta(minutes=2, seconds=1))
    assert await jobs.run_due() == 1
    members = await roster.list_all(LILLE)
    assert sorted(member.facts.external_id for member in members) == sorted(f"M{number}" for number in range(PEOPLE))
    assert {member.version for member in members} == {1}
    assert all([len(await roster.history(LILLE, member.id)) == 1 for member in members])
    page = await AuditLog(db, clock).list_(subject=Subject("organization", LILLE))
    assert [
        entry.fact.detail for entry in page.entries if entry.fact and entry.fact.act.endswith("staff_uploaded")
    ] == [f"+{PEOPLE} ~0 -0 liste.csv"]
    await roster.add(LILLE, ODILE, BY)
    await uploads.applications.carry_out(LILLE)
    assert len(await roster.list_all(LILLE)) == PEOPLE + 1


async def test_nobody_else_changes_a_list_that_a_file_is_changing(
    uploads: Uploads,
    roster: Roster,
    departments: Departments,
    establishments: Establishments,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
) -> None:
    waiting = await upload(uploads)
    count = await interrupted(uploads, roster, practitioners, db, clock)
    (member, *_) = await roster.list_all(LILLE)
    for change in (
        roster.add(LILLE, ODILE, BY),
        roster.change(LILLE, member.id, {StaffField.PHONE: "0320"}, BY),
        roster.change_many(LILLE, {member.id}, {StaffField.PHONE: "0320"}, BY),
        roster.remove(LILLE, member.id, BY),
        departments.put(LILLE, "", "Accueil", "", (), BY),
        departments.remove(LILLE, member.unit_id, BY),
        establishments.remove_unit(LILLE, member.unit_id, BY),
    ):
        with pytest.raises(StaffListBusy):
            await change
    await uploads.show(LILLE, waiting)
    with pytest.raises(StaffListBusy):
        await uploads.confirm(LILLE, waiting, BY, accept_removal=True)
    assert len(await roster.list_all(LILLE)) == count
    await roster.add(ARRAS, ODILE, BY)
    await uploads.confirm(ARRAS, await upload(uploads, ARRAS), BY, accept_removal=True)
    assert len(await roster.list_all(ARRAS)) == PEOPLE
