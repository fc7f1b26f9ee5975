"""A first import takes the indexes away and makes them again: the tables end as the migrations left them."""

from miss.base.clock import MovableClock
from miss.directory.register.bulk import open_bulk
from miss.directory.register.importer import Importer
from miss.directory.register.indexes import indexes_of
from miss.directory.register.reading import Text
from miss.directory.register.tables import REGISTER_METADATA
from miss.storage import Database
from tests.miss.directory.extractions import COLUMNS_2026, a_person, extraction
from tests.miss.directory.synthetic import rpps_of

_TOLD = {
    True: "SELECT name, coalesce(sql, '') FROM sqlite_master WHERE tbl_name LIKE 'register%' AND type = 'index'",
    False: "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'register%'",
}


async def told_indexes(db: Database) -> set[tuple[str, ...]]:
    async with open_bulk(db) as bulk:
        return {(name, told.replace('"', "")) for name, told in await bulk.fetch(_TOLD[bulk.is_sqlite])}


async def test_the_indexes_are_those_that_were_there(db: Database, clock: MovableClock) -> None:
    before = await told_indexes(db)
    lines = [a_person(rpps_of(number)) for number in range(3)]
    await Importer(db, clock.now()).take_register(Text("register", extraction(COLUMNS_2026, lines)))
    assert before
    assert await told_indexes(db) == before


async def test_lines_of_a_person_that_stand_apart_are_taken_once(db: Database, clock: MovableClock) -> None:
    one, other = (a_person(rpps_of(number), specialty="SM15") for number in range(2))
    await Importer(db, clock.now()).take_register(Text("register", extraction(COLUMNS_2026, [one, other, one])))
    async with open_bulk(db) as bulk:
        assert await bulk.fetch("SELECT count(*), count(DISTINCT practitioner_id) FROM register_role") == [(2, 2)]


def test_only_postgresql_makes_its_primary_keys_again() -> None:
    statements = {
        is_sqlite: " ".join(one.create for one in indexes_of(REGISTER_METADATA.sorted_tables, is_sqlite=is_sqlite))
        for is_sqlite in (True, False)
    }
    assert "PRIMARY KEY" not in statements[True]
    assert statements[False].count("PRIMARY KEY") == len(REGISTER_METADATA.tables)
