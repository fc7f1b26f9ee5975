"""Import, on a real database: what is new, what changed, who is gone, and nothing half done."""

import random
from collections.abc import Collection, Iterable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.base.random import RandomBytes
from miss.directory.practitioners import Coding, ImportReport, Practitioner, Practitioners
from miss.directory.register.bulk import open_bulk
from miss.directory.register.errors import ExtractionUnreadable, RegisterBusy, RegisterShrinks, SkillsMissing
from miss.directory.register.importer import Importer
from miss.directory.register.model import Kind
from miss.directory.register.reading import Text
from miss.directory.register.remarks import LineRemark, Reason
from miss.directory.sample import open_mailboxes, open_register, people
from miss.storage import Database
from tests.miss.directory.extractions import (
    COLUMNS_2021,
    COLUMNS_2026,
    COLUMNS_WITHOUT_SKILLS,
    MAILBOX_COLUMNS,
    PAUL,
    SKILL_COLUMNS,
    a_person,
    an_address,
    extraction,
)
from tests.miss.directory.synthetic import Synthetic, damaged, in_mixed_encodings, rpps_of

ANNE, PAUL_RPPS, KARIM = people.ANNE_MODELE, people.PAUL_EXEMPLE, people.KARIM_ESSAI


@pytest.fixture
def kept() -> set[PractitionerId]:
    """Those whom an account refers to."""
    return set()


@pytest.fixture
def empty(db: Database, clock: MovableClock, random_bytes: RandomBytes, kept: set[PractitionerId]) -> Practitioners:
    async def tell() -> Collection[PractitionerId]:
        return kept

    return Practitioners(db, clock, random_bytes, kept=tell)


def importer(db: Database, clock: MovableClock) -> Importer:
    return Importer(db, clock.now())


