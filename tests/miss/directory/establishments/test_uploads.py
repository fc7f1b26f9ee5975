"""Files previewed and applied, on both databases: as shown, whole or not at all, on the list they were shown for."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.errors import (
    EstablishmentNotFound,
    RemovalUnconfirmed,
    StaffColumnsMissing,
    StaffListBusy,
    StaffListChanged,
    UploadNotFound,
)
from miss.directory.establishments.facts import Problem, StaffField
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import StaffFacts
from miss.directory.establishments.uploads import Uploads
from miss.storage import Database
from tests.miss.directory.establishments.conftest import ARRAS, LILLE
from tests.miss.directory.establishments.lists import ANNE, HEADER, KARIM, SECRETARY, ZOE, Row, as_csv, as_xlsx

BY = "cli:test"


def facts_of(row: tuple[str, ...]) -> StaffFacts:
    family, given, department, function, rpps, external_id = row
    return StaffFacts(
        family=family, given=given, department=department, function=function, rpps=rpps, external_id=external_id
    )


async def load(uploads: Uploads, *rows: Row, accept: bool = False) -> None:
    read = await uploads.read(LILLE, as_csv([HEADER, *rows]), "liste.csv", BY, is_complete=True)
    await uploads.confirm(LILLE, read.id, BY, accept_removal=accept)


async def listed(roster: Roster) -> set[StaffFacts]:
    return {member.facts for member in await roster.list_all(LILLE)}


async def test_nothing_is_applied_until_it_is_confirmed(
    uploads: Uploads, roster: Roster, db: Database, clock: MovableClock
) -> None:
    content = as_xlsx([HEADER, ANNE, KARIM, SECRETARY])
    read = await uploads.read(LILLE, content, "C:\\Documents\\liste.xlsx", BY, is_complete=True)
    assert (len(read.preview.added), read.file_name) == (3, "liste.xlsx")
    assert read.preview.warnings == (), "the register agrees"
    assert await roster.list_all(LILLE) == []
    shown = await uploads.show(LILLE, read.id)
    assert shown.preview == read.preview
    applied = await uploads.confirm(LILLE, read.id, BY)
    assert applied == read.preview
    assert await listed(roster) == {facts_of(row) for row in (ANNE, KARIM, SECRETARY)}
    with pytest.raises(UploadNotFound):
        await uploads.confirm(LILLE, read.id, BY)
    page = await AuditLog(db, clock).list_(subject=Subject("organization", LILLE))
    assert next(entry.fact.detail for entry in page.entries if entry.fact) == "+3 ~0 -0 liste.xlsx"


async def test_a_second_file_changes_moves_and_removes(uploads: Uploads, roster: Roster) -> None:
    await load(uploads, ANNE, KARIM, SECRETARY, ZOE)
    before = {member.facts.external_id: member.id for member in await roster.list_all(LILLE)}
    moved = (*ANNE[:2], "Urgences", *ANNE[3:])
    await load(uploads, moved, KARIM, ZOE)
    after = {member.facts.external_id: member for member in await roster.list_all(LILLE)}
    assert set(after) == {"A1", "A2", "A3"}
    assert after["A1"].id == before["A1"], "the same person, elsewhere"
    history = await roster.history(LILLE, before["A1"])
    assert next(event.detail for event in history) == "Dermatologie → Urgences"
    await load(uploads, moved, KARIM, ZOE)
    assert {member.facts.external_id: member for member in await roster.list_all(LILLE)} == after


async def test_numbers_are_swapped_in_two_files_and_never_in_one(uploads: Uploads, roster: Roster) -> None:
    await load(uploads, ANNE, KARIM, SECRETARY, ZOE)
    rows = [(*ANNE[:5], "B1"), (*KARIM[:5], "A1"), SECRETARY, ZOE]
    read = await uploads.read(LILLE, as_csv([HEADER, *rows]), "x.csv", BY, is_complete=True)
    assert [one.remark.problem for one in read.preview.errors] == [Problem.TWO_PEOPLE]
    header = (*HEADER[:4], "RPPS", "Matricule")
    swapped = [(*ANNE[:4], "", "A1"), (*KARIM[:4], "", "A2")]
    read = await uploads.read(LILLE, as_csv([header, *swapped]), "x.csv", BY, is_complete=False)
    await uploads.confirm(LILLE, read.id, BY)
    crossed = [(*ANNE[:4], KARIM[4], "A1"), (*KARIM[:4], ANNE[4], "A2")]
    read = await uploads.read(LILLE, as_csv([header, *crossed]), "x.csv", BY, is_complete=False)
    await uploads.confirm(LILLE, read.id, BY)
    found = {member.facts.external_id: member.facts.rpps for member in await roster.list_all(LILLE)}
    assert (found["A1"], found["A2"]) == (KARIM[4], ANNE[4])


async def test_a_file_with_one_wrong_line_is_never_applied(uploads: Uploads, roster: Roster) -> None:
    wrong = (*KARIM[:4], "10003456781", KARIM[5])
    read = await uploads.read(LILLE, as_csv([HEADER, ANNE, wrong]), "x.csv", BY, is_complete=True)
    assert [(one.line, one.remark.problem) for one in read.preview.errors] == [(3, Problem.RPPS)]
    assert read.id == ""
    with pytest.raises(UploadNotFound):
        await uploads.confirm(LILLE, read.id, BY)
    assert await roster.list_all(LILLE) == []


async def test_a_list_that_changed_meanwhile_is_shown_again(uploads: Uploads, roster: Roster) -> None:
    read = await uploads.read(LILLE, as_csv([HEADER, ANNE]), "x.csv", BY, is_complete=True)
    said = {StaffField.FAMILY: "Buvard", StaffField.GIVEN: "Odile"}
    odile = (await roster.add(LILLE, said, BY)).member
    with pytest.raises(StaffListChanged):
        await uploads.confirm(LILLE, read.id, BY, accept_removal=True)
    assert [member.id for member in await roster.list_all(LILLE)] == [odile.id]
    shown = await uploads.show(LILLE, read.id)
    assert [member.id for member in shown.preview.removed] == [odile.id]
    await uploads.confirm(LILLE, read.id, BY, accept_removal=True)
    assert await listed(roster) == {facts_of(ANNE)}


async def test_much_removal_is_confirmed_twice(uploads: Uploads, roster: Roster) -> None:
    await load(uploads, ANNE, KARIM, SECRETARY)
    read = await uploads.read(LILLE, as_csv([HEADER, ANNE, KARIM]), "x.csv", BY, is_complete=True)
    with pytest.raises(RemovalUnconfirmed) as refused:
        await uploads.confirm(LILLE, read.id, BY)
    assert refused.value.params == {"removed": 1, "total": 3}
    assert len(await roster.list_all(LILLE)) == 3
    await uploads.confirm(LILLE, read.id, BY, accept_removal=True)
    assert len(await roster.list_all(LILLE)) == 2


async def test_of_two_confirmations_at_once_one_is_applied(uploads: Uploads, roster: Roster) -> None:
    first = await uploads.read(LILLE, as_csv([HEADER, ANNE]), "1.csv", BY, is_complete=True)
    second = await uploads.read(LILLE, as_csv([HEADER, KARIM]), "2.csv", BY, is_complete=True)
    outcomes = await asyncio.gather(
        *(uploads.confirm(LILLE, one.id, BY, accept_removal=True) for one in (first, second)), return_exceptions=True
    )
    assert [isinstance(one, StaffListChanged | StaffListBusy) for one in outcomes].count(True) == 1
    assert len(await roster.list_all(LILLE)) == 1


async def test_another_establishments_preview_does_not_exist(uploads: Uploads) -> None:
    read = await uploads.read(LILLE, as_csv([HEADER, ANNE]), "x.csv", BY, is_complete=True)
    for call in (uploads.show(ARRAS, read.id), uploads.confirm(ARRAS, read.id, BY)):
        with pytest.raises(UploadNotFound):
            await call
    await uploads.give_up(ARRAS, read.id)
    assert (await uploads.show(LILLE, read.id)).id == read.id
    await uploads.give_up(LILLE, read.id)
    with pytest.raises(UploadNotFound):
        await uploads.show(LILLE, read.id)


async def test_a_preview_lives_a_day_and_leaves_nothing(uploads: Uploads, clock: MovableClock, db: Database) -> None:
    read = await uploads.read(LILLE, as_csv([HEADER, ANNE]), "x.csv", BY, is_complete=True)
    clock.advance(timedelta(days=1, seconds=1))
    with pytest.raises(UploadNotFound):
        await uploads.confirm(LILLE, read.id, BY)
    await uploads.read(ARRAS, as_csv([HEADER, ANNE]), "x.csv", BY, is_complete=True)
    async with db.snapshot() as tx:
        rows = (await (await tx.connection()).execute(text("SELECT id FROM establishment_upload"))).all()
    assert len(rows) == 1


async def test_what_cannot_be_read_or_has_no_place_is_refused(uploads: Uploads) -> None:
    with pytest.raises(StaffColumnsMissing):
        await uploads.read(LILLE, b"a;b\n1;2\n", "x.csv", BY, is_complete=True)
    with pytest.raises(EstablishmentNotFound):
        await uploads.read(OrganizationId("F0"), as_csv([HEADER, ANNE]), "x.csv", BY, is_complete=True)


NAMES = st.sampled_from(["Buvard", "Crayon", "Gomme", "Règle"])
PERSON = st.tuples(
    NAMES,
    st.sampled_from(["Odile", "Paul"]),
    st.sampled_from(["", "Urgences", "Accueil"]),
    st.just(""),
    st.just(""),
    st.sampled_from(["", "M1", "M2", "M3"]),
)


@given(st.lists(st.lists(PERSON, max_size=4), min_size=1, max_size=3))
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_whole_list_that_is_applied_is_the_list(
    uploads: Uploads, roster: Roster, establishments: Establishments, files: list[list[tuple[str, ...]]]
) -> None:
    for rows in files:
        read = await uploads.read(LILLE, as_csv([HEADER, *rows]), "x.csv", BY, is_complete=True)
        if not read.id:
            assert read.preview.errors
            continue
        found = await uploads.confirm(LILLE, read.id, BY, accept_removal=True)
        people = await roster.list_all(LILLE)
        assert sorted(one.facts.family for one in people) == sorted(row[0] for row in rows)
        assert sorted(one.facts.place for one in people) == sorted(row[2] for row in rows)
        assert len(people) == len(found.added) + len(found.changed) + found.unchanged
        again = await uploads.read(LILLE, as_csv([HEADER, *rows]), "x.csv", BY, is_complete=True)
        assert again.preview.errors or again.preview.changes_nothing
