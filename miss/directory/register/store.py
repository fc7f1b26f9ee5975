"""What an import does to the register's tables: compare with what is there, write what differs, in SQL alone.

Rows of activities, sites and skills are their own keys, so that comparing is set difference; a person's row has a
digest.  Everything is counted before anything is written.
"""

# ruff: noqa: S608 - every name in these statements is our own, values are parameters

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from miss.directory.register.activities import Batch, Nomenclature
from miss.directory.register.bulk import Bulk
from miss.directory.register.errors import RegisterShrinks
from miss.directory.register.indexes import indexes_of
from miss.directory.register.model import Delta
from miss.directory.register.tables import REGISTER_METADATA
from miss.directory.search.towns import Towns
from miss.directory.search.typos import keys
from miss.directory.search.words import fold
from miss.storage.migrate import Schema

SHRINK_LIMIT = 0.7
"""A register that keeps less than this share of its entries is asked about first."""
BATCH_ROWS = 50_000

Row = TypeVar("Row")

_PEOPLE = {
    "id": "text",
    "digest": "bigint",
    "family": "text",
    "given": "text",
    "civility": "text",
    "profession_code": "text",
    "family_words": "text",
    "given_words": "text",
}
_ROLES = {
    "practitioner_id": "text",
    "activity": "bigint",
    "specialty_code": "text",
    "site": "bigint",
    "profession_code": "text",
    "mode_code": "text",
    "sector_code": "text",
    "place": "text",
    "name_key": "text",
    "words": "text",
}
_SITES = {
    "id": "bigint",
    **dict.fromkeys(("identifier", "finess", "siret", "name", "address", "postcode", "town", "place"), "text"),
    **dict.fromkeys(("phone", "fax", "email"), "text"),
}
_ROLE_KEY = ("practitioner_id", "activity", "specialty_code")
_SAME_ROLE = "r.practitioner_id = s.practitioner_id AND r.activity = s.activity AND r.specialty_code = s.specialty_code"


def register_schema() -> Schema:
    """The register's tables and their own line of migrations; on PostgreSQL they lie beside the application's."""
    return Schema((Path(__file__).parent / "versions",), REGISTER_METADATA, "register_version")


async def stage_register(bulk: Bulk) -> None:
    """Make the staging tables of `fill_register` and `write_register`."""
    await bulk.stage("s_person", _PEOPLE, ("id",))
    await bulk.stage("s_role", _ROLES, _ROLE_KEY)
    await bulk.stage("s_site", _SITES, ("id",))
    await bulk.stage("s_typo", {"key": "text", "word": "text"})
    await bulk.stage("s_word", {"word": "text"})
    await bulk.stage("s_skill", {"practitioner_id": "text", "code": "text"}, ("practitioner_id", "code"))
    await bulk.stage("s_kept", {"id": "text"}, ("id",))
    await bulk.stage("s_touched", {"id": "text", "fate": "text"}, ("id",))


async def known_words(bulk: Bulk) -> set[str]:
    """Words of names that need not be told again."""
    return {word for (word,) in await bulk.fetch("SELECT word FROM register_word")}


async def fill_register(bulk: Bulk, batch: Batch) -> None:
    """Stage one batch."""
    await bulk.fill("s_person", batch.people)
    await bulk.fill("s_role", batch.roles)
    await bulk.fill("s_site", batch.sites)
    if batch.words:
        await bulk.fill("s_word", [(word,) for word in batch.words])
        await bulk.fill("s_typo", [(key, word) for word in batch.words for key in keys(word)])


