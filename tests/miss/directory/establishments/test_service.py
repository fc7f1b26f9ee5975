"""Records of establishments on a real database: opened, changed, completed; their sites and departments."""

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.directory.audit import AuditLog, Subject
from miss.directory.establishments.errors import (
    ContactRefused,
    EstablishmentExists,
    EstablishmentNotFound,
    EstablishmentRefused,
    UnitExists,
    UnitInUse,
    UnitNotFound,
    UnitRefused,
)
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Contact, ContactFunction, EstablishmentKind, completeness
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments, new_establishment
from miss.directory.establishments.staff import UnitKind
from miss.storage import Database
from tests.miss.directory.establishments.conftest import ARRAS, LILLE

BY = "cli:test"


async def test_a_record_is_completed_contact_by_contact(
    establishments: Establishments, db: Database, clock: MovableClock
) -> None:
    before = len(completeness(await establishments.get(LILLE)))
    contact = Contact(ContactFunction.TECHNICAL, " Odile  Buvard ", "DSI@ch.example", "03 20 00 00 00")
    await establishments.set_contacts(LILLE, [contact, Contact(ContactFunction.MEDICAL)], BY)
    record = await establishments.get(LILLE)
    assert record.contacts == (Contact(ContactFunction.TECHNICAL, "Odile Buvard", "dsi@ch.example", "03 20 00 00 00"),)
    assert len(completeness(record)) == before - 3
    assert (await establishments.get(ARRAS)).contacts == ()
    page = await AuditLog(db, clock).list_(subject=Subject("organization", LILLE))
    facts = [entry.fact for entry in page.entries if entry.fact]
    assert [(fact.act, fact.detail) for fact in facts] == [
        ("establishment.contacts_changed", "technical"),
        ("establishment.opened", "hospital"),
    ]


@pytest.mark.parametrize(
    "contact",
    [
        Contact(ContactFunction.MEDICAL, "O", "pas une adresse", ""),
        Contact(ContactFunction.MEDICAL, "O", "", "demander à l’accueil"),
        Contact(ContactFunction.MEDICAL, "x" * 101, "", ""),
    ],
)
async def test_a_contact_that_cannot_be_called_is_refused(establishments: Establishments, contact: Contact) -> None:
    with pytest.raises(ContactRefused):
        await establishments.set_contacts(LILLE, [contact], BY)
    assert (await establishments.get(LILLE)).contacts == ()


async def test_records_are_listed_by_name_with_what_they_lack(establishments: Establishments, roster: Roster) -> None:
    await roster.add(ARRAS, {StaffField.FAMILY: "BUVARD", StaffField.GIVEN: "Odile"}, BY)
    found, total = await establishments.list_()
    assert total == 2
    assert [(one.establishment.id, one.staff, len(one.missing)) for one in found] == [(ARRAS, 1, 13), (LILLE, 0, 12)]
    found, total = await establishments.list_("ch lille")
    assert ([one.establishment.id for one in found], total) == ([LILLE], 1)
    found, total = await establishments.list_incomplete(1)
    assert ([one.establishment.id for one in found], total) == ([ARRAS], 2)


async def test_a_record_is_opened_once_and_by_a_real_identifier(establishments: Establishments) -> None:
    with pytest.raises(EstablishmentExists):
        await establishments.open(new_establishment(LILLE, "Encore", "hospital", "", ""), BY)
    for typed in (
        ("", "Sans numéro", "hospital", "", ""),
        ("", "Clé fausse", "hospital", "599990008", ""),
        ("F1", "", "hospital", "", ""),
        ("F 1/../x", "Chemin", "hospital", "", ""),
        ("F1", "Genre", "castle", "", ""),
    ):
        with pytest.raises(EstablishmentRefused):
            await establishments.open(new_establishment(*typed), BY)
    made = await establishments.open(new_establishment("", "EHPAD fictif", "care_home", "599 990 017", "Dunkerque"), BY)
    assert (made.id, made.finess) == ("599990017", "599990017")


async def test_a_record_is_changed(establishments: Establishments) -> None:
    await establishments.change(new_establishment(LILLE, "Labo fictif", "laboratory", "599990033", "Lille"), BY)
    record = await establishments.get(LILLE)
    assert (record.name, record.kind, record.finess) == ("Labo fictif", EstablishmentKind.LABORATORY, "599990033")
    with pytest.raises(EstablishmentNotFound):
        await establishments.change(new_establishment("F0", "X", "other", "", ""), BY)
    with pytest.raises(EstablishmentNotFound):
        await establishments.get(OrganizationId("F0"))


async def test_sites_hold_departments_and_go_when_empty(establishments: Establishments, roster: Roster) -> None:
    north = await establishments.add_unit(LILLE, UnitKind.SITE, "Site nord", BY)
    urgent = await establishments.add_unit(LILLE, UnitKind.DEPARTMENT, "Urgences", BY, parent_id=north.id)
    await establishments.add_unit(LILLE, UnitKind.DEPARTMENT, "Urgences", BY)
    with pytest.raises(UnitExists):
        await establishments.add_unit(LILLE, UnitKind.DEPARTMENT, "URGENCES", BY, parent_id=north.id)
    with pytest.raises(UnitNotFound):
        await establishments.add_unit(LILLE, UnitKind.DEPARTMENT, "Autre", BY, parent_id=urgent.id)
    with pytest.raises(UnitNotFound):
        await establishments.add_unit(ARRAS, UnitKind.DEPARTMENT, "Autre", BY, parent_id=north.id)
    for name in ("", "  ", "–", "x" * 121):
        with pytest.raises(UnitRefused):
            await establishments.add_unit(LILLE, UnitKind.DEPARTMENT, name, BY)
    said = {
        StaffField.FAMILY: "B",
        StaffField.GIVEN: "O",
        StaffField.SITE: "site NORD",
        StaffField.DEPARTMENT: "urgences",
    }
    kept = await roster.add(LILLE, said, BY)
    assert kept.member.facts.place == "Site nord, Urgences"
    await establishments.change_unit(LILLE, urgent.id, BY, name="Accueil des urgences")
    assert (await roster.get(LILLE, kept.member.id)).facts.department == "Accueil des urgences"
    for unit in (north, urgent):
        with pytest.raises(UnitInUse):
            await establishments.remove_unit(LILLE, unit.id, BY)
    await roster.remove(LILLE, kept.member.id, BY)
    for unit in (urgent, north):
        with pytest.raises(UnitNotFound):
            await establishments.remove_unit(ARRAS, unit.id, BY)
        await establishments.remove_unit(LILLE, unit.id, BY)
    assert [unit.name for unit in (await establishments.list_units(LILLE)).all] == ["Urgences"]
