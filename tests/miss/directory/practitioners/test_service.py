"""Look up, search, and what the platform says of an entry, on a real database."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import SQLModel

from miss.base.clock import MovableClock
from miss.base.ids import OrganizationId, PractitionerId
from miss.base.random import RandomBytes
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.directory.practitioners import (
    AcceptedFormat,
    Coding,
    DirectoryEntry,
    Found,
    Match,
    Practitioner,
    PractitionerNotFound,
    Practitioners,
    SearchQuery,
    service,
)
from miss.directory.register.tables import REGISTER_METADATA
from miss.directory.sample import open_mailboxes, open_register, people
from miss.directory.search import store as search_store
from miss.directory.search.model import MAX_DEPTH, MAX_RESULTS
from miss.storage import Database
from tests.miss.directory.extractions import COLUMNS_2026, a_person, extraction
from tests.miss.directory.synthetic import Synthetic, rpps_of

ANNE, PAUL = people.ANNE_MODELE, people.PAUL_EXEMPLE


async def get_by_rpps(practitioners: Practitioners, rpps: str) -> Practitioner:
    found = await practitioners.find_by_rpps(rpps)
    assert found is not None
    return found


async def test_what_the_register_says_is_found(practitioners: Practitioners) -> None:
    ines = await get_by_rpps(practitioners, people.INES_BROUILLON)
    assert ines.display_name == "Dr Inès BROUILLON"
    assert ines.id == ines.national_id == f"8{people.INES_BROUILLON}"
    assert ines.profession == Coding("10", "Médecin")
    assert ines.specialties == (Coding("SM04", "Cardiologie et Maladies vasculaires"),)
    hospital, surgery = (role.organization for role in ines.roles)
    assert hospital is not None
    assert surgery is not None
    assert (hospital.name, hospital.finess, hospital.address) == (
        "CH fictif de Lille",
        "599990009",
        "1 Rue de l'Exemple",
    )
    assert (surgery.name, surgery.finess, surgery.department) == ("Cabinet fictif de cardiologie", None, "59")
    assert [(role.mode, role.sector) for role in ines.roles] == [("S", "SA01"), ("L", "SA08")]
    assert ines.departments == ("59",)
    assert ines.roles[0].town == "Lille"
    assert ines.mailboxes == (
        "ines.brouillon@ch-fictif.mssante.example",
        "ines.brouillon@medecin.mssante.example",
    )
    assert ines.gone_at is None


async def test_find_by_mailbox_finds_persons_only(practitioners: Practitioners) -> None:
    for address in ("Paul.Exemple@MEDECIN.mssante.example", " paul.exemple@medecin.mssante.example "):
        found = await practitioners.find_by_mailbox(address)
        assert found is not None
        assert found.rpps == PAUL
    for address in ("", "\x00", "nobody@medecin.mssante.example", "dermatologie@ch-fictif.mssante.example"):
        assert await practitioners.find_by_mailbox(address) is None


async def test_who_may_write_from_an_organisational_mailbox(
    practitioners: Practitioners, db: Database, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    box = "dermatologie@ch-fictif.mssante.example"
    paul = await practitioners.find_writer("paul.exemple@medecin.mssante.example")
    assert paul is not None
    assert paul.rpps == PAUL
    for address in (box, "", "nobody@medecin.mssante.example"):
        assert await practitioners.find_writer(address) is None
    records = Establishments(db, clock, random_bytes)
    identifier, kind = OrganizationId("F599990009"), EstablishmentKind.HOSPITAL
    hospital = Establishment(id=identifier, name="CH fictif", kind=kind, finess="599990009")
    await records.open(hospital, "test")
    found = await practitioners.find_writer(box.upper())
    assert found is not None
    assert (found.id, found.mailboxes, found.letterboxes) == ("org:F599990009", (box,), (box,))
    async with db.snapshot() as tx:
        assert list(await practitioners.list_mailboxes(found.id, tx)) == [box]
    await records.open(replace(hospital, id=OrganizationId("599990009")), "test")
    assert await practitioners.find_writer(box) is None


async def test_find_by_rpps_finds_nobody(practitioners: Practitioners) -> None:
    for rpps in ("", "\x00", "99900009996", "8" + PAUL):
        assert await practitioners.find_by_rpps(rpps) is None


async def test_get_and_get_many(practitioners: Practitioners) -> None:
    paul = await get_by_rpps(practitioners, "999 0000 0029")
    nobody = PractitionerId("nobody")
    assert await practitioners.get(paul.id) == paul
    assert await practitioners.get_many([paul.id, nobody]) == {paul.id: paul}
    assert await practitioners.get_many([]) == {}
    with pytest.raises(PractitionerNotFound):
        await practitioners.get(nobody)


SEARCHES: list[tuple[SearchQuery, list[str]]] = [
    (SearchQuery(text="exemple"), ["EXEMPLE"]),
    (SearchQuery(text="EXEM paul"), ["EXEMPLE"]),
    (SearchQuery(text="lefevre"), ["LEFÈVRE", "LEFEVRE"]),
    (SearchQuery(text="Hélène lefèv"), ["LEFÈVRE", "LEFEVRE"]),
    (SearchQuery(text="lefebvre"), ["LEFÈVRE", "LEFEVRE"]),
    (SearchQuery(text="lefevre helen"), ["LEFÈVRE", "LEFEVRE"]),
    (SearchQuery(text="exempel"), ["EXEMPLE"]),
    (SearchQuery(text="xemple"), ["EXEMPLE"]),
    (SearchQuery(text="exempel lile"), []),
    (SearchQuery(text="exempel dunkerqe"), ["EXEMPLE"]),
    (SearchQuery(text="noel"), ["D'HŒUR-VANFICTIF"]),
    (SearchQuery(text="d'hœur"), ["D'HŒUR-VANFICTIF"]),
    (SearchQuery(text="vanfictif"), ["D'HŒUR-VANFICTIF"]),
    (SearchQuery(text="cardio"), ["BROUILLON", "JALON"]),
    (SearchQuery(text="cardiolgie"), ["BROUILLON", "JALON"]),
    (SearchQuery(text="cardio reunion"), []),
    (SearchQuery(text="cardio saint-denis"), ["JALON"]),
    (SearchQuery(text="sage femme"), ["BERCEAU"]),
    (SearchQuery(text="zzzzzzz"), []),
    (SearchQuery(text="%"), []),
    (SearchQuery(text=""), []),
    (SearchQuery(specialty="SM49"), ["COORDO", "REPÈRE"]),
    (SearchQuery(text="lille", specialty="SM15"), ["ESSAI", "MODELE"]),
    (SearchQuery(specialty="SM15", town="Lille"), ["ESSAI", "MODELE"]),
    (SearchQuery(specialty="SM15", town="59350"), ["ESSAI", "MODELE"]),
    (SearchQuery(specialty="SM15", department="974"), ["COPIE", "SPECIMEN"]),
    (SearchQuery(text="essai", specialty="SM15", department="59"), ["ESSAI"]),
    (SearchQuery(text="essai", specialty="SM15", department="974"), []),
    (SearchQuery(text="essai", town="Lille"), ["ESSAI"]),
    (SearchQuery(text="essai", town="Dunkerque"), []),
    (SearchQuery(specialty="SM15", town="Nowhere"), []),
    (SearchQuery(profession="50"), ["BERCEAU"]),
    (SearchQuery(text="exemple", specialty="SM15"), []),
    (SearchQuery(text="exemple", specialty="SM15\x00"), []),
    (SearchQuery(department="%"), []),
]


async def test_search(practitioners: Practitioners) -> None:
    for query, expected in SEARCHES:
        page = await practitioners.find(query)
        assert sorted(found.practitioner.family for found in page.found) == sorted(expected), query


async def test_names_come_first_then_what_begins_so_then_the_rest(practitioners: Practitioners) -> None:
    page = await practitioners.find(SearchQuery(text="m", limit=100))
    families = [found.practitioner.family for found in page.found]
    starting = [family for family in families if family.startswith("M")]
    assert starting == ["MODELE", "MOLAIRE", "MOULAGE"]
    assert families[:3] == starting
    assert len(families) > 10
    assert [found.match for found in page.found] == sorted(found.match for found in page.found)
    (exact,) = (await practitioners.find(SearchQuery(text="modele"))).found
    (typo,) = (await practitioners.find(SearchQuery(text="modlee"))).found
    assert (exact.match, typo.match) == (Match.EXACT, Match.TYPO)


async def test_pages_follow_each_other_and_end(practitioners: Practitioners) -> None:
    whole = await practitioners.find(SearchQuery(text="m", limit=100))
    paged: list[Found] = []
    for offset in range(0, len(whole.found), 4):
        page = await practitioners.find(SearchQuery(text="m", limit=4, offset=offset))
        assert page.has_more == (offset + 4 < len(whole.found))
        paged += page.found
    assert paged == list(whole.found)
    assert not whole.has_more
    assert (await practitioners.find(SearchQuery(text="m", offset=1_000))).found == ()


async def test_those_on_the_red_list_make_room_for_others(practitioners: Practitioners) -> None:
    whole = [found.practitioner.id for found in (await practitioners.find(SearchQuery(text="m", limit=100))).found]
    hidden = {whole[0], whole[2], whole[3]}
    for one in hidden:
        await practitioners.describe(one, DirectoryEntry(is_red_listed=True), by="technician")
    shown = [one for one in whole if one not in hidden]
    for offset in range(0, len(shown), 4):
        page = await practitioners.find(SearchQuery(text="m", limit=4, offset=offset))
        assert [found.practitioner.id for found in page.found] == shown[offset : offset + 4]
        assert page.has_more == (offset + 4 < len(shown))


async def test_the_red_list_is_searched_apart_by_every_word_of_a_name(
    practitioners: Practitioners, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "RED_LIST_SLICE", 2)
    anne = await get_by_rpps(practitioners, ANNE)
    others = [one.id for one in await practitioners.search("m", limit=6) if one.id != anne.id][:5]
    for one in (anne.id, *others):
        await practitioners.describe(one, DirectoryEntry(is_red_listed=True), by="technician")
    for text in ("MODELE", "Anne Modèle", "modèle-a", "mod"):
        assert [one.id for one in (await practitioners.find_red_listed(text)).people] == [anne.id], text
    for text in ("", "-'", "exemple", "anne exemple", "%", "_"):
        assert (await practitioners.find_red_listed(text)).people == (), f"{text!r}: nobody, or not on the red list"
    whole = await practitioners.find_red_listed("m", limit=6)
    assert ({one.id for one in whole.people}, whole.has_more) == ({anne.id, *others}, False)
    first = await practitioners.find_red_listed("m", limit=2)
    assert (first.people, first.has_more) == (whole.people[:2], True)
    assert await practitioners.search("modele") == []


async def test_the_nearest_first(practitioners: Practitioners) -> None:
    page = await practitioners.find(SearchQuery(specialty="SM15", town="Dunkerque", radius_km=100))
    away = [found.distance_km for found in page.found]
    assert away == sorted(distance for distance in away if distance is not None)
    lille = [found for found in page.found if found.practitioner.town == "Lille"]
    assert {found.practitioner.family for found in lille} == {"ESSAI", "MODELE"}
    assert all(60 < (found.distance_km or 0) < 75 for found in lille)
    named = await practitioners.find(SearchQuery(text="essai", town="Dunkerque", radius_km=100))
    assert [(found.practitioner.family, found.match) for found in named.found] == [("ESSAI", Match.EXACT)]
    assert named.found[0].distance_km == lille[0].distance_km
    assert (await practitioners.find(SearchQuery(text="essai", town="Dunkerque", radius_km=50))).found == ()
    near = await practitioners.find(SearchQuery(specialty="SM15", town="Dunkerque", radius_km=10))
    assert "Lille" not in {found.practitioner.town for found in near.found}


async def test_a_red_listed_entry_is_found_by_its_number_only(practitioners: Practitioners) -> None:
    paul = await get_by_rpps(practitioners, PAUL)
    entry = DirectoryEntry(
        is_red_listed=True,
        is_proxy=True,
        formats=frozenset({AcceptedFormat.HPRIM_TEXT}),
        phone="0327009999",
        mailbox="paul.exemple@medecin.mssante.example",
    )
    await practitioners.describe(paul.id, entry, by="technician")
    assert await practitioners.search("exemple") == []
    assert (await get_by_rpps(practitioners, PAUL)).entry == entry
    assert await practitioners.find_by_mailbox("paul.exemple@medecin.mssante.example") is not None
    with open_register() as lines:
        await practitioners.import_register(lines)
    assert (await get_by_rpps(practitioners, PAUL)).entry == entry
    await practitioners.describe(paul.id, DirectoryEntry(formats=frozenset()), by="technician")
    assert [found.entry for found in await practitioners.search("exemple")] == [DirectoryEntry(formats=frozenset())]
    with pytest.raises(PractitionerNotFound):
        await practitioners.describe(PractitionerId("nobody"), entry, by="technician")


async def test_what_a_form_offers(practitioners: Practitioners) -> None:
    found = await practitioners.find_communes("saint")
    assert [commune.name for commune in found][:3] == ["Saint-Paul", "Saint-Denis", "Saint-Pierre"]
    assert all(commune.position for commune in found)
    assert await practitioners.find_communes("") == []
    assert Coding("SM49", "Santé publique et Médecine sociale") in await practitioners.list_specialties()
    assert Coding("10", "Médecin") in await practitioners.list_professions()


@pytest.fixture
async def homonyms(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Practitioners:
    """Three hundred people of one name."""
    directory = Practitioners(db, clock, random_bytes)
    lines = [a_person(rpps_of(number), given=f"Paul{number:03}") for number in range(300)]
    await directory.import_register(extraction(COLUMNS_2026, lines[::-1]))
    return directory


async def test_a_page_and_a_depth_are_bounded(homonyms: Practitioners) -> None:
    assert len(await homonyms.search("exemple", limit=1_000)) == MAX_RESULTS
    second = await homonyms.find(SearchQuery(text="exemple", limit=100, offset=100))
    assert [found.practitioner.given for found in second.found] == [f"Paul{number}" for number in range(100, 200)]
    assert not second.has_more
    assert (await homonyms.find(SearchQuery(text="exemple", offset=MAX_DEPTH))).found == ()


@pytest.fixture
async def crowd(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Practitioners:
    """Two thousand people who could be."""
    directory = Practitioners(db, clock, random_bytes)
    await directory.import_register(Synthetic(2_000, families=150).register())
    return directory


async def test_answers_are_right_whatever_is_asked(crowd: Practitioners) -> None:
    """Each answer fulfils its question, and each question about somebody finds them."""
    register = list(Synthetic(2_000, families=150).persons())
    for person in register[::97]:
        whole = await crowd.get(PractitionerId(person.national_id))
        role = whole.roles[0]
        assert role.organization is not None
        questions = [
            SearchQuery(text=f"{person.family} {person.given}", limit=100),
            SearchQuery(text=f"{person.given} {person.family[:5]}", limit=100, town=role.town),
            SearchQuery(text=f"{person.family} {role.town}", limit=100),
            SearchQuery(text=person.family, profession=person.profession[0], department=role.department, limit=100),
        ]
        for question in questions:
            page = await crowd.find(question)
            assert whole.id in {found.practitioner.id for found in page.found}, question
            for found in page.found:
                one = found.practitioner
                assert not question.profession or one.profession.code == question.profession
                assert not question.department or question.department in one.departments
                assert not question.town or question.town in {role.town for role in one.roles}


async def test_frequent_words_find_those_with_a_further_given_name(
    db: Database, clock: MovableClock, random_bytes: RandomBytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_store, "COUNTED", 1)  # every word is frequent
    names = (
        *(("MARTIN", "Jean-Paul"), ("MARTIN", "Paul"), ("MARTIN-DURAND", "Anne Paul"), ("MARTINEAU", "Jean-Paul")),
        *(("PAUL", "Martin"), ("DURAND", "Jean-Paul"), ("MARTIN", "Jean-Paulin")),
    )
    directory = Practitioners(db, clock, random_bytes)
    lines = [a_person(rpps_of(number), family=family, given=given) for number, (family, given) in enumerate(names)]
    await directory.import_register(extraction(COLUMNS_2026, lines))
    for text in ("martin paul", "paul martin"):
        found = [f"{one.family} {one.given}" for one in await directory.search(text)]
        assert sorted(found[:2]) == ["MARTIN Paul", "PAUL Martin"]
        assert found[2:] == ["MARTIN-DURAND Anne Paul", "MARTIN Jean-Paul"]


async def test_the_register_may_lie_in_a_file_of_its_own(
    tmp_path: Path, clock: MovableClock, random_bytes: RandomBytes
) -> None:
    db, register = Database(f"sqlite:///{tmp_path}/miss.db"), Database(f"sqlite:///{tmp_path}/register.db")
    try:
        async with db.engine.begin() as connection:
            await connection.run_sync(SQLModel.metadata.create_all)
            await connection.run_sync(REGISTER_METADATA.drop_all)
        async with register.engine.begin() as connection:
            await connection.run_sync(REGISTER_METADATA.create_all)
        directory = Practitioners(db, clock, random_bytes, register=register)
        with open_register() as lines:
            assert (await directory.import_register(lines)).new == 47
        with open_mailboxes() as lines:
            await directory.import_mailboxes(lines)
        paul = await get_by_rpps(directory, PAUL)
        await directory.describe(paul.id, DirectoryEntry(is_red_listed=True), by="technician")
        assert await directory.search("exemple") == []
        assert [found.rpps for found in await directory.search("modele")] == [ANNE]
    finally:
        await db.close()
        await register.close()
