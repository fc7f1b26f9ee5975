"""Finds diagnoses: those of the short list first, then the official table if the operator loaded one (ADR 39)."""

from dataclasses import replace
from functools import cache
from importlib.resources import files

import structlog

from miss.base.clock import Clock
from miss.storage import Database
from teleexpertise.diagnoses import store
from teleexpertise.diagnoses.model import (
    CODE_ITEM,
    MIN_CHARS,
    MOST_FOUND,
    TEXT_ITEM,
    Diagnosis,
    code_in,
    code_prefix,
    find,
    in_order,
    words_of,
)
from teleexpertise.diagnoses.official import Table
from teleexpertise.diagnoses.sources import Edition
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse

log = structlog.get_logger("teleexpertise.diagnoses")

SOUGHT = 60
"""Rows of the table that are ranked: the words' own order is better than the database's."""


class Diagnoses:
    """The codes there are."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db, self._clock = db, clock

    async def search(self, query: str, *, limit: int = MOST_FOUND) -> list[Diagnosis]:
        """What `query` may mean, the best first: a code or its beginning, or words of a label, accents or not."""
        words = words_of(query[:80])
        if sum(map(len, words)) < MIN_CHARS:
            return []
        known = find(query[:80], short_list())
        if len(known) < limit:
            async with self._db.snapshot() as tx:
                loaded = await store.search(tx, code_prefix(query[:80]), words, limit=SOUGHT)
            codes = {one.code for one in known}
            known += [one for one in in_order(query, loaded) if one.code not in codes]
        return known[:limit]

    async def coding_in(self, text: str) -> Coding | None:
        """The code that ends a diagnosis, if it is one that we know: what we cannot name is left to the text."""
        code = code_in(text)
        if not code:
            return None
        async with self._db.snapshot() as tx:
            official = await store.find_by_codes(tx, [code])
        found = official.get(code) or next((one for one in short_list() if one.code == code), None)
        return found.coding if found else None

    async def coded(self, response: QuestionnaireResponse) -> QuestionnaireResponse:
        """An answer as other systems read it: the code of its diagnosis beside the text.

        The form asks for one line; the code is read out of it, so that nothing says one thing twice.
        """
        text = response.first(TEXT_ITEM)
        coding = await self.coding_in(text) if isinstance(text, str) else None
        return replace(response, answers={**response.answers, CODE_ITEM: (coding,)}) if coding else response

    async def get_words(self, code: str) -> str:
        """How a code that was picked is written; empty for one that we do not know."""
        coding = await self.coding_in(f"({code})")
        return Diagnosis(coding.code, coding.display).words if coding else ""

    async def find_edition(self) -> Edition | None:
        """The official table that was loaded; None: the codes that come with MiSS alone (`sources`)."""
        async with self._db.snapshot() as tx:
            return await store.find_edition(tx)

    async def load(self, table: Table, edition: str) -> tuple[int, int]:
        """Replace the table; loading the same twice changes nothing but the date.  How many there were, and are."""
        async with self._db.transaction() as tx:
            before = await store.count(tx)
            await store.replace_all(tx, table.diagnoses, Edition(edition, len(table.diagnoses), self._clock.now()))
        log.info("diagnoses.loaded", before=before, after=len(table.diagnoses), skipped=table.skipped)
        return before, len(table.diagnoses)


@cache
def short_list() -> tuple[Diagnosis, ...]:
    """The codes that come with MiSS: those that the five specialties need most."""
    text = (files("teleexpertise.diagnoses") / "short_list.tsv").read_text("utf-8")
    return tuple(Diagnosis(*line.split("\t")) for line in text.splitlines())
