"""What the words of a question may mean: names, specialties, professions, towns, or misspellings of these."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, func, literal, literal_column, or_, select
from sqlmodel import col

from miss.directory.register.tables import CodingRow, CommuneRow, PractitionerRow, RoleRow, TermRow, TypoRow
from miss.directory.search.model import Commune
from miss.directory.search.typos import keys, nearest
from miss.directory.search.words import fold
from miss.storage import Transaction

COUNTED = 2_000
"""Beyond this many rows a word is frequent, and how frequent does not matter."""
MAX_CORRECTIONS = 3
MAX_TOWNS = 20
"""Communes one word may drive a search by; Paris has twenty."""
HAS_SPECIALTY: ColumnElement[bool] = col(RoleRow.specialty_code) != literal_column("''")
"""Said in so many words, it lets the index of roles with a specialty serve."""
LAST = "\U0010ffff"
"""Sorts after every letter: a prefix ends there."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a word of the question may mean."""

    text: str
    alternatives: tuple[str, ...]
    """The word itself; or those it may stand for, if it is found nowhere."""
    professions: tuple[str, ...]
    specialties: tuple[str, ...]
    towns: tuple[str, ...]
    rows: int
    """How many are found by it, counted up to `COUNTED` a way."""

    @property
    def is_typo(self) -> bool:
        return self.alternatives != (self.text,)


async def find_communes(tx: Transaction, asked: str, limit: int = 10) -> list[Commune]:
    """Communes whose name has words beginning with those of `asked`, the shortest names first; or by INSEE code."""
    words = fold(asked).split()
    if not words:
        return []
    by_name = and_(*(col(CommuneRow.words).like(f"% {word}%") for word in words))
    rows = await fetch_rows(
        tx,
        select(col(CommuneRow.code), col(CommuneRow.name), col(CommuneRow.latitude), col(CommuneRow.longitude))
        .where(or_(by_name, col(CommuneRow.code) == asked.strip().upper()))
        .order_by(func.length(CommuneRow.words), col(CommuneRow.code))
        .limit(limit),
    )
    return [
        Commune(code, name, None if latitude is None else (latitude, longitude))
        for code, name, latitude, longitude in rows
    ]


async def fetch_rows(tx: Transaction, statement: Executable) -> Sequence[Any]:
    """Core, not the ORM: a question takes a dozen small statements."""
    return (await (await tx.connection()).execute(statement)).all()


def between(column: Any, start: str, end: str) -> ColumnElement[bool]:
    return and_(column >= start, column < end)


async def understand(tx: Transaction, asked: str) -> Word:
    """What one word of a question can stand for: professions, specialties and towns beside a name."""
    labels = await fetch_rows(
        tx, select(col(CodingRow.kind), col(CodingRow.code)).where(col(CodingRow.words).like(f"% {asked}%"))
    )
    codes: dict[str, list[str]] = {"profession": [], "specialty": []}
    for kind, code in labels:
        codes[kind].append(code)
    towns = [commune.code for commune in await find_communes(tx, asked, MAX_TOWNS)]
    rows = await _count(tx, asked, codes["specialty"], codes["profession"], towns)
    return Word(asked, (asked,), tuple(codes["profession"]), tuple(codes["specialty"]), tuple(towns), rows)


async def _count(
    tx: Transaction, asked: str, specialties: Sequence[str], professions: Sequence[str], towns: Sequence[str]
) -> int:
    """Rows behind a word in each of its senses, each counted up to a bound."""
    senses: list[ColumnElement[bool]] = [
        between(column, asked, asked + LAST)
        for column in (col(PractitionerRow.family_words), col(PractitionerRow.given_words), col(TermRow.word))
    ]
    if specialties:
        senses.append(and_(col(RoleRow.specialty_code).in_(specialties), HAS_SPECIALTY))
    if towns:
        senses.append(col(RoleRow.place).in_(towns))
    counts = [
        select(func.count()).select_from(select(literal(1)).where(sense).limit(COUNTED).subquery()).scalar_subquery()
        for sense in senses
    ]
    (row,) = await fetch_rows(tx, select(*counts))
    # One commune in ten begins with `Saint`: a word that names more than we look at is no good guide.
    return int(sum(row)) + COUNTED * (3 * bool(professions) + (len(towns) == MAX_TOWNS))


async def correct(tx: Transaction, word: Word) -> Word:
    """The same word, standing for its likeliest corrections; for nothing if there are none."""
    wanted = keys(word.text)
    near: list[str] = []
    if wanted:
        sharing = select(col(TypoRow.word)).distinct().where(col(TypoRow.key).in_(wanted)).limit(COUNTED)
        near = nearest(word.text, (found for (found,) in await fetch_rows(tx, sharing)), MAX_CORRECTIONS)
    understood = [await understand(tx, alternative) for alternative in near]
    understood = [one for one in understood if one.rows]
    return Word(
        word.text,
        tuple(one.text for one in understood),
        tuple(code for one in understood for code in one.professions),
        tuple(code for one in understood for code in one.specialties),
        tuple(code for one in understood for code in one.towns),
        sum(one.rows for one in understood),
    )
