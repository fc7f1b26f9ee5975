"""HPRIM text read as tolerantly as the readers in use, each assumption being reported.

Accepts CR, LF and CRLF; UTF-8, UTF-16, Latin-1, Windows-1252 and MacRoman; a header of eleven to thirteen lines, or
below blank lines; several date forms; end tags missing, inside a line or above the header; text after them; several
patients.  It does not repair content: what cannot be read is refused by name, and the caller still holds the bytes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from miss.documents.charset import decode_text
from miss.documents.errors import HprimDateUnreadable, HprimSeveralPatients, NotHprim
from miss.documents.hprim.header import read_header
from miss.documents.hprim.laboratory import parse_laboratory
from miss.documents.hprim.model import (
    END_OF_FILE,
    END_OF_RECORD,
    HEADER_LINES,
    LABORATORY,
    Guess,
    GuessKind,
    HprimMessage,
    restore,
)

_TAG = re.compile(f"({re.escape(END_OF_RECORD)}|{re.escape(END_OF_FILE)})")


@dataclass(frozen=True, slots=True)
class _Segment:
    """Lines up to an end tag, or to the end of the text."""

    lines: list[str]
    ended_by: str
    is_inside: bool = False
    """The tag stood on a line with text."""


def parse_hprim(data: bytes, *, charset: str | None = None, received_on: date | None = None) -> HprimMessage:
    """The one record of a file.  As `parse_hprim_file`; raises HprimSeveralPatients too."""
    return _only(parse_hprim_file(data, charset=charset, received_on=received_on))


def parse_hprim_text(text: str, *, received_on: date | None = None) -> HprimMessage:
    """The one record of a text already decoded, as the body of a mail is.  Raises as `parse_hprim`."""
    return _only(parse_hprim_records(text, received_on=received_on))


def parse_hprim_file(
    data: bytes, *, charset: str | None = None, received_on: date | None = None
) -> tuple[HprimMessage, ...]:
    """Every record of a file, at least one; what was guessed of the whole file is told with each.

    `charset`: as declared by what carried the file; guessed when absent or wrong.  `received_on`: serves only to find
    the century of two-digit years.  Raises NotHprim, HprimDateUnreadable.
    """
    decoded = decode_text(data, charset)
    guesses = [] if decoded.is_declared or decoded.charset == "ascii" else [Guess(GuessKind.CHARSET, decoded.charset)]
    ends = _line_ends(decoded.text)
    guesses += [Guess(GuessKind.LINE_ENDS, ends)] if ends != "crlf" else []
    records = parse_hprim_records(decoded.text, received_on=received_on)
    return tuple(replace(record, guesses=(*guesses, *record.guesses)) for record in records)


def parse_hprim_records(text: str, *, received_on: date | None = None) -> tuple[HprimMessage, ...]:
    """Every record of a text, at least one.

    What stands between or after the end tags without being a record is kept in `text_after_end` of the one before; a
    few lines above a first end tag, in that of the first.  Raises NotHprim if there is no record, HprimDateUnreadable
    for a record that cannot be told from the one before it.
    """
    segments, has_end_of_file = _cut(text)
    aside = _restarted(segments)
    first, *others = segments[1:] if aside else segments
    records = [_read_record(first, received_on)]
    for segment in others:
        try:
            records.append(_read_record(segment, received_on))
        except NotHprim:
            records[-1] = _with_text_after_end(records[-1], segment.lines)
        except HprimDateUnreadable:
            # Another patient whose birth date does not read: never to be filed as more text about this one.
            if segment.ended_by == END_OF_RECORD:
                raise
            records[-1] = _with_text_after_end(records[-1], segment.lines)
    if aside:
        records[0] = _with_guess(_with_text_after_end(records[0], aside), GuessKind.RESTARTED)
    if has_end_of_file:
        return tuple(records)
    return tuple(_with_guess(record, GuessKind.NO_END_OF_FILE) for record in records)


def _only(records: tuple[HprimMessage, ...]) -> HprimMessage:
    if len(records) > 1:
        raise HprimSeveralPatients(count=len(records))
    return records[0]


def _line_ends(text: str) -> str:
    crlf, cr, lf = text.count("\r\n"), text.count("\r"), text.count("\n")
    if cr == lf == crlf:
        return "crlf"
    if crlf == 0 and 0 in (cr, lf):
        return "cr" if cr else "lf"
    return "mixed"


def _cut(text: str) -> tuple[list[_Segment], bool]:
    """Segments between end tags, blank ones left out; and whether the tag that ends the file was seen."""
    segments: list[_Segment] = []
    lines: list[str] = []
    has_end_of_file = False
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        first, *rest = _TAG.split(line)
        tags, after = rest[::2], rest[1::2]
        if not tags or first.strip():
            lines.append(first)
        is_inside = any(part.strip() for part in (first, *after))
        for tag, part in zip(tags, after, strict=True):
            has_end_of_file = has_end_of_file or tag == END_OF_FILE
            segments.append(_Segment(lines, tag, is_inside))
            lines = [part] if part.strip() else []
    segments.append(_Segment(lines, ""))
    filled = [segment for segment in segments if any(line.strip() for line in segment.lines)]
    return filled or segments[:1], has_end_of_file


def _restarted(segments: list[_Segment]) -> list[str]:
    """Lines too few for a header above a first end tag: the header begins again under it."""
    first = segments[0]
    is_short = len(first.lines) < HEADER_LINES - 1
    return first.lines if is_short and first.ended_by == END_OF_RECORD and len(segments) > 1 else []


def _read_record(segment: _Segment, received_on: date | None) -> HprimMessage:
    is_ended = bool(segment.ended_by)
    fields, guesses, length = read_header(segment.lines, is_ended=is_ended, received_on=received_on)
    rest = segment.lines[length:]
    if rest and not rest[0].strip():
        rest = rest[1:]
    elif rest:
        guesses.append(Guess(GuessKind.NO_BLANK_LINE))
    if segment.ended_by != END_OF_RECORD:
        guesses.append(Guess(GuessKind.NO_END_OF_RECORD))
    if segment.is_inside:
        guesses.append(Guess(GuessKind.END_TAG_INSIDE))
    marks = [rank for rank, line in enumerate(rest) if line.strip() == LABORATORY]
    text_end = marks[0] if marks else len(rest)
    laboratory, assumed = parse_laboratory(rest[text_end + 1 :])
    return HprimMessage(
        **fields,
        body="\n".join(restore(line.rstrip()) for line in rest[:text_end]),
        lab_lines=tuple(rest[text_end + 1 :]),
        laboratory=laboratory,
        text_after_end="",
        guesses=(*guesses, *assumed),
    )


def _with_text_after_end(record: HprimMessage, lines: Iterable[str]) -> HprimMessage:
    text = "\n".join(lines).strip("\n")
    joined = f"{record.text_after_end}\n{text}" if record.text_after_end else text
    changed = replace(record, text_after_end=joined)
    return changed if record.guessed(GuessKind.TEXT_AFTER_END) else _with_guess(changed, GuessKind.TEXT_AFTER_END)


def _with_guess(record: HprimMessage, kind: GuessKind) -> HprimMessage:
    return replace(record, guesses=(*record.guesses, Guess(kind)))
