"""A letter as HPRIM text, in the profile that five independent readers accept.

ISO-8859-1 without 0x80-0x9F, CRLF, twelve header lines and a blank thirteenth, codes padded to ten characters, about
80 columns, both end tags and nothing after them; one patient.  It never writes a matricule that may not travel
(`PatientIdentity.ins`), nor a made-up value where one is missing.
"""

import re
import textwrap
from datetime import date

from miss.documents.charset import fold_latin1
from miss.documents.errors import HprimCodeRefused, LetterIncomplete
from miss.documents.hprim.model import CODE_CHARS, END_OF_FILE, END_OF_RECORD, NO_CODE, neutralise
from miss.documents.identities import PatientIdentity
from miss.documents.letter import Letter, Party, letter_text

COLUMNS = 80
"""Longer lines are wrapped at a space; a word longer than this stays whole."""

_CODE = re.compile(rf"[A-Za-z0-9/_-]{{1,{CODE_CHARS}}}")


def compose_hprim(letter: Letter) -> bytes:
    """The whole file.

    Raises HprimCodeRefused for a number or a party's code that the header cannot carry, LetterIncomplete for a name
    with nothing to print in it.
    """
    lines = (*map(neutralise, header_lines(letter)), "", *map(neutralise, body_lines(letter)))
    return "".join(f"{line}\r\n" for line in (*lines, END_OF_RECORD, END_OF_FILE)).encode("iso-8859-1")


def header_lines(letter: Letter) -> tuple[str, ...]:
    """The twelve header lines, folded to Latin-1.  Raises as `compose_hprim`."""
    number = _require_code(letter.number, "number")
    patient = letter.patient
    street, second_line = _address(patient)
    lines = (
        number,
        _require_text(patient.birth_family_name, "birth_family_name"),
        _require_text(patient.first_given_name, "birth_given_names"),
        street,
        second_line,
        f"{patient.postcode} {patient.town}" if patient.postcode else "",
        _date(patient.birth_date),
        patient.ins.matricule if patient.ins else "",
        number,
        _date(letter.document_date),
    )
    return (*map(_one_line, lines), _party(letter.sender, "sender"), _party(letter.recipient, "recipient"))


def body_lines(letter: Letter) -> tuple[str, ...]:
    """The free text, folded to Latin-1 and wrapped."""
    lines: list[str] = []
    for line in fold_latin1(letter_text(letter)).split("\n"):
        line = line.rstrip()
        lines += [line] if len(line) <= COLUMNS else _wrap(line)
    return tuple(lines)


def _wrap(line: str) -> list[str]:
    pieces = textwrap.wrap(line, COLUMNS, break_long_words=False, break_on_hyphens=False)
    return [piece.rstrip() for piece in pieces]


def _address(patient: PatientIdentity) -> tuple[str, str]:
    """Lines 4 and 5: further lines join the second; a town without postcode goes there too, as line 6 is cut at 5."""
    lines = [*patient.address_lines, *([patient.town] if patient.town and not patient.postcode else [])]
    return (lines[0] if lines else ""), ", ".join(lines[1:])


def _party(party: Party, field: str) -> str:
    """Lines 11 and 12: one reader cuts at the tenth character, others at the first space."""
    code = _require_code(party.code, f"{field}.code") if party.code else NO_CODE
    return f"{code:<{CODE_CHARS}} {_require_text(party.display_name, f'{field}.display_name')}"


def _require_text(text: str, field: str) -> str:
    line = _one_line(text)
    if not line:
        raise LetterIncomplete(field=field)
    return line


def _require_code(code: str, field: str) -> str:
    if _CODE.fullmatch(code) is None:
        raise HprimCodeRefused(field=field, limit=CODE_CHARS)
    return code


def _one_line(text: str) -> str:
    return " ".join(fold_latin1(text).split())


def _date(day: date) -> str:
    return f"{day.day:02}/{day.month:02}/{day.year:04}"
