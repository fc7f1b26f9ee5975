"""The laboratory block of an HPRIM record (`RES|…|` and `TEX|…` lines) as results with units and bounds.

Read as laboratories write it: fields left out at the end, decimal commas, bounds that are no number.  Each departure is
reported, and a value is never changed: what was written stands beside the number that was understood.  It does not
translate codes: laboratories have their own, and LOINC is a table that its users bring.

Source: HPRIM Médecin 2, block `****LAB****`, as its readers comment it (RES-01 to RES-14); docs/documents.md.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from miss.documents.hprim.model import (
    Flag,
    Guess,
    GuessKind,
    LabEntry,
    LabResult,
    LabText,
    Measure,
    ResultStatus,
    ValueKind,
    restore,
)

RESULT, COMMENT = "RES", "TEX"
_FIELDS = 14
"""Of a result: its mark, five that name and give the value, two bounds, two flags, and the value in another unit."""
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?", re.ASCII)
MAX_NUMBER_CHARS = 40
"""Of what is read as a number; longer digits are kept as text."""
Word = TypeVar("Word", bound=StrEnum)


def parse_laboratory(lines: Iterable[str]) -> tuple[tuple[LabEntry, ...], tuple[Guess, ...]]:
    """The entries in their order, and each kind of assumption once.  Blank lines are left out; never raises."""
    guesses: dict[Guess, None] = {}
    entries = [_read_line(line, guesses) for line in map(str.strip, map(restore, lines)) if line]
    return tuple(entries), tuple(guesses)


def _read_line(line: str, guesses: dict[Guess, None]) -> LabEntry:
    mark, _, rest = line.partition("|")
    if mark.strip() == COMMENT:
        return LabText(rest.strip().removesuffix("|").rstrip())
    fields = [field.strip() for field in line.split("|")]
    if mark.strip() != RESULT or len(fields) < 5 or not (fields[1] or fields[2]):
        guesses[Guess(GuessKind.LABORATORY, "text")] = None
        return LabText(line)
    if len(fields) != _FIELDS + 1 or fields[-1]:
        guesses[Guess(GuessKind.LABORATORY, "fields")] = None
        fields = (fields + [""] * _FIELDS)[:_FIELDS]
    other = _measure(fields[10:14], guesses)
    return LabResult(
        label=fields[1],
        code=fields[2],
        kind=_one_of(ValueKind, fields[3], "kind", guesses),
        measure=_measure(fields[4:8], guesses),
        flag=_one_of(Flag, fields[8], "flag", guesses),
        status=_one_of(ResultStatus, fields[9], "status", guesses),
        other=other if other.value else None,
    )


def _measure(fields: list[str], guesses: dict[Guess, None]) -> Measure:
    value, unit, low, high = fields
    return Measure(value, _number(value, guesses), unit, _bound(low, guesses), _bound(high, guesses))


def _bound(text: str, guesses: dict[Guess, None]) -> Decimal | None:
    number = _number(text, guesses)
    if text and number is None:
        guesses[Guess(GuessKind.LABORATORY, "bound")] = None
    return number


def _number(text: str, guesses: dict[Guess, None]) -> Decimal | None:
    """The form asks for a point and no space; French machines write « 1 200,5 »."""
    plain = "".join(text.split()).replace(",", ".", 1)
    if len(plain) > MAX_NUMBER_CHARS or _NUMBER.fullmatch(plain) is None:
        return None
    if plain != text:
        guesses[Guess(GuessKind.LABORATORY, "number")] = None
    return Decimal(plain)


def _one_of(words: type[Word], text: str, name: str, guesses: dict[Guess, None]) -> Word | None:
    if not text:
        return None
    try:
        return words(text.upper())
    except ValueError:
        guesses[Guess(GuessKind.LABORATORY, name)] = None
        return None