async def give_skills(bulk: Bulk, labels: Mapping[str, str]) -> None:
    """Spread each person's skills over their activities, as the column sets with savoir-faire columns do."""
    await bulk.stage("s_label", {"code": "text", "words": "text"}, ("code",))
    await bulk.fill("s_label", [(code, fold(label)) for code, label in labels.items()])
    await bulk.stage("s_given", _ROLES, _ROLE_KEY)
    await bulk.run(
        "INSERT INTO s_given SELECT s.practitioner_id, s.activity, k.code, s.site, s.profession_code, s.mode_code,"
        " s.sector_code, s.place, s.name_key, s.words || ' ' || l.words"
        " FROM s_role s JOIN s_skill k ON k.practitioner_id = s.practitioner_id JOIN s_label l ON l.code = k.code"
        " WHERE NOT EXISTS (SELECT 1 FROM s_role r WHERE r.practitioner_id = s.practitioner_id"
        " AND r.activity = s.activity AND r.specialty_code = k.code)"
    )
    await bulk.run(
        "INSERT INTO s_given SELECT p.id, 0, k.code, NULL, p.profession_code, '', '', '',"
        " p.family_words || ' ' || p.given_words, ' ' || l.words"
        " FROM s_person p JOIN s_skill k ON k.practitioner_id = p.id JOIN s_label l ON l.code = k.code"
        " WHERE NOT EXISTS (SELECT 1 FROM s_role r WHERE r.practitioner_id = p.id)"
    )
    await bulk.run(
        "DELETE FROM s_role WHERE specialty_code = '' AND practitioner_id IN (SELECT practitioner_id FROM s_skill)"
    )
    await bulk.run("INSERT INTO s_role SELECT DISTINCT * FROM s_given WHERE true")


async def compare_register(bulk: Bulk, *, accept_shrink: bool) -> Delta:
    """Say in `s_touched` what becomes of whom; of an empty register nothing, everybody is new.

    Raises RegisterShrinks.
    """
    ((present,),) = await bulk.fetch("SELECT count(*) FROM register_practitioner WHERE gone_at IS NULL")
    ((incoming,),) = await bulk.fetch("SELECT count(*) FROM s_person")
    require_steady(present, incoming, accept_shrink=accept_shrink)
    if await _is_first(bulk):
        return Delta(new=incoming)
    for sql in _CHANGES:
        await bulk.run(sql)
    counts = dict(await bulk.fetch("SELECT fate, count(*) FROM s_touched GROUP BY fate"))
    new, changed = counts.get("new", 0), counts.get("changed", 0)
    return Delta(new, changed, counts.get("gone", 0), incoming - new - changed)


_UNTOUCHED = "NOT EXISTS (SELECT 1 FROM s_touched t WHERE t.id = {id})"
_CHANGES = (
    "INSERT INTO s_touched SELECT s.id, 'new' FROM s_person s"
    " WHERE NOT EXISTS (SELECT 1 FROM register_practitioner p WHERE p.id = s.id)",
    "INSERT INTO s_touched SELECT s.id, 'changed' FROM s_person s JOIN register_practitioner p ON p.id = s.id"
    " WHERE p.digest <> s.digest OR p.gone_at IS NOT NULL",
    "INSERT INTO s_touched SELECT DISTINCT s.practitioner_id, 'changed' FROM s_role s"
    f" WHERE NOT EXISTS (SELECT 1 FROM register_role r WHERE {_SAME_ROLE})"
    f" AND {_UNTOUCHED.format(id='s.practitioner_id')}",
    "INSERT INTO s_touched SELECT DISTINCT r.practitioner_id, 'changed' FROM register_role r"
    f" WHERE NOT EXISTS (SELECT 1 FROM s_role s WHERE {_SAME_ROLE})"
    " AND EXISTS (SELECT 1 FROM s_person p WHERE p.id = r.practitioner_id)"
    f" AND {_UNTOUCHED.format(id='r.practitioner_id')}",
    "INSERT INTO s_touched SELECT p.id, 'gone' FROM register_practitioner p WHERE p.gone_at IS NULL"
    " AND NOT EXISTS (SELECT 1 FROM s_person s WHERE s.id = p.id)",
    # Gone before, and since then an account refers to them, or no longer does.
    "INSERT INTO s_touched SELECT p.id, 'relisted' FROM register_practitioner p WHERE p.gone_at IS NOT NULL"
    " AND p.is_listed <> EXISTS (SELECT 1 FROM s_kept k WHERE k.id = p.id)"
    " AND NOT EXISTS (SELECT 1 FROM s_person s WHERE s.id = p.id)",
)

