"""The header of an HPRIM record: finding its twelve lines, which may be eleven or thirteen, and reading each.

The birth date (line 7) and the document date (line 10) are the landmarks: a header that is one line short or long, or
below blank lines, is accepted only when both are found where the shift puts them.  A document date that cannot be read
is left out; a birth date that cannot be read is refused: it tells patients apart.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypedDict

from miss.documents.errors import HprimDateUnreadable, NotHprim
from miss.documents.hprim.model import CODE_CHARS, HEADER_LINES, NO_CODE, Guess, GuessKind, restore
from miss.documents.identities import NumberVerdict, check_matricule

_DAY_FIRST = re.compile(r"(?<![0-9])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![0-9])", re.ASCII)
_EMBEDDED = re.compile(r"(?<![0-9])(\d{1,2})(/)(\d{1,2})/(\d{4}|\d{2})(?![0-9])", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_POSTCODE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
HEADER_LENGTHS = (HEADER_LINES, HEADER_LINES - 1, HEADER_LINES + 1)
"""What is met, the likeliest first."""
MAX_SHIFT = 5
"""Blank lines that may stand above a header."""
_LAST_DAY = date(2069, 12, 31)
"""Where the century turns for a two-digit document date when nothing else tells: 70 is 1970."""


class HeaderFields(TypedDict):
    """The fields of `HprimMessage` that the header gives."""

    patient_code: str
    family_name: str
    given_name: str
    address_lines: tuple[str, ...]
    postcode: str
    town: str
    birth_date: date | None
    nir: str
    nir_verdict: NumberVerdict | None
    number: str
    document_date: date | None
    sender_code: str
    sender_name: str
    recipient_code: str
    recipient_name: str
    header_lines: tuple[str, ...]


@dataclass(slots=True)
class _Dates:
    """The two landmarks of one layout, and what reading them assumed."""

    birth: date | None
    document: date | None
    guesses: list[Guess] = field(default_factory=list)


def read_header(lines: list[str], *, is_ended: bool, received_on: date | None) -> tuple[HeaderFields, list[Guess], int]:
    """The fields, the guesses, and how many lines the header takes.

    `is_ended`: an end tag closed this record, which is evidence enough to accept a header without a birth date.
    Raises NotHprim or HprimDateUnreadable.
    """
    if len(lines) < HEADER_LINES - 1:
        raise NotHprim(reason="fewer than eleven lines")
    shifts = tuple(_shifts(lines))
    strict = ((above, length) for length in HEADER_LENGTHS for above in (shifts if length == HEADER_LINES else (0,)))
    for above, length in strict:
        dates = _read_dates(lines[above:], length, received_on)
        if dates is not None:
            return _read_fields(lines, above, length, dates)
    for above in shifts:
        dates = _read_one_date(lines[above:], is_ended, received_on)
        if dates is not None:
            return _read_fields(lines, above, HEADER_LINES, dates)
    raise _refusal(lines, is_ended, received_on)


def _shifts(lines: list[str]) -> Iterator[int]:
    """How many blank lines may stand above the header, the likeliest first.

    One may also be an empty code with three address lines below it: those begin with a name, which bears no digit, and
    have an address on their fourth line.
    """
    yield 0
    blank = next((rank for rank, line in enumerate(lines[: MAX_SHIFT + 1]) if line.strip()), 0)
    for above in range(1, blank + 1):
        if above > 1 or _has_digit(lines[1]) or (lines[3].strip() and not _has_digit(lines[3])):
            yield above


def _has_digit(line: str) -> bool:
    return any(char.isdigit() for char in line)


def _read_dates(lines: list[str], length: int, received_on: date | None) -> _Dates | None:
    """None if the landmarks are not where a header of `length` lines has them."""
    if len(lines) < length:
        return None
    birth_text, document_text = lines[length - 6].strip(), lines[length - 3].strip()
    guesses: list[Guess] = []
    document = read_date(document_text, "document_date", received_on or _LAST_DAY, guesses)
    if document is None and (document_text or length != HEADER_LINES):
        return None
    birth = read_date(birth_text, "birth_date", document or received_on, guesses)
    return None if birth is None else _Dates(birth, document, guesses)


def _read_one_date(lines: list[str], is_ended: bool, received_on: date | None) -> _Dates | None:
    """The landmarks where one may be missing, if an end tag or a NIR shows that this is a header; None if it is none.

    A birth date that is written and does not read is never passed over.
    """
    if len(lines) < HEADER_LINES:
        return None
    birth_text, document_text = lines[6].strip(), lines[9].strip()
    has_nir = check_matricule("".join(lines[7].split()).upper()) is NumberVerdict.OK
    guesses: list[Guess] = []
    document = read_date(document_text, "document_date", received_on or _LAST_DAY, guesses)
    birth = read_date(birth_text, "birth_date", document or received_on, guesses)
    if birth is None and birth_text:
        return None
    if not ((is_ended and (birth or document)) or has_nir):
        return None
    if birth is None:
        guesses.append(Guess(GuessKind.NO_BIRTH_DATE))
    if document is None and document_text:
        guesses.append(Guess(GuessKind.DATE_UNREADABLE, "document_date"))
    return _Dates(birth, document, guesses)


def _refusal(lines: list[str], is_ended: bool, received_on: date | None) -> NotHprim | HprimDateUnreadable:
    """What is wrong with a header that no layout fits."""
    birth_text, document_text = lines[6].strip(), lines[9].strip()
    document = read_date(document_text, "document_date", received_on or _LAST_DAY, [])
    if read_date(birth_text, "birth_date", document or received_on, []) is not None:
        return HprimDateUnreadable(field="document_date", line=10)
    if birth_text and (document is not None or (is_ended and not document_text)):
        return HprimDateUnreadable(field="birth_date", line=7)
    return NotHprim(reason="birth date and document date")


def read_date(text: str, name: str, not_after: date | None, guesses: list[Guess]) -> date | None:
    """The date in `text`, None if there is none.  A two-digit year is the latest that is not after `not_after`.

    The document's line may hold more than its date (`M-5128-23/10/06`); the birth date stands alone.
    """
    year_first = _YEAR_FIRST.fullmatch(text)
    if year_first:
        guesses.append(Guess(GuessKind.DATE_FORM, name))
        return _calendar_day(int(year_first[1]), int(year_first[2]), int(year_first[3]))
    day_first = _DAY_FIRST.fullmatch(text) or (_EMBEDDED.search(text) if name == "document_date" else None)
    if day_first is None:
        return None
    if day_first[2] != "/" or day_first[0] != text:
        guesses.append(Guess(GuessKind.DATE_FORM, name))
    day, month, year = int(day_first[1]), int(day_first[3]), int(day_first[4])
    if month == 20 or 30 <= month <= 42 or 50 <= month <= 99:
        guesses.append(Guess(GuessKind.PSEUDO_MONTH, name))
        month = 1
    if len(day_first[4]) == 4:
        return _calendar_day(year, month, day)
    if not_after is None:
        return None
    guesses.append(Guess(GuessKind.TWO_DIGIT_YEAR, name))
    century = not_after.year - not_after.year % 100
    full = _calendar_day(century + year, month, day)
    return full if full and full <= not_after else _calendar_day(century + year - 100, month, day)


def _calendar_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read_fields(lines: list[str], above: int, length: int, dates: _Dates) -> tuple[HeaderFields, list[Guess], int]:
    """The header's `length` lines below `above` blank ones."""
    guesses = [*([Guess(GuessKind.SHIFTED, str(above))] if above else []), *dates.guesses]
    raw = tuple(restore(line.rstrip()) for line in lines[above : above + length])
    values = [line.strip() for line in raw]
    if length != HEADER_LINES:
        guesses.append(Guess(GuessKind.HEADER_LENGTH, str(length)))
    before_dates = values[:-6]
    postcode, town = _split_town(before_dates[-1])
    nir = "".join(values[-5].split()).upper()
    if nir != values[-5].upper():
        guesses.append(Guess(GuessKind.NIR_SPACED))
    sender_code, sender_name = _split_party(raw[-2], "sender", guesses)
    recipient_code, recipient_name = _split_party(raw[-1], "recipient", guesses)
    if not before_dates[1]:
        raise NotHprim(reason="no family name on line 2")
    fields = HeaderFields(
        patient_code=before_dates[0],
        family_name=before_dates[1],
        given_name=before_dates[2],
        address_lines=tuple(before_dates[3:-1]),
        postcode=postcode,
        town=town,
        birth_date=dates.birth,
        nir=nir,
        nir_verdict=check_matricule(nir) if nir else None,
        number=values[-4],
        document_date=dates.document,
        sender_code=sender_code,
        sender_name=sender_name,
        recipient_code=recipient_code,
        recipient_name=recipient_name,
        header_lines=raw,
    )
    return fields, guesses, above + length


def _split_town(line: str) -> tuple[str, str]:
    first, _, rest = line.partition(" ")
    return (first, rest.strip()) if _POSTCODE.fullmatch(first) else ("", line)


def _split_party(line: str, name: str, guesses: list[Guess]) -> tuple[str, str]:
    """Code and name.  A first word that is neither padded nor holding a digit is taken for part of the name."""
    first, _, rest = line.strip().partition(" ")
    is_padded = rest.startswith(" ") or len(first) == CODE_CHARS
    if first == NO_CODE:
        return "", rest.strip()
    if rest.strip() and (is_padded or any(char.isdigit() for char in first)):
        return first, rest.strip()
    if line.strip():
        guesses.append(Guess(GuessKind.NO_CODE, name))
    return "", line.strip()
