"""The search's queries.  Each walks an index in the order of the answers and stops when there are enough.

A word of the question drives: the one with the fewest rows behind it, as bounded counts say.  It is looked up as a
name (first words through the person's own row, further ones through `register_term`), then as a specialty, a
profession, a town; the other words and filters are checked on each row met.  A word that is found nowhere is replaced
by those it may be a misspelling of.  Everything is ordinary B-trees: no extension is asked of either database.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, or_, select
from sqlmodel import col

from miss.directory.register.tables import CodingRow, CommuneRow, PractitionerRow, RoleRow, TermRow
from miss.directory.search.model import Hit, Match, SearchQuery
from miss.directory.search.question.store import (
    COUNTED,
    HAS_SPECIALTY,
    LAST,
    MAX_TOWNS,
    Word,
    between,
    correct,
    fetch_rows,
    find_communes,
    understand,
)
from miss.directory.search.towns import Position, distance_km
from miss.directory.search.words import fold
from miss.storage import Transaction

FEW = 3
"""With so many answers to one word, or any to several, nobody is guessed at."""
RINGS = (1, 4, 15, 60, 240, 2_000)
"""Communes looked at together, nearest first: most questions are answered by the first few."""
KM_PER_DEGREE = 111.2

_FIRST = "\x21"
"""Sorts after a space and before every letter: `martin` … `martin dupont` < `martin!` < `martina`."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a role must be: a department, some communes, or a circle around one."""

    prefix: str = ""
    communes: tuple[str, ...] | None = None
    centre: Position | None = None
    radius_km: float = 0.0


async def search(tx: Transaction, query: SearchQuery) -> list[Hit]:
    """The first `query.depth` answers, best first; each person once."""
    place = await _find_place(tx, query)
    if place is None or query.is_empty:
        return []
    finder = _Finder(tx, query, place)
    if not query.words:
        return await finder.by_role(query.depth)
    words = [await understand(tx, word) for word in query.words]
    words = [word if word.rows else await correct(tx, word) for word in words]
    if not all(word.alternatives for word in words):
        return []
    found = await finder.by_words(words)
    is_doubtful = len(found) < (FEW if len(words) == 1 else 1)
    if is_doubtful and len(found) < query.depth and not any(word.is_typo for word in words):
        rarest = min(words, key=lambda word: word.rows)
        corrected = await correct(tx, rarest)
        if corrected.alternatives:
            guessed = await finder.by_words([corrected if word is rarest else word for word in words])
            found |= {one: hit for one, hit in guessed.items() if one not in found}
    if place.centre is not None:
        found = await finder.measured(found)
    return list(found.values())[: query.depth]


async def _find_place(tx: Transaction, query: SearchQuery) -> Place | None:
    """None: there is no such place."""
    if not query.town:
        return Place(prefix=query.department)
    communes = [
        commune
        for commune in await find_communes(tx, query.town, MAX_TOWNS)
        if commune.code.startswith(query.department)
    ]
    named = [commune for commune in communes if fold(commune.name) == fold(query.town)] or communes
    if not named:
        return None
    if not query.radius_km:
        return Place(communes=tuple(commune.code for commune in named))
    centre = next((commune.position for commune in named if commune.position), None)
    return Place(centre=centre, radius_km=query.radius_km) if centre else None