def delta(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new, report.changed, report.gone, report.unchanged


async def get(practitioners: Practitioners, rpps: str) -> Practitioner:
    return await practitioners.get(PractitionerId(f"8{rpps}"))


async def test_the_same_file_twice_changes_nothing(empty: Practitioners) -> None:
    for expected in ((47, 0, 0, 0), (0, 0, 0, 47)):
        with open_register() as lines:
            report = await empty.import_register(lines)
        assert delta(report) == expected
        assert (report.rejected_count, report.doubtful_count, report.lines) == (0, 0, 50)
    for expected in ((48, 0, 0, 0), (0, 0, 0, 48)):
        with open_mailboxes() as lines:
            report = await empty.import_mailboxes(lines)
        assert delta(report) == expected
        assert report.skipped == 0


async def test_only_who_changed_is_counted_and_written(empty: Practitioners) -> None:
    before = [a_person(ANNE, family="MODELE"), a_person(PAUL_RPPS)]
    assert delta(await empty.import_register(extraction(COLUMNS_2021, before))) == (2, 0, 0, 0)
    after = [
        a_person(ANNE, family="MODELE-EXEMPLE", organization="CHU fictif", town="Calais"),
        a_person(PAUL_RPPS),
        a_person(KARIM, family="ESSAI", organization="CHU fictif"),
    ]
    assert delta(await empty.import_register(extraction(COLUMNS_2021, after))) == (1, 1, 0, 1)
    changed = await get(empty, ANNE)
    assert (changed.family, changed.town) == ("MODELE-EXEMPLE", "Calais")
    assert changed.roles[0].organization is not None
    assert changed.roles[0].organization.name == "CHU fictif"
    assert [found.rpps for found in await empty.search("modele calais")] == [ANNE]
    assert await empty.search("modele lille") == []
    assert {found.rpps for found in await empty.search("exemple")} == {ANNE, PAUL_RPPS}


async def test_a_role_that_ended_is_gone(empty: Practitioners) -> None:
    both = [a_person(PAUL_RPPS, specialty="SM15"), a_person(PAUL_RPPS, specialty="SM54")]
    await empty.import_register(extraction(COLUMNS_2026, both))
    assert delta(await empty.import_register(extraction(COLUMNS_2026, both[:1]))) == (0, 1, 0, 0)
    assert [coding.code for coding in (await get(empty, PAUL_RPPS)).specialties] == ["SM15"]
    assert await empty.search("", specialty="SM54") == []


async def test_the_order_of_the_lines_changes_nothing(empty: Practitioners) -> None:
    lines = [a_person(rpps_of(number), specialty=code) for number in range(30) for code in ("SM15", "SM54", "SM04")]
    assert delta(await empty.import_register(extraction(COLUMNS_2026, lines))) == (30, 0, 0, 0)
    random.Random(1).shuffle(lines)
    assert delta(await empty.import_register(extraction(COLUMNS_2026, lines))) == (0, 0, 0, 30)


async def test_who_vanishes_is_kept_but_not_found(
    empty: Practitioners, kept: set[PractitionerId], clock: MovableClock
) -> None:
    everybody = [a_person(rpps_of(number), family=f"N{'ABCDEFGHIJ'[number]}") for number in range(10)]
    await empty.import_register(extraction(COLUMNS_2026, everybody))
    gone, held = (PractitionerId(f"8{rpps_of(number)}") for number in (0, 1))
    kept.add(held)
    clock.advance(timedelta(days=1))
    report = await empty.import_register(extraction(COLUMNS_2026, everybody[2:]))
    assert delta(report) == (0, 0, 2, 8)
    for identifier in (gone, held):
        gone_at = (await empty.get(identifier)).gone_at
        assert gone_at is not None
        assert timedelta(0) <= clock.now() - gone_at < timedelta(minutes=5)
    assert (await empty.get(gone)).roles
    assert await empty.search("na") == []
    assert [found.id for found in await empty.search("nb")] == [held]
    assert gone not in {found.id for found in await empty.search("lille", limit=100)}
    # The next day nobody is new to be gone; an account that closed lets go of its owner, another one opens.
    kept.symmetric_difference_update({gone, held})
    assert delta(await empty.import_register(extraction(COLUMNS_2026, everybody[2:]))) == (0, 0, 0, 8)
    assert [found.id for found in await empty.search("na")] == [gone]
    assert await empty.search("nb") == []
    # And who comes back is there again.
    assert delta(await empty.import_register(extraction(COLUMNS_2026, everybody))) == (0, 2, 0, 8)
    assert [found.id for found in await empty.search("nb")] == [held]
    assert (await empty.get(held)).gone_at is None


async def test_a_register_that_shrinks_is_asked_about_first(empty: Practitioners) -> None:
    everybody = [a_person(rpps_of(number)) for number in range(10)]
    await empty.import_register(extraction(COLUMNS_2026, everybody))
    with pytest.raises(RegisterShrinks) as caught:
        await empty.import_register(extraction(COLUMNS_2026, everybody[4:]))
    assert caught.value.params == {"present": 10, "incoming": 6}
    assert len(await empty.search("exemple")) == 10
    assert delta(await empty.import_register(extraction(COLUMNS_2026, everybody[3:]))) == (0, 0, 3, 7)
    report = await empty.import_register(extraction(COLUMNS_2026, everybody[9:]), accept_shrink=True)
    assert delta(report) == (0, 0, 6, 1)
    addresses = [an_address(f"a{number}@b.example", rpps_of(number)) for number in range(10)]
    await empty.import_mailboxes(extraction(MAILBOX_COLUMNS, addresses))
    with pytest.raises(RegisterShrinks):
        await empty.import_mailboxes(extraction(MAILBOX_COLUMNS, addresses[:6]))
    assert (await get(empty, rpps_of(9))).mailboxes == ("a9@b.example",)


async def test_wrong_lines_are_reported_and_the_others_taken(empty: Practitioners) -> None:
    lines = extraction(COLUMNS_2026, [a_person("99900000012"), a_person(PAUL_RPPS, finess="123456789")])
    report = await empty.import_register([*lines, b"cut off"])
    assert delta(report) == (1, 0, 0, 0)
    assert report.rejected == (LineRemark(2, Reason.IDENTIFIER), LineRemark(4, Reason.COLUMN_COUNT))
    assert report.doubtful == (LineRemark(3, Reason.FINESS),)


async def test_another_file_changes_nothing(empty: Practitioners) -> None:
    with open_register() as lines:
        await empty.import_register(lines)
    with open_mailboxes() as lines, pytest.raises(ExtractionUnreadable):
        await empty.import_register(lines)
    with open_register() as lines, pytest.raises(ExtractionUnreadable):
        await empty.import_mailboxes(lines)
    assert (await get(empty, ANNE)).family == "MODELE"


class CutOff(Exception):
    """The disk, the network, the power."""


async def test_an_import_that_breaks_off_leaves_what_was(empty: Practitioners) -> None:
    with open_register() as lines:
        await empty.import_register(lines)

    def broken() -> Iterable[bytes]:
        lines = extraction(COLUMNS_2026, [a_person(rpps_of(number)) for number in range(60)])
        yield from lines[:50]
        raise CutOff

    with pytest.raises(CutOff):
        await empty.import_register(broken())
    assert (await get(empty, ANNE)).gone_at is None
    with open_register() as lines:
        assert delta(await empty.import_register(lines)) == (0, 0, 0, 47)


async def test_while_it_writes_readers_see_the_former_state_and_another_import_waits(
    empty: Practitioners, db: Database, clock: MovableClock
) -> None:
    with open_register() as lines:
        await empty.import_register(lines)
    async with open_bulk(db) as bulk:
        await bulk.begin()
        await bulk.run("UPDATE register_practitioner SET family = 'X' WHERE id = :id", id=f"8{ANNE}")
        assert (await get(empty, ANNE)).family == "MODELE"
        with open_register() as lines, pytest.raises(RegisterBusy):
            await importer(db, clock).take_register(Text("second", lines))
    assert (await get(empty, ANNE)).family == "X"


async def test_skills_from_their_own_file(empty: Practitioners, db: Database, clock: MovableClock) -> None:
    lines = extraction(
        COLUMNS_WITHOUT_SKILLS,
        [PAUL, PAUL | {"Identifiant technique de la structure": "R1"}, a_person(ANNE), a_person(KARIM)],
    )
    with pytest.raises(SkillsMissing):
        await empty.import_register(lines)
    assert await empty.search("exemple") == []
    skills = extraction(
        SKILL_COLUMNS,
        [
            PAUL | {"Code savoir-faire": "SM15", "Libellé savoir-faire": "Dermatologie"},
            PAUL,
            PAUL,
            a_person(ANNE, specialty="SM04", specialty_display="Cardiologie"),
            a_person(rpps_of(77), specialty="SM04"),
        ],
    )
    for expected in ((3, 0, 0, 0), (0, 0, 0, 3)):
        register, of_skills = await importer(db, clock).take_register(Text("r", lines), Text("s", skills))
        assert delta(register) == expected
        assert (of_skills.kind, of_skills.lines, of_skills.rejected_count) == (Kind.SKILLS, 5, 0)
    paul = await get(empty, PAUL_RPPS)
    assert paul.specialties == (Coding("SM15", "Dermatologie"), Coding("SM54", "Médecine générale"))
    assert len(paul.roles) == 4
    assert [found.rpps for found in await empty.search("", specialty="SM04")] == [ANNE]
    assert [found.rpps for found in await empty.search("cardiologie lille")] == [ANNE]
    assert (await get(empty, KARIM)).specialties == ()


async def test_qualifications(empty: Practitioners, db: Database, clock: MovableClock) -> None:
    register = Synthetic(20, adeli_share=0)
    await empty.import_register(register.register())
    for expected in ((20, 0, 0, 0), (0, 0, 0, 20)):
        (report,) = await importer(db, clock).take_qualifications(Text("q", register.qualifications()))
        assert delta(report) == expected
    (report,) = await importer(db, clock).take_qualifications(Text("q", Synthetic(40, adeli_share=0).qualifications()))
    assert report.skipped == 20
    person = next(register.persons())
    (diploma,) = (await get(empty, rpps_of(0))).qualifications
    assert (diploma.kind, diploma.coding.code) == ("diploma", f"DE{person.profession[0]}")


async def test_an_address_moves_goes_and_needs_a_known_owner(empty: Practitioners) -> None:
    everybody = [a_person(rpps) for rpps in (ANNE, PAUL_RPPS, KARIM)]
    await empty.import_register(extraction(COLUMNS_2026, everybody))
    first = [an_address(f"{letter}@b.example", PAUL_RPPS) for letter in "abcd"]
    assert delta(await empty.import_mailboxes(extraction(MAILBOX_COLUMNS, first))) == (4, 0, 0, 0)
    second = [*first[1:], an_address("B@b.example", ANNE), an_address("e@b.example", ANNE)]
    second[1] = an_address("c@b.example", ANNE)
    second += [an_address("x@b.example", rpps_of(5)), an_address("s@b.example", kind="ORG")]
    report = await empty.import_mailboxes(extraction(MAILBOX_COLUMNS, second))
    assert delta(report) == (1, 1, 2, 1)
    assert report.rejected == (
        LineRemark(2, Reason.ADDRESS_SHARED),
        LineRemark(5, Reason.ADDRESS_SHARED),
        LineRemark(7, Reason.PRACTITIONER_UNKNOWN),
    )
    assert report.skipped == 1
    assert (await get(empty, ANNE)).mailboxes == ("c@b.example", "e@b.example")
    assert (await get(empty, PAUL_RPPS)).mailboxes == ("d@b.example",)
    assert await empty.find_by_mailbox("b@b.example") is None


async def test_an_organisations_address_belongs_to_its_structure_alone(empty: Practitioners) -> None:
    await empty.import_register(extraction(COLUMNS_2026, [a_person(PAUL_RPPS)]))
    lilas, dunes = ({"Identification Structure": number} for number in ("1599990009", "1599990017"))
    lines = [
        an_address("a@b.example", kind="ORG") | lilas,
        an_address("A@b.example", kind="ORG") | lilas,  # of two of its services
        an_address("b@b.example", kind="ORG") | lilas,
        an_address("b@b.example", kind="ORG") | dunes,
        an_address("c@b.example", kind="ORG") | lilas,
        an_address("c@b.example", PAUL_RPPS),
    ]
    report = await empty.import_mailboxes(extraction(MAILBOX_COLUMNS, lines))
    assert delta(report) == (1, 0, 0, 0)
    assert {(remark.line, remark.reason) for remark in report.rejected} == {
        (number, Reason.ADDRESS_SHARED) for number in (4, 5, 6, 7)
    }
    assert await empty.find_by_mailbox("a@b.example") is None


async def test_a_register_of_every_kind_of_line(empty: Practitioners) -> None:
    """Several batches, homonyms, ADELI numbers, mixed encodings, damaged lines: all lines are accounted for."""
    register = Synthetic(2_500, families=300)
    told: list[int] = []
    lines = damaged(in_mixed_encodings(register.register()))
    report = await empty.import_register(lines, lambda progress: told.append(progress.lines))
    assert report.rejected_count == report.lines // 11
    assert {remark.reason for remark in report.rejected} == {Reason.COLUMN_COUNT}
    assert Reason.ENCODING in {remark.reason for remark in report.doubtful}
    assert told[-1] == report.lines
    whole = await empty.import_register(register.register())
    assert (whole.rejected_count, whole.gone) == (0, 0)
    assert whole.new + whole.changed + whole.unchanged == 2_500
    again = await empty.import_register(register.register())
    assert delta(again) == (0, 0, 0, 2_500)


async def test_staging_leaves_nothing_behind(empty: Practitioners, db: Database) -> None:
    with open_register() as lines:
        await empty.import_register(lines)
    if db.is_sqlite:
        assert not list(Path(str(db.url.database)).parent.glob(".register-import-*"))
    else:
        url = db.url.set(drivername="postgresql").render_as_string(hide_password=False)
        connection = await asyncpg.connect(url)
        try:
            assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE tablename LIKE 's\\_%'") == 0
        finally:
            await connection.close()


async def test_a_first_import_has_the_indexes_it_began_with(empty: Practitioners, db: Database) -> None:
    names = (
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE 'register_%'"
        if db.is_sqlite
        else "SELECT indexname FROM pg_indexes WHERE indexname LIKE 'register_%'"
    )

    async def indexes() -> set[tuple[str, ...]]:
        async with open_bulk(db) as bulk:
            return set(await bulk.fetch(names))

    before = await indexes()
    with open_register() as lines:
        await empty.import_register(lines)
    assert await indexes() == before
    assert {("register_role_specialty",), ("register_practitioner_family",)} <= before
