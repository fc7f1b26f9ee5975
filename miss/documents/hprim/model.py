"""What an HPRIM message says, what was guessed in reading it, and the marks that writer and reader share."""

import re
from dataclasses import dataclass
from datetime import date
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
    NO_BLANK_LINE = "no_blank_line"
    """The text begins right under the header."""
    DATE_FORM = "date_form"
    """A date is not JJ/MM/AAAA (the field)."""
    TWO_DIGIT_YEAR = "two_digit_year"
    """The century was supplied (the field)."""
    PSEUDO_MONTH = "pseudo_month"
    """A month that is none in the calendar was read as January (the field)."""
    NO_BIRTH_DATE = "no_birth_date"
    NIR_SPACED = "nir_spaced"
    NO_CODE = "no_code"
    """A line that should begin with a code holds a name only (the field)."""
    NO_END_OF_RECORD = "no_end_of_record"
    NO_END_OF_FILE = "no_end_of_file"
    TEXT_AFTER_END = "text_after_end"


@dataclass(frozen=True, slots=True)
class Guess:
    """One assumption.  `detail` names a field, a charset, a count: never content."""

    kind: GuessKind
    detail: str = ""


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
    text_after_end: str
    """What stood after the end tags (signatures, footers): no part of the letter, but not lost."""
    header_lines: tuple[str, ...]
    """The header as it stood, 11 to 13 lines."""
    guesses: tuple[Guess, ...]

    def guessed(self, kind: GuessKind) -> bool:
        return any(guess.kind is kind for guess in self.guesses)