class _Finder:
    """Walks indexes for one question."""

    def __init__(self, tx: Transaction, query: SearchQuery, place: Place) -> None:
        self._tx, self._query, self._place = tx, query, place

    async def by_words(self, words: Sequence[Word]) -> dict[str, Hit]:
        """By the rarest word, in every sense it may have."""
        found: dict[str, Hit] = {}
        driver = min(words, key=lambda word: word.rows)
        if len(words) > 1:
            await self._by_full_name(words, found)
            if driver.rows >= COUNTED:
                # Few rows behind a word are walked whole: whoever has that name in that town is among them.
                await self._by_name_in_town(words, found)
        if found and driver.rows >= COUNTED:
            # Every word is frequent, and whom one means by such a question has been found.
            return dict(sorted(found.items(), key=lambda item: item[1].match))
        await self.by_names(driver, words, found)
        roles = (
            *(self._roles([col(RoleRow.specialty_code) == code, HAS_SPECIALTY]) for code in driver.specialties),
            *(self._roles([col(RoleRow.place) == code], _BY_PROFESSION) for code in driver.towns),
            *(self._roles([col(RoleRow.profession_code) == code], _BY_PROFESSION) for code in driver.professions),
        )
        conditions = _words_of_role(words, driver)
        misspelt = any(word.is_typo for word in words)
        for statement in roles:
            need = self._query.depth - len(found)
            if need <= 0:
                break
            rows = await fetch_rows(self._tx, statement.where(*conditions).limit(need + len(found)))
            for practitioner_id, _, names in rows:
                match = Match.TYPO if misspelt else _match(names, words)
                found.setdefault(practitioner_id, Hit(practitioner_id, match))
        return dict(sorted(found.items(), key=lambda item: item[1].match))

    async def _by_full_name(self, words: Sequence[Word], found: dict[str, Hit]) -> None:
        """Add those whose family name is some of the words, and whose given names begin with the others; then those
        who have one of them further on in their name (`martin paul`, said of Jean-Paul MARTIN)."""
        texts = [word.alternatives[0] for word in words]
        match = Match.TYPO if any(word.is_typo for word in words) else Match.EXACT
        family, given, key = col(PractitionerRow.family_words), col(PractitionerRow.given_words), col(TermRow.name_key)
        people = select(col(PractitionerRow.id)).where(col(PractitionerRow.is_listed), *self._role_conditions())
        statements = []
        for cut in range(1, len(texts)):
            parts = " ".join(texts[:cut]), " ".join(texts[cut:])
            for one, other in (parts, parts[::-1]):
                named = people.where(family == one, between(given, other, other + LAST))
                statements.append(named.order_by(given, col(PractitionerRow.id)))
        for place, word in enumerate(texts):
            rest = " ".join(texts[:place] + texts[place + 1 :])
            further = people.join(TermRow, col(TermRow.practitioner_id) == col(PractitionerRow.id)).where(
                col(TermRow.word) == word, between(key, f"{rest} ", f"{rest} {LAST}")
            )
            statements.append(further.order_by(key))
        for statement in statements:
            for (practitioner_id,) in await fetch_rows(self._tx, statement.limit(self._query.depth)):
                found.setdefault(practitioner_id, Hit(practitioner_id, match))

    async def _by_name_in_town(self, words: Sequence[Word], found: dict[str, Hit]) -> None:
        """Add those whose family name begins with one word, in a town that another one names."""
        professions = [code for (code,) in await fetch_rows(self._tx, _PROFESSIONS)]
        misspelt = any(word.is_typo for word in words)
        for town in words:
            for name in words if town.towns else ():
                if name is town:
                    continue
                start = name.alternatives[0]
                # All professions are named so that names are reached through the index of places.
                sense = [
                    col(RoleRow.place).in_(town.towns),
                    col(RoleRow.profession_code).in_(professions),
                    between(col(RoleRow.name_key), start, start + LAST),
                ]
                others = _words_of_role([word for word in words if word is not town], name)
                statement = self._roles([*sense, *others], _BY_PROFESSION).limit(self._query.depth)
                for practitioner_id, _, names in await fetch_rows(self._tx, statement):
                    match = Match.TYPO if misspelt else _match(names, words)
                    found.setdefault(practitioner_id, Hit(practitioner_id, match))

    async def by_names(self, driver: Word, words: Sequence[Word], found: dict[str, Hit]) -> None:
        """Add those who have the driving word in their name: exact ones first, then its prefixes."""
        conditions = [*_words_of_person(words, driver), *self._role_conditions()]
        misspelt = any(word.is_typo for word in words)
        for match, text in self._spellings(driver):
            start, end = (text, text + _FIRST) if match is Match.EXACT else (text + _FIRST, text + LAST)
            for statement in _names(start, end):
                need = self._query.depth - len(found)
                if need <= 0:
                    return
                rows = await fetch_rows(self._tx, statement.where(*conditions).limit(need + len(found)))
                for (practitioner_id,) in rows:
                    found.setdefault(practitioner_id, Hit(practitioner_id, Match.TYPO if misspelt else match))

    @staticmethod
    def _spellings(driver: Word) -> Iterator[tuple[Match, str]]:
        for text in driver.alternatives:
            yield Match.EXACT, text
        if not driver.is_typo:
            yield Match.PREFIX, driver.text

    async def by_role(self, need: int) -> list[Hit]:
        """By filters alone: in the order of communes, or of distance."""
        if self._place.centre is not None:
            return await self._by_distance(need)
        order = () if self._query.specialty else _BY_PROFESSION
        # Somebody may practise twice at the place.
        rows = await fetch_rows(self._tx, self._roles([], order).limit(2 * need))
        hits = {practitioner_id: Hit(practitioner_id, Match.OTHER) for practitioner_id, *_ in rows}
        return list(hits.values())[:need]

    async def _by_distance(self, need: int) -> list[Hit]:
        communes = await self._communes_around()
        found: dict[str, Hit] = {}
        start = 0
        for size in RINGS:
            ring = dict(communes[start : start + size])
            start += size
            if not ring or len(found) >= need:
                break
            rank = func.row_number().over(partition_by=RoleRow.place, order_by=RoleRow.name_key)
            inner = (
                select(col(RoleRow.practitioner_id), col(RoleRow.place), rank.label("rank"))
                .join(PractitionerRow, col(PractitionerRow.id) == col(RoleRow.practitioner_id))
                .where(*self._filters(), col(RoleRow.place).in_(ring), col(PractitionerRow.is_listed))
                .subquery()
            )
            rows = await fetch_rows(self._tx, select(inner.c[0], inner.c[1]).where(inner.c.rank <= need))
            for distance, practitioner_id in sorted((ring[place], person) for person, place in rows):
                found.setdefault(practitioner_id, Hit(practitioner_id, Match.OTHER, round(distance, 1)))
        return list(found.values())[:need]

    async def measured(self, found: dict[str, Hit]) -> dict[str, Hit]:
        """Of those found by a word, who practises within the circle, and how far away."""
        around = dict(await self._communes_around())
        rows = await fetch_rows(
            self._tx,
            select(col(RoleRow.practitioner_id), col(RoleRow.place)).where(
                col(RoleRow.practitioner_id).in_(found), col(RoleRow.place).in_(around)
            ),
        )
        away: dict[str, float] = {}
        for practitioner_id, place in rows:
            away[practitioner_id] = min(around[place], away.get(practitioner_id, around[place]))
        return {
            practitioner_id: replace(hit, distance_km=round(away[practitioner_id], 1))
            for practitioner_id, hit in found.items()
            if practitioner_id in away
        }

    async def _communes_around(self) -> list[tuple[str, float]]:
        """Communes of the circle and how far they are, nearest first."""
        centre, radius_km = self._place.centre, self._place.radius_km
        if centre is None:
            return []
        rows = await fetch_rows(
            self._tx,
            select(col(CommuneRow.code), col(CommuneRow.latitude), col(CommuneRow.longitude)).where(*self._square()),
        )
        away = [(code, distance_km(centre, (latitude, longitude))) for code, latitude, longitude in rows]
        return sorted((one for one in away if one[1] <= radius_km), key=lambda one: (one[1], one[0]))

    def _square(self) -> list[ColumnElement[bool]]:
        """The square around the circle: its corners are cut off where distances are known."""
        latitude, longitude = self._place.centre or (0.0, 0.0)
        north = self._place.radius_km / KM_PER_DEGREE
        # One degree of longitude is at least half a degree of latitude below the 60th parallel.
        east = 2 * north if abs(latitude) < 60 else 180.0
        return [
            col(CommuneRow.latitude).between(latitude - north, latitude + north),
            col(CommuneRow.longitude).between(longitude - east, longitude + east),
        ]

    def _roles(self, sense: Sequence[ColumnElement[bool]], order: Sequence[Any] = ()) -> Select[Any]:
        """Roles in one sense of a word; `order`: what the index has between places and names."""
        columns: list[Any] = [col(RoleRow.practitioner_id), col(RoleRow.place), _NAMES]
        return (
            select(*columns)
            .join(PractitionerRow, col(PractitionerRow.id) == col(RoleRow.practitioner_id))
            .where(*self._filters(), *sense, col(PractitionerRow.is_listed))
            .order_by(col(RoleRow.place), *order, col(RoleRow.name_key))
        )

    def _filters(self) -> list[ColumnElement[bool]]:
        """The question's filters, on one role."""
        query, place, conditions = self._query, self._place, []
        if query.specialty:
            conditions += [col(RoleRow.specialty_code) == query.specialty, HAS_SPECIALTY]
        if query.profession:
            conditions.append(col(RoleRow.profession_code) == query.profession)
        if place.prefix:
            conditions.append(between(col(RoleRow.place), place.prefix, place.prefix + LAST))
        if place.communes is not None:
            conditions.append(col(RoleRow.place).in_(place.communes))
        if place.centre is not None:
            conditions.append(col(RoleRow.place).in_(select(col(CommuneRow.code)).where(*self._square())))
        return conditions

    def _role_conditions(self) -> list[ColumnElement[bool]]:
        """The filters as a condition on a person."""
        filters = self._filters()
        return [exists().where(col(RoleRow.practitioner_id) == col(PractitionerRow.id), *filters)] if filters else []