_WORDS = {
    True: "json_each('[\"' || replace({words}, ' ', '\",\"') || '\"]') w",
    False: "string_to_table({words}, ' ') WITH ORDINALITY w (value, key)",
}
"""The words of a name, one row each; on SQLite they are counted from 0, on PostgreSQL from 1."""
_PERSON_COLUMNS = ", ".join(_PEOPLE)
_ROLE_COLUMNS = ", ".join(_ROLES)
_WRITTEN = "{id} IN (SELECT id FROM s_touched WHERE fate IN ('new', 'changed'))"
_TOUCHED = "p.id IN (SELECT id FROM s_touched)"
_EVERYBODY = "true"
_FILLED = tuple(f"register_{name}" for name in ("practitioner", "role", "site", "term", "word", "typo"))
_ONE_OF_EACH = {True: "", False: f"DISTINCT ON ({', '.join(_ROLE_KEY)})"}
"""SQLite's staging table took one only; the lines of a person that stand apart may repeat an activity."""


async def write_register(bulk: Bulk, now: datetime) -> None:
    """Write what `compare_register` found."""
    if await _is_first(bulk):
        await _write_everything(bulk)
    else:
        await _write_changes(bulk, now)


async def _write_everything(bulk: Bulk) -> None:
    """Into tables that have nothing: no row meets another, and the indexes come last."""
    indexes = indexes_of((REGISTER_METADATA.tables[name] for name in _FILLED), is_sqlite=bulk.is_sqlite)
    for index in indexes:
        await bulk.run(index.drop)
    await bulk.run(
        f"INSERT INTO register_practitioner ({_PERSON_COLUMNS}, is_listed)"
        f" SELECT {_PERSON_COLUMNS}, true FROM s_person ORDER BY id"
    )
    await bulk.run(
        f"INSERT INTO register_role ({_ROLE_COLUMNS}) SELECT {_ONE_OF_EACH[bulk.is_sqlite]} {_ROLE_COLUMNS} FROM s_role"
        " ORDER BY practitioner_id, activity, specialty_code"
    )
    await bulk.run("INSERT INTO register_site SELECT * FROM s_site ORDER BY id")
    await _write_terms(bulk, _EVERYBODY)
    await bulk.run("INSERT INTO register_word SELECT DISTINCT word FROM s_word ORDER BY word")
    await bulk.run("INSERT INTO register_typo SELECT DISTINCT key, word FROM s_typo ORDER BY key, word")
    for index in indexes:
        await bulk.run(index.create)


async def _write_changes(bulk: Bulk, now: datetime) -> None:
    await _take_away(bulk, now)
    await bulk.run(
        f"INSERT INTO register_practitioner ({_PERSON_COLUMNS}, is_listed)"
        f" SELECT {_PERSON_COLUMNS}, true FROM s_person WHERE {_WRITTEN.format(id='id')} ORDER BY id"
        " ON CONFLICT (id) DO UPDATE SET digest = excluded.digest, family = excluded.family, given = excluded.given,"
        " civility = excluded.civility, profession_code = excluded.profession_code,"
        " family_words = excluded.family_words, given_words = excluded.given_words, gone_at = NULL, is_listed = true"
    )
    await bulk.run(
        f"INSERT INTO register_role ({_ROLE_COLUMNS}) SELECT {_ROLE_COLUMNS} FROM s_role"
        f" WHERE {_WRITTEN.format(id='practitioner_id')}"
        " ORDER BY practitioner_id, activity, specialty_code ON CONFLICT DO NOTHING"
    )
    await bulk.run(
        "INSERT INTO register_site SELECT * FROM s_site s"
        " WHERE NOT EXISTS (SELECT 1 FROM register_site r WHERE r.id = s.id) ORDER BY id"
    )
    await _write_terms(bulk, _TOUCHED)
    await bulk.run(
        "DELETE FROM register_site WHERE id IN (SELECT id FROM register_site EXCEPT SELECT site FROM register_role)"
    )
    await bulk.run(
        "INSERT INTO register_word SELECT DISTINCT word FROM s_word WHERE true ORDER BY 1 ON CONFLICT DO NOTHING"
    )
    await bulk.run(
        "INSERT INTO register_typo SELECT key, word FROM s_typo WHERE true ORDER BY key, word ON CONFLICT DO NOTHING"
    )


