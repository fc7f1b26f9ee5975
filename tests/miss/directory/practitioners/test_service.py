"""Import, look up and search, on a real database."""

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.directory.practitioners import Coding, ImportReport, Practitioner, Practitioners
from miss.directory.practitioners.errors import ExtractionUnreadable, PractitionerNotFound
from miss.directory.practitioners.extraction import LineRemark, Reason
from miss.directory.practitioners.service import BATCH, MAX_RESULTS
from miss.directory.sample import open_mailboxes, open_register, people
from miss.documents.identities import is_luhn
from miss.storage import Database
from tests.miss.directory.extractions import (
    COLUMNS_2021,
    COLUMNS_2026,
    MAILBOX_COLUMNS,
    a_person,
    an_address,
    extraction,
)

ANNE, PAUL = people.ANNE_MODELE, people.PAUL_EXEMPLE


@pytest.fixture
def empty(db: Database, clock: MovableClock, random_bytes: RandomBytes) -> Practitioners:
    return Practitioners(db, clock, random_bytes)


def report(
    new: int = 0,
    changed: int = 0,
    unchanged: int = 0,
    skipped: int = 0,
    rejected: tuple[LineRemark, ...] = (),
    doubtful: tuple[LineRemark, ...] = (),
) -> ImportReport:
    return ImportReport(
        new=new,
        changed=changed,
        unchanged=unchanged,
        skipped=skipped,
        rejected=rejected,
        rejected_count=len(rejected),
        doubtful=doubtful,
        doubtful_count=len(doubtful),
    )


async def get_by_rpps(practitioners: Practitioners, rpps: str) -> Practitioner:
    found = await practitioners.find_by_rpps(rpps)
    assert found is not None
    return found


async def test_the_same_file_twice_changes_nothing(empty: Practitioners) -> None:
    for expected in (report(new=47), report(unchanged=47)):
        with open_register() as lines:
            assert await empty.import_register(lines) == expected
    for expected in (report(new=46, skipped=2), report(unchanged=46, skipped=2)):
        with open_mailboxes() as lines:
            assert await empty.import_mailboxes(lines) == expected


async def test_what_the_register_says_is_found(practitioners: Practitioners) -> None:
    ines = await get_by_rpps(practitioners, people.INES_BROUILLON)
    assert ines.display_name == "Dr Inès BROUILLON"
    assert ines.national_id == f"8{people.INES_BROUILLON}"
    assert ines.profession == Coding("10", "Médecin")
    assert ines.specialties == (Coding("SM04", "Cardiologie et Maladies vasculaires"),)
    assert [(role.organization.name, role.organization.finess) for role in ines.roles if role.organization] == [
        ("CH fictif de Lille", "599990009"),
        ("Cabinet fictif de cardiologie", None),
    ]
    assert ines.roles[0].town == "Lille"
    assert ines.mailboxes == (
        "ines.brouillon@ch-fictif.mssante.example",
        "ines.brouillon@medecin.mssante.example",
    )


async def test_only_who_changed_is_counted_and_written(empty: Practitioners) -> None:
    before = [a_person(ANNE, family="MODELE"), a_person(PAUL)]
    assert await empty.import_register(extraction(COLUMNS_2021, before)) == report(new=2)
    anne = await get_by_rpps(empty, ANNE)
    after = [
        a_person(ANNE, family="MODELE-EXEMPLE", organization="CHU fictif", town="Calais"),
        a_person(PAUL),
        a_person(people.KARIM_ESSAI, family="ESSAI", organization="CHU fictif"),
    ]
    assert await empty.import_register(extraction(COLUMNS_2026, after)) == report(new=1, changed=1, unchanged=1)
    changed = await get_by_rpps(empty, ANNE)
    assert (changed.id, changed.family, changed.town) == (anne.id, "MODELE-EXEMPLE", "Calais")
    assert changed.roles[0].organization is not None
    assert changed.roles[0].organization.name == "CHU fictif"
    assert [found.rpps for found in await empty.search("modele calais")] == [ANNE]


async def test_a_role_that_ended_is_gone(empty: Practitioners) -> None:
    both = [a_person(PAUL, specialty="SM15"), a_person(PAUL, specialty="SM54")]
    await empty.import_register(extraction(COLUMNS_2026, both))
    await empty.import_register(extraction(COLUMNS_2026, both[:1]))
    assert [coding.code for coding in (await get_by_rpps(empty, PAUL)).specialties] == ["SM15"]
    assert await empty.search("", specialty="SM54") == []