_BY_PROFESSION = (col(RoleRow.profession_code),)
_PROFESSIONS = select(col(CodingRow.code)).where(col(CodingRow.kind) == "profession")
_NAMES = literal(" ") + col(PractitionerRow.family_words) + " " + col(PractitionerRow.given_words)


def _match(names: str, words: Sequence[Word]) -> Match:
    """How well the best word of a question matches a name that another of its words led to."""
    own = names.split()
    if any(word.text in own for word in words):
        return Match.EXACT
    return Match.PREFIX if any(name.startswith(word.text) for word in words for name in own) else Match.OTHER


def _words_of_role(words: Sequence[Word], driver: Word) -> list[ColumnElement[bool]]:
    """Every word but the driving one, as conditions on a role and the person who has it."""
    return [
        or_(*(column.like(f"% {text}%") for text in word.alternatives for column in (_NAMES, col(RoleRow.words))))
        for word in words
        if word is not driver
    ]


def _words_of_person(words: Sequence[Word], driver: Word) -> list[ColumnElement[bool]]:
    """Every word but the driving one, as conditions on a person and any of their roles."""
    conditions: list[ColumnElement[bool]] = []
    for word in words:
        if word is not driver:
            patterns = [f"% {text}%" for text in word.alternatives]
            elsewhere = exists().where(
                col(RoleRow.practitioner_id) == col(PractitionerRow.id),
                or_(*(col(RoleRow.words).like(pattern) for pattern in patterns)),
            )
            conditions.append(or_(*(_NAMES.like(pattern) for pattern in patterns), elsewhere))
    return conditions


def _names(start: str, end: str) -> Iterator[Select[Any]]:
    """People with a word of their name from `start` to before `end`: family names, further words, given names."""
    people = select(col(PractitionerRow.id)).where(col(PractitionerRow.is_listed))
    family, given = col(PractitionerRow.family_words), col(PractitionerRow.given_words)
    yield people.where(between(family, start, end)).order_by(family, given)
    yield (
        people.join(TermRow, col(TermRow.practitioner_id) == col(PractitionerRow.id))
        .where(between(col(TermRow.word), start, end))
        .order_by(col(TermRow.word), col(TermRow.name_key))
    )
    yield people.where(between(given, start, end)).order_by(given, family)