async def _is_first(bulk: Bulk) -> bool:
    return not await bulk.fetch("SELECT 1 FROM register_practitioner LIMIT 1")


async def _take_away(bulk: Bulk, now: datetime) -> None:
    """What those who changed or went had before."""
    stamp: Any = now.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f") if bulk.is_sqlite else now
    await bulk.run(
        "DELETE FROM register_role WHERE practitioner_id IN (SELECT id FROM s_touched WHERE fate = 'changed')"
    )
    await bulk.run("DELETE FROM register_term WHERE practitioner_id IN (SELECT id FROM s_touched WHERE fate <> 'new')")
    await bulk.run(
        "UPDATE register_practitioner SET gone_at = :now WHERE id IN (SELECT id FROM s_touched WHERE fate = 'gone')",
        now=stamp,
    )
    await bulk.run(
        "UPDATE register_practitioner SET is_listed ="
        " EXISTS (SELECT 1 FROM s_kept k WHERE k.id = register_practitioner.id)"
        " WHERE id IN (SELECT id FROM s_touched WHERE fate IN ('gone', 'relisted'))"
    )


async def _write_terms(bulk: Bulk, who: str) -> None:
    """The further words by which those of `who` that are listed are found."""
    first = 0 if bulk.is_sqlite else 1
    parts = [
        "SELECT w.value AS word, p.family_words || ' ' || p.given_words AS name_key, p.id AS practitioner_id"
        f" FROM register_practitioner p, {_WORDS[bulk.is_sqlite].format(words=words)}"
        f" WHERE {who} AND p.is_listed AND {words} LIKE '% %' AND w.key > {first}"
        for words in ("p.family_words", "p.given_words")
    ]
    await bulk.run(
        f"INSERT INTO register_term (word, name_key, practitioner_id) {' UNION '.join(parts)} ORDER BY 1, 2, 3"
    )


async def write_nomenclature(bulk: Bulk, nomenclature: Nomenclature, towns: Towns, known: set[str]) -> None:
    """Labels, where the communes lie, and the words of both that are not `known`."""
    codings = (("profession", nomenclature.professions), ("specialty", nomenclature.specialties))
    for kind, labels in codings:
        for code, label in labels.items():
            await bulk.run(
                "INSERT INTO register_coding (kind, code, label, words) VALUES (:kind, :code, :label, :words)"
                " ON CONFLICT (kind, code) DO UPDATE SET label = excluded.label, words = excluded.words",
                kind=kind,
                code=code,
                label=label,
                words=f" {fold(label)}",
            )
    await bulk.stage(
        "s_commune",
        {"code": "text", "name": "text", "words": "text", "latitude": "float", "longitude": "float"},
        ("code",),
    )
    rows = []
    for code, name in nomenclature.communes.items():
        position = towns.find(name, code)
        rows.append((code, name, f" {fold(name)}", *(position or (None, None))))
    await bulk.fill("s_commune", rows)
    told = {
        word
        for labels in (nomenclature.communes, nomenclature.specialties, nomenclature.professions)
        for label in labels.values()
        for word in fold(label).split()
    } - known
    await bulk.fill("s_word", [(word,) for word in told])
    await bulk.fill("s_typo", [(key, word) for word in told for key in keys(word)])
    await bulk.run(
        "INSERT INTO register_commune (code, name, words, latitude, longitude) SELECT * FROM s_commune WHERE true"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name, words = excluded.words,"
        " latitude = excluded.latitude, longitude = excluded.longitude"
    )


async def keep(bulk: Bulk, ids: Collection[str]) -> None:
    """Those who stay findable even when they are gone."""
    await bulk.fill("s_kept", [(practitioner_id,) for practitioner_id in ids])


def next_rows(lines: Iterator[Row]) -> list[Row]:
    """Some tens of thousands of lines; none at the end."""
    return list(islice(lines, BATCH_ROWS))


def require_steady(present: int, incoming: int, *, accept_shrink: bool) -> None:
    """Raises RegisterShrinks if too few entries are left, unless that was accepted."""
    if incoming < SHRINK_LIMIT * present and not accept_shrink:
        raise RegisterShrinks(present=present, incoming=incoming)
