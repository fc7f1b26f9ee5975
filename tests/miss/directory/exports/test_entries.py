"""Who is an own entry: active accounts and published staff, nobody on the red list, nobody twice."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId
from miss.base.random import RandomBytes
from miss.directory.accounts import Accounts
from miss.directory.addresses.service import Addresses
from miss.directory.establishments.facts import StaffField
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.staff import DeclaredPlace
from miss.directory.exports import Card, OwnEntries
from miss.directory.exports import entries as entries_module
from miss.directory.exports.ldif import attributes
from miss.directory.exports.model import row_of
from miss.directory.practitioners import DirectoryEntry, Practitioners
from miss.directory.practitioners.model import practitioner_id
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from miss.storage import Database
from tests.miss.directory.exports.members import a_member


async def everybody(entries: OwnEntries) -> list[Card]:
    return [card async for page in entries.pages() for card in page]


async def test_only_active_accounts_are_own_entries(entries: OwnEntries, accounts: Accounts) -> None:
    assert await everybody(entries) == []
    anne = await a_member(accounts, ANNE_MODELE)
    await accounts.open(practitioner_id(PAUL_EXEMPLE), by="test")
    assert [card.rpps for card in await everybody(entries)] == [ANNE_MODELE]
    await accounts.suspend(anne.uid, "test", "absence")
    assert await everybody(entries) == []
    assert await entries.get_many([anne.practitioner_id]) == {}


async def test_pages_end_where_they_should(
    entries: OwnEntries, accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entries_module, "PAGE", 1)
    for rpps in (CLAIRE_TEMOIN, ANNE_MODELE, PAUL_EXEMPLE):
        await a_member(accounts, rpps)
    pages = [page async for page in entries.pages()]
    assert [[card.rpps for card in page] for page in pages] == [[ANNE_MODELE], [PAUL_EXEMPLE], [CLAIRE_TEMOIN]]


async def test_the_red_list_leaves_nothing_behind(
    entries: OwnEntries, accounts: Accounts, practitioners: Practitioners
) -> None:
    anne = await a_member(accounts, ANNE_MODELE)
    await practitioners.describe(anne.practitioner_id, DirectoryEntry(is_red_listed=True), by="test")
    assert await everybody(entries) == []
    assert await entries.get_many([anne.practitioner_id]) == {}


async def test_the_address_that_the_platform_gave_comes_first(
    entries: OwnEntries, accounts: Accounts, practitioners: Practitioners, db: Database, clock: MovableClock
) -> None:
    anne = await a_member(accounts, ANNE_MODELE)
    person = await practitioners.get(anne.practitioner_id)
    given = await Addresses(db, clock, base_domain="miss.example").assign(person, by="test")
    (card,) = await everybody(entries)
    assert card.mailboxes == (str(given), *person.mailboxes)


async def test_published_staff_are_own_entries(
    entries: OwnEntries,
    accounts: Accounts,
    practitioners: Practitioners,
    db: Database,
    clock: MovableClock,
    random_bytes: RandomBytes,
) -> None:
    establishments = Establishments(db, clock, random_bytes)
    hospital = Establishment(
        id=OrganizationId("590780193"),
        name="CH fictif",
        kind=EstablishmentKind.HOSPITAL,
        finess="590780193",
        town="Lille",
    )
    await establishments.open(hospital, by="test")
    today = clock.now().date()
    await a_member(accounts, ANNE_MODELE)
    await practitioners.describe(practitioner_id(CLAIRE_TEMOIN), DirectoryEntry(is_red_listed=True), by="test")
    roster = Roster(db, clock, random_bytes, practitioners)
    day = timedelta(days=1)
    for said in (
        {"family": "Secrétaire", "given": "Zoé", "function": "Secrétaire", "mailbox": "zoe@ch.mssante.example"},
        {"family": "Caché", "given": "Jo", "is_published": "non"},
        {"family": "Parti", "given": "Lou", "ends_on": (today - day).isoformat()},
        {"family": "Futur", "given": "Max", "starts_on": (today + day).isoformat()},
        {"family": "Modèle", "given": "Anne", "rpps": ANNE_MODELE, "department": "Dermatologie", "function": "Cheffe"},
        {"family": "Témoin", "given": "Claire", "rpps": CLAIRE_TEMOIN},
    ):
        await roster.add(hospital.id, {StaffField(name): value for name, value in said.items()}, "test")

    anne, zoe = await everybody(entries)
    assert anne.rpps == ANNE_MODELE
    assert anne.declared == (DeclaredPlace("CH fictif", "Lille", "Dermatologie", "Cheffe", ""),)
    assert row_of(anne)[-1] == "CH fictif, Dermatologie (Cheffe)"
    assert ("departmentNumber", "CH fictif, Dermatologie (Cheffe)") in list(attributes(anne))
    assert zoe.declared == ()
    assert zoe.id.startswith("staff-")
    assert (zoe.family, zoe.profession, zoe.organization, zoe.finess, zoe.town) == (
        "Secrétaire",
        "Secrétaire",
        "CH fictif",
        "590780193",
        "Lille",
    )
    assert zoe.mailboxes == ("zoe@ch.mssante.example",)
    assert await entries.get_many([anne.id, zoe.id, "staff-none", "8000"]) == {anne.id: anne, zoe.id: zoe}
    clock.advance(timedelta(days=1))
    assert {card.family for card in await everybody(entries)} == {"MODELE", "Secrétaire", "Futur"}
