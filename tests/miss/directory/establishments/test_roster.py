"""People of a list on a real database: added, changed, moved, removed; by numbers of their own; with a history."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId, PractitionerId
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.errors import (
    EstablishmentNotFound,
    StaffChanged,
    StaffExists,
    StaffNotFound,
    StaffRefused,
    UnitExists,
)
from miss.directory.establishments.facts import Problem, StaffField
from miss.directory.establishments.roster.departments import Departments
from miss.directory.establishments.roster.places import DeclaredPlaces
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import DeclaredPlace, StaffAct, StaffMember, StaffQuery
from miss.storage import Database
from tests.miss.directory.establishments.conftest import ARRAS, LILLE

BY = "cli:test"
ANNE = {
    StaffField.FAMILY: "MODELE",
    StaffField.GIVEN: "Anne",
    StaffField.RPPS: "99900000011",
    StaffField.DEPARTMENT: "Dermatologie",
    StaffField.EXTERNAL_ID: "A1",
}
ADELI = "599000007"
ODILE = {StaffField.FAMILY: "Buvard", StaffField.GIVEN: "Odile", StaffField.FUNCTION: "Secrétaire"}


async def test_somebody_comes_moves_hides_and_leaves_with_a_history(
    roster: Roster, db: Database, clock: MovableClock
) -> None:
    kept = await roster.add(LILLE, ANNE, BY)
    assert kept.warnings == ()
    member = kept.member
    moved = await roster.change(LILLE, member.id, {StaffField.DEPARTMENT: "Urgences", StaffField.SITE: "Nord"}, BY)
    assert moved.member.facts.place == "Nord, Urgences"
    assert moved.member.version == 2
    await roster.change(LILLE, member.id, {StaffField.IS_PUBLISHED: "non", StaffField.PHONE: "0320"}, BY)
    await roster.remove(LILLE, member.id, BY)
    with pytest.raises(StaffNotFound):
        await roster.get(LILLE, member.id)
    history = await roster.history(LILLE, member.id)
    assert [(event.act, event.detail) for event in history] == [
        (StaffAct.REMOVED, "Nord, Urgences"),
        *sorted(
            [(StaffAct.CHANGED, "phone"), (StaffAct.HIDDEN, "")],
            key=lambda one: [event.act for event in history].index(one[0]),
        ),
        (StaffAct.MOVED, "Dermatologie → Nord, Urgences"),
        (StaffAct.ADDED, "Dermatologie"),
    ]
    subject = Subject.practitioner(PractitionerId("899900000011"))
    page = await AuditLog(db, clock).list_(subject=subject)
    assert sorted(entry.fact.act for entry in page.entries if entry.fact) == [
        *("staff.added", "staff.changed", "staff.hidden", "staff.moved", "staff.removed"),
    ]


async def test_what_differs_from_the_register_is_a_warning(roster: Roster) -> None:
    said = ANNE | {StaffField.FAMILY: "MODELE-DUPONT", StaffField.PROFESSION_CODE: "60"}
    kept = await roster.add(LILLE, said, BY)
    assert [one.problem for one in kept.warnings] == [Problem.NAME_DIFFERS, Problem.PROFESSION_DIFFERS]
    assert kept.member.facts.family == "MODELE-DUPONT"
    unknown = await roster.add(LILLE, ODILE | {StaffField.RPPS: "99900000904"}, BY)
    assert [one.problem for one in unknown.warnings][-1] is Problem.NOT_IN_REGISTER


async def test_what_cannot_be_kept_leaves_the_list_alone(roster: Roster) -> None:
    with pytest.raises(StaffRefused):
        await roster.add(LILLE, ODILE | {StaffField.RPPS: "10003456781"}, BY)
    with pytest.raises(EstablishmentNotFound):
        await roster.add(OrganizationId("F0"), ODILE, BY)
    kept = await roster.add(LILLE, ODILE, BY)
    with pytest.raises(StaffRefused):
        await roster.change(LILLE, kept.member.id, {StaffField.FAMILY: ""}, BY)
    assert await roster.list_all(LILLE) == [kept.member]


async def test_numbers_name_one_person_of_a_list(roster: Roster) -> None:
    anne = (await roster.add(LILLE, ANNE, BY, user_name="Anne")).member
    odile = (await roster.add(LILLE, ODILE, BY)).member
    for said in ({StaffField.RPPS: "99900000011"}, {StaffField.EXTERNAL_ID: "A1"}):
        with pytest.raises(StaffExists):
            await roster.add(LILLE, ODILE | said, BY)
        with pytest.raises(StaffExists):
            await roster.change(LILLE, odile.id, said, BY)
    with pytest.raises(StaffExists):
        await roster.add(LILLE, ODILE, BY, user_name="aNNE")
    assert (await roster.add(ARRAS, ANNE, BY, user_name="Anne")).member.id != anne.id
    assert await roster.get(LILLE, odile.id) == odile
    assert await roster.find_by(LILLE, "login", "anne") == anne


async def test_another_establishments_people_do_not_exist(roster: Roster) -> None:
    anne = (await roster.add(LILLE, ANNE, BY)).member
    with pytest.raises(StaffNotFound):
        await roster.get(ARRAS, anne.id)
    with pytest.raises(StaffNotFound):
        await roster.change(ARRAS, anne.id, {StaffField.PHONE: "0320"}, BY)
    with pytest.raises(StaffNotFound):
        await roster.remove(ARRAS, anne.id, BY)
    assert await roster.change_many(ARRAS, {anne.id}, {StaffField.IS_PUBLISHED: "non"}, BY) == 0
    assert await roster.history(ARRAS, anne.id) == []
    assert await roster.get(LILLE, anne.id) == anne


async def test_what_was_read_before_somebody_else_wrote_is_not_written(roster: Roster) -> None:
    anne = (await roster.add(LILLE, ANNE, BY)).member
    await roster.change(LILLE, anne.id, {StaffField.PHONE: "0320"}, BY, version=1)
    with pytest.raises(StaffChanged):
        await roster.change(LILLE, anne.id, {StaffField.FUNCTION: "Chef"}, BY, version=1)
    with pytest.raises(StaffChanged):
        await roster.remove(LILLE, anne.id, BY, version=1)


async def test_the_list_is_searched_by_name_function_and_department(
    roster: Roster, establishments: Establishments
) -> None:
    anne = (await roster.add(LILLE, ANNE | {StaffField.SITE: "Nord"}, BY)).member
    odile = (await roster.add(LILLE, ODILE | {StaffField.SITE: "Nord"}, BY)).member
    zoe = (await roster.add(LILLE, {StaffField.FAMILY: "CROQUIS", StaffField.GIVEN: "Zoé"}, BY)).member

    async def found(query: StaffQuery) -> list[StaffMember]:
        return list((await roster.list_page(LILLE, query)).members)

    assert await found(StaffQuery()) == [odile, zoe, anne]
    assert await found(StaffQuery(text="secretaire")) == [odile]
    assert await found(StaffQuery(text="ZOE croq")) == [zoe]
    assert await found(StaffQuery(text="%")) == [odile, zoe, anne]
    units = await establishments.list_units(LILLE)
    [site] = units.sites()
    assert await found(StaffQuery(unit_id=site.id)) == [odile, anne]
    assert await found(StaffQuery(unit_id=anne.unit_id)) == [anne]
    page = await roster.list_page(LILLE, StaffQuery(offset=1, limit=1))
    assert (list(page.members), page.total) == ([zoe], 3)


async def test_several_people_change_at_once(roster: Roster) -> None:
    ids = {(await roster.add(LILLE, said, BY)).member.id for said in (ANNE, ODILE)}
    assert await roster.change_many(LILLE, ids, {StaffField.DEPARTMENT: "Accueil"}, BY) == 2
    assert {one.facts.department for one in await roster.list_all(LILLE)} == {"Accueil"}
    assert {one.facts.rpps for one in await roster.list_all(LILLE)} == {"99900000011", ""}


async def test_a_department_is_put_with_its_people(
    roster: Roster, departments: Departments, establishments: Establishments
) -> None:
    anne = (await roster.add(LILLE, ANNE, BY)).member
    odile = (await roster.add(LILLE, ODILE, BY)).member
    unit = await departments.put(LILLE, "", "Accueil", "G1", {anne.id, odile.id}, BY)
    assert {one.unit_id for one in await roster.list_all(LILLE)} == {unit.id}
    unit = await departments.put(LILLE, unit.id, "Accueil central", "G1", {odile.id}, BY)
    places = {one.id: one.facts.place for one in await roster.list_all(LILLE)}
    assert places == {anne.id: "", odile.id: "Accueil central"}
    with pytest.raises(UnitExists):
        await departments.put(LILLE, "", "ACCUEIL CENTRAL", "", (), BY)
    with pytest.raises(StaffNotFound):
        await departments.put(ARRAS, "", "Accueil", "", {odile.id}, BY)
    assert (await establishments.list_units(ARRAS)).all == (), "nothing was half made"
    await departments.remove(LILLE, unit.id, BY)
    assert [one.facts.place for one in await roster.list_all(LILLE)] == ["", ""]
    assert [one.name for one in (await establishments.list_units(LILLE)).all] == ["Dermatologie"]


async def test_published_places_are_told_of_people_of_the_register(
    roster: Roster, db: Database, clock: MovableClock
) -> None:
    places, anne_id = DeclaredPlaces(db, clock), PractitionerId("899900000011")
    said = ANNE | {StaffField.SITE: "Nord", StaffField.FUNCTION: "Cheffe", StaffField.ENDS_ON: "2026-11-30"}
    anne = (await roster.add(LILLE, said, BY)).member
    await roster.add(ARRAS, ANNE | {StaffField.IS_PUBLISHED: "non"}, BY)
    await roster.add(LILLE, ODILE, BY)
    assert await places.of(anne_id) == [
        DeclaredPlace("CH fictif de Lille", "Lille", "Nord, Dermatologie", "Cheffe", "")
    ]
    adeli = PractitionerId(f"0{ADELI}")
    await roster.add(ARRAS, ODILE | {StaffField.ADELI: ADELI}, BY)
    many = await places.of_many([adeli, PractitionerId("899900000029"), anne_id])
    assert {one: [place.function for place in found] for one, found in many.items()} == {
        adeli: ["Secrétaire"],
        anne_id: ["Cheffe"],
    }
    for nobody in ("8", "899900000029", "", "x"):
        assert await places.of(PractitionerId(nobody)) == []
    clock.advance(timedelta(days=11))
    assert await places.of(anne_id) == []
    await roster.change(LILLE, anne.id, {StaffField.ENDS_ON: ""}, BY)
    assert len(await places.of(anne_id)) == 1
    await roster.change(LILLE, anne.id, {StaffField.IS_PUBLISHED: "non"}, BY)
    assert await places.of(anne_id) == []