async def test_several_batches_and_their_progress(empty: Practitioners) -> None:
    numbers = [f"9980000{n:03}{key}" for n in range(300) for key in range(10) if is_luhn(f"9980000{n:03}{key}")]
    told: list[int] = []
    lines = extraction(COLUMNS_2026, [a_person(number) for number in reversed(numbers)])
    assert await empty.import_register(lines, told.append) == report(new=300)
    assert told == [BATCH, 300]
    assert len(await empty.search("paul", limit=1_000)) == MAX_RESULTS


async def test_wrong_lines_are_reported_and_the_others_taken(empty: Practitioners) -> None:
    lines = extraction(COLUMNS_2026, [a_person("99900000012"), a_person(PAUL, finess="123456789")])
    assert await empty.import_register([*lines, b"cut off"]) == report(
        new=1,
        rejected=(LineRemark(4, Reason.COLUMN_COUNT), LineRemark(2, Reason.IDENTIFIER)),
        doubtful=(LineRemark(3, Reason.FINESS),),
    )


async def test_another_file_changes_nothing(practitioners: Practitioners) -> None:
    with open_mailboxes() as lines, pytest.raises(ExtractionUnreadable):
        await practitioners.import_register(lines)
    with open_register() as lines, pytest.raises(ExtractionUnreadable):
        await practitioners.import_mailboxes(lines)


async def test_an_address_moves_with_the_register_and_needs_a_known_owner(practitioners: Practitioners) -> None:
    address = "paul.exemple@medecin.mssante.example"
    lines = extraction(MAILBOX_COLUMNS, [an_address(address, ANNE), an_address("x@b.example", "99900009996")])
    assert await practitioners.import_mailboxes(lines) == report(
        changed=1, rejected=(LineRemark(3, Reason.PRACTITIONER_UNKNOWN),)
    )
    owner = await practitioners.find_by_mailbox(address)
    assert owner is not None
    assert owner.rpps == ANNE
    assert (await get_by_rpps(practitioners, PAUL)).mailboxes == ()


async def test_find_by_mailbox_finds_persons_only(practitioners: Practitioners) -> None:
    for address in ("Paul.Exemple@MEDECIN.mssante.example", " paul.exemple@medecin.mssante.example "):
        found = await practitioners.find_by_mailbox(address)
        assert found is not None
        assert found.rpps == PAUL
    for address in ("", "\x00", "nobody@medecin.mssante.example", "dermatologie@ch-fictif.mssante.example"):
        assert await practitioners.find_by_mailbox(address) is None


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


SEARCHES: list[tuple[str, str | None, list[str]]] = [
    ("exemple", None, ["EXEMPLE"]),
    ("EXEM paul", None, ["EXEMPLE"]),
    ("lefevre", None, ["LEFÈVRE", "LEFEVRE"]),
    ("Hélène lefèv", None, ["LEFÈVRE", "LEFEVRE"]),
    ("noel", None, ["D'HŒUR-VANFICTIF"]),
    ("d'hœur", None, ["D'HŒUR-VANFICTIF"]),
    ("dhoeur", None, []),
    ("cardio", None, ["BROUILLON", "JALON"]),
    ("cardio reunion", None, []),
    ("cardio saint-denis", None, ["JALON"]),
    ("sage femme", None, ["BERCEAU"]),
    ("xemple", None, []),
    ("%", None, []),
    ("", None, []),
    ("", "SM49", ["COORDO", "REPÈRE"]),
    ("lille", "SM15", ["ESSAI", "MODELE"]),
    ("exemple", "SM15", []),
    ("exemple", "SM15\x00", []),
]


async def test_search(practitioners: Practitioners) -> None:
    for text, specialty, expected in SEARCHES:
        found = await practitioners.search(text, specialty=specialty)
        assert sorted(practitioner.family for practitioner in found) == sorted(expected), (text, specialty)


async def test_search_shows_family_names_first_and_is_bounded(practitioners: Practitioners) -> None:
    assert [found.family for found in await practitioners.search("fi")] == ["FIGURANT", "FIGURANTE"]
    everybody = await practitioners.search("m", limit=100)
    families = [found.family for found in everybody]
    starting = [family for family in families if family.startswith("M")]
    assert starting == ["MODELE", "MOLAIRE", "MOULAGE"]
    assert families[:3] == starting
    assert len(families) > 10
    assert await practitioners.search("m", limit=2) == everybody[:2]
