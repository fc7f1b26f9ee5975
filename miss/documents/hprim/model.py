"""What an HPRIM message says, what was guessed in reading it, and the marks that writer and reader share.

Marks and laboratory values: HPRIM Médecin 2 as its readers comment it (RES-01 to RES-14); docs/documents.md.
"""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from miss.documents.identities import NumberVerdict

END_OF_RECORD = "****FIN****"
END_OF_FILE = "****FINFICHIER****"
LABORATORY = "****LAB****"
HEADER_LINES = 12
CODE_CHARS = 10
NO_CODE = "."
"""Written where a code is expected and there is none: readers cut or split there."""

_MARK = re.compile(r"(\*{3})(·*)(?=\*)")
_NEUTRALISED = re.compile(r"(\*{3})·(·*)(?=\*)")


def neutralise(line: str) -> str:
    """`line` without four stars in a row: `****FIN****` becomes `***·*FIN***·*`.

    Some readers look for the tags anywhere in the text, others strip the line first: so the mark is broken inside,
    and a dot already standing there gets another one, which makes `restore` exact.
    """
    return _MARK.sub(r"\1·\2", line)


def restore(line: str) -> str:
    """The inverse of `neutralise`."""
    return _NEUTRALISED.sub(r"\1\2", line)


class GuessKind(StrEnum):
    """What the reading had to assume; `Guess.detail` in parentheses."""

    CHARSET = "charset"
    """The bytes declared none and are not plain ASCII (Python's name of the charset chosen)."""
    LINE_ENDS = "line_ends"
    """Lines do not all end in CRLF (`cr`, `lf` or `mixed`)."""
    HEADER_LENGTH = "header_length"
    """The header has not twelve lines (`11` or `13`)."""
    SHIFTED = "shifted"
    """Blank lines stand above the header (how many)."""
    RESTARTED = "restarted"
    """A few lines and an end tag stand above the header: they are set aside, as the readers do."""
    NO_BLANK_LINE = "no_blank_line"
    """The text begins right under the header."""
    DATE_FORM = "date_form"
    """A date is not JJ/MM/AAAA (the field)."""
    TWO_DIGIT_YEAR = "two_digit_year"
    """The century was supplied (the field)."""
    PSEUDO_MONTH = "pseudo_month"
    """A month that is none in the calendar was read as January (the field)."""
    DATE_UNREADABLE = "date_unreadable"
    """A date that no reading gives was left out (the field, only ever `document_date`)."""
    NO_BIRTH_DATE = "no_birth_date"
    NIR_SPACED = "nir_spaced"
    NO_CODE = "no_code"
    """A line that should begin with a code holds a name only (the field)."""
    NO_END_OF_RECORD = "no_end_of_record"
    NO_END_OF_FILE = "no_end_of_file"
    END_TAG_INSIDE = "end_tag_inside"
    """An end tag shares its line with text."""
    TEXT_AFTER_END = "text_after_end"
    LABORATORY = "laboratory"
    """A laboratory line departs from its form (`text`: no known line; `fields`: too few or too many; `number`: comma or
    spaces in it; `bound`, `kind`, `flag`, `status`: not understood, left out)."""


@dataclass(frozen=True, slots=True)
class Guess:
    """One assumption.  `detail` names a field, a charset, a count: never content."""

    kind: GuessKind
    detail: str = ""


class ValueKind(StrEnum):
    """What kind of value a result holds."""

    NUMERIC = "N"
    TEXT = "A"
    CODE = "C"


class Flag(StrEnum):
    """Where a value lies between its bounds."""

    VERY_LOW = "LL"
    LOW = "L"
    NORMAL = "N"
    HIGH = "H"
    VERY_HIGH = "HH"


class ResultStatus(StrEnum):
    """How far the laboratory stands behind a result."""

    VALIDATED = "F"
    NOT_VALIDATED = "R"
    CORRECTED = "C"


@dataclass(frozen=True, slots=True, repr=False)
class Measure:
    """One value in one unit, as written, and the numbers in it."""

    value: str
    number: Decimal | None
    """None: the value is no number (« positif », « <0.5 »)."""
    unit: str
    low: Decimal | None
    high: Decimal | None
    """Bounds of the normal range; None where the laboratory gives none, or not as a number."""


@dataclass(frozen=True, slots=True, repr=False)
class LabResult:
    """One `RES` line.  Not shown by `repr`: it would reach the logs."""

    label: str
    code: str
    """The laboratory's own."""
    kind: ValueKind | None
    measure: Measure
    flag: Flag | None
    status: ResultStatus | None
    other: Measure | None
    """The same result in a second unit; None if the line gives none."""


@dataclass(frozen=True, slots=True, repr=False)
class LabText:
    """One `TEX` line: a heading above results, or a remark under one.  Lines of no known form come here whole."""

    text: str


LabEntry = LabResult | LabText


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class HprimMessage:
    """One record.  Text has `\\n` line ends.  Not shown by `repr`: it would reach the logs."""

    patient_code: str
    family_name: str
    given_name: str
    address_lines: tuple[str, ...]
    postcode: str
    town: str
    birth_date: date | None
    nir: str
    """Line 8 without spaces, as it stands: see `nir_verdict`."""
    nir_verdict: NumberVerdict | None
    """None: the line is empty."""
    number: str
    document_date: date | None
    sender_code: str
    sender_name: str
    recipient_code: str
    recipient_name: str
    body: str
    lab_lines: tuple[str, ...]
    """Raw lines under `****LAB****`."""
    laboratory: tuple[LabEntry, ...]
    """The same, read."""
    text_after_end: str
    """What stood outside the record: after the end tags (signatures, footers), or above a tag that restarted the
    header.  No part of the letter, but not lost."""
    header_lines: tuple[str, ...]
    """The header as it stood, 11 to 13 lines."""
    guesses: tuple[Guess, ...]

    def guessed(self, kind: GuessKind) -> bool:
        return any(guess.kind is kind for guess in self.guesses)
