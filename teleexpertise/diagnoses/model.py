"""One code of the CIM-10, how it is written in a diagnosis, and which of many comes first.  Pure.

A diagnosis is a line of text; the code stands at its end between parentheses, as the picker writes it and as anybody
may: « Dermite atopique, sans précision (L20.9) ».  Source: CIM-10 FR; FHIR R4, http://hl7.org/fhir/sid/icd-10.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from teleexpertise.questionnaire.fold import fold
from teleexpertise.questionnaire.model import Coding

SYSTEM = "http://hl7.org/fhir/sid/icd-10"
TEXT_ITEM, CODE_ITEM = "r.diagnostic", "r.diagnostic.cim10"
"""Where the diagnosis is written, and where its code stands in what other systems read."""
MOST_FOUND = 12
"""As many as a list shows without scrolling."""
MIN_CHARS = 2

_CODE = re.compile(r"([A-Z]\d\d)(?:\.?(\d{1,3}(?:\+\d{1,3})?|\+\d{1,3}))?", re.ASCII)
_AT_END = re.compile(r"\(\s*([A-Za-z]\d\d[.\d+]{0,8})\s*\)\s*[.;]?\s*$", re.ASCII)


@dataclass(frozen=True)
class Diagnosis:
    """A code, `L20.9`, and the French label under which it is offered."""

    code: str
    label: str
    official: str = ""
    """The label of the CIM-10 FR, where ours says it otherwise; empty: `label` is it."""

    @property
    def words(self) -> str:
        """As it is written in a diagnosis."""
        return f"{self.label} ({self.code})"

    @property
    def coding(self) -> Coding:
        """As it travels: under its official label."""
        return Coding(self.code, self.official or self.label, SYSTEM)

    @cached_property
    def folded(self) -> str:
        """What searches compare: no case, accents or spaces."""
        return "|".join(fold(one) for one in (self.label, self.official) if one)


def normalise_code(words: str) -> str:
    """`l20 9`, `L209` → `L20.9`; empty if that is no code."""
    found = _CODE.fullmatch(words.replace(" ", "").upper())
    if found is None:
        return ""
    tail = found[2] or ""
    return f"{found[1]}{'' if not tail or tail.startswith('+') else '.'}{tail}"


def code_in(text: str) -> str:
    """The code that ends a diagnosis; empty: there is none."""
    found = _AT_END.search(text)
    return normalise_code(found[1]) if found else ""


def code_prefix(query: str) -> str:
    """The beginning of a code, if that is what was typed: `l20` → `L20`, `L20.` → `L20.`; else empty."""
    typed = query.replace(" ", "").upper()
    if not re.fullmatch(r"[A-Z]\d{1,2}|[A-Z]\d\d\.?\d{0,3}", typed, re.ASCII):
        return ""
    return typed if len(typed) < 4 or "." in typed else f"{typed[:3]}.{typed[3:]}"


def words_of(query: str) -> tuple[str, ...]:
    """What every label found has to hold."""
    return tuple(word for part in query.split() if (word := fold(part)))


def find(query: str, among: Iterable[Diagnosis]) -> list[Diagnosis]:
    """Those whose code begins as `query`, or whose label holds its words; the best first."""
    prefix, words = code_prefix(query), words_of(query)
    if sum(map(len, words)) < MIN_CHARS:
        return []
    found = [
        one for one in among if (prefix and one.code.startswith(prefix)) or all(word in one.folded for word in words)
    ]
    return in_order(query, found)


def in_order(query: str, found: Sequence[Diagnosis]) -> list[Diagnosis]:
    """Codes that begin as `query`; labels that begin with its first word; shorter labels before longer ones."""
    prefix, words = code_prefix(query), words_of(query)

    def rank(one: Diagnosis) -> tuple[bool, bool, int, str]:
        starts = bool(words) and one.folded.startswith(words[0])
        return not (prefix and one.code.startswith(prefix)), not starts, len(one.label), one.code

    return sorted(found, key=rank)
