"""Models of five programs that read HPRIM: what each accepts and shows, written from observed behaviour.

They share no code with `miss.documents.hprim`, nor with one another, on purpose: each is as narrow as its original.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

FIN, FINFICHIER = "****FIN****", "****FINFICHIER****"


@dataclass(frozen=True)
class Shown:
    """What a user sees once the file is taken in."""

    family_name: str
    sender_name: str
    body_lines: list[str]


def medshake(data: bytes) -> Shown | None:
    """Cuts bytes at fixed places, adds up plausibility, takes ten points or more."""
    lines = [line.rstrip(b"\r") for line in data.split(b"\n")]
    if len(lines) < 12:
        return None
    family, given, town, birth, nir, day = lines[1][:50], lines[2][:50], lines[5], lines[6], lines[7], lines[9]
    points = 3 if re.fullmatch(rb"[A-Za-z0-9_/-]+", lines[0][:10]) else -1
    points += 1 if family.strip() else -1
    points += 1 if given.strip() else -1
    points += 1 if re.fullmatch(rb"[0-9][1-9][0-9]{3}", town[0:5]) else -1
    points += 8 if _is_day(birth, iso=True) else -8
    points += 3 if re.fullmatch(rb"[0-9]{15}", nir) else -3
    points += 4 if _is_day(day, iso=True) else -4
    if points < 10:
        return None
    sender, body = lines[10], [line for line in lines[12:] if line.strip() not in (FIN.encode(), FINFICHIER.encode())]
    return Shown(_latin(family), _latin(sender[10:]).strip(), [_latin(line) for line in body])


def freemedforms(data: bytes) -> Shown | None:
    """Wants twelve lines, a full birth date, both tags in order, and nothing but space around them."""
    text = _latin(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if len(lines) < 12 or not lines[1].strip() or not lines[2].strip() or not _is_day(lines[6].encode()):
        return None
    content = "\n".join(lines[12:])
    before, fin, after = content.partition(FIN)
    between, finfichier, rest = after.partition(FINFICHIER)
    if not fin or not finfichier or between.strip() or rest.strip():
        return None
    return Shown(lines[1], lines[10][10:].strip(), before.split("\n"))


def nautilus(data: bytes) -> Shown | None:
    """Strips every line; a tag inside the header starts it again; both dates must read."""
    header: list[str] = []
    body: list[str] = []
    for raw in data.split(b"\n"):
        line = _latin(raw).strip()
        if len(header) < 12:
            header = [] if line == FIN else [*header, line]
        elif line == FIN:
            break
        else:
            body.append(line)
    if len(header) < 12:
        return None
    if not header[0] and "/" not in header[9]:
        header = [*header[1:], body.pop(0) if body else ""]
    if not _is_day(header[6].encode()) or not re.search(r"\d\d/\d\d", header[9]):
        return None
    return Shown(header[1], header[10][10:].strip(), body)


def mediboard(data: bytes) -> Shown | None:
    """Takes one byte 0x8E for MacRoman; drops thirteen lines and the tags."""
    text = data.decode("mac-roman") if 0x8E in data else _latin(data)
    if FINFICHIER not in text:
        return None
    lines = [line.rstrip("\r") for line in text.split("\n")]
    if len(lines) < 14:
        return None
    sender = lines[10].split(None, 1)
    body = [line.replace(FIN, "").replace(FINFICHIER, "") for line in lines[13:]]
    return Shown(lines[1], sender[1].strip() if len(sender) > 1 else "", body)


def doctolib(data: bytes) -> Shown | None:
    """Looks for the tag anywhere; line 10 is empty or a date; drops the sender's first word."""
    text = _latin(data)
    separator = "\r\n" if "\r\n" in text else "\r" if "\r" in text else "\n"
    lines = text.split(separator)
    if FIN not in text or len(lines) < 12 or (lines[9].strip() and not _is_day(lines[9].strip().encode())):
        return None
    body = separator.join(lines[12:]).split(FIN)[0].split(separator)
    return Shown(lines[1], " ".join(lines[10].split()[1:]), body)


READERS: dict[str, Callable[[bytes], Shown | None]] = {
    "MedShake": medshake,
    "FreeMedForms": freemedforms,
    "Nautilus": nautilus,
    "Mediboard": mediboard,
    "Doctolib": doctolib,
}


def _latin(data: bytes) -> str:
    return data.decode("iso-8859-1")


def _is_day(text: bytes, *, iso: bool = False) -> bool:
    if iso and re.fullmatch(rb"\d{4}-\d{2}-\d{2}", text):
        return True
    return re.fullmatch(rb"\d{2}/\d{2}/(\d{4}|\d{2})", text) is not None
