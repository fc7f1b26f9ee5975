"""Cards as vCard 3.0 (RFC 2426): the version that telephones and Outlook all import.  Pure.

vobject writes one as well, twenty times slower, and is the reader of the tests instead.
"""

from collections.abc import Iterable

from miss.directory.exports.model import Card, line_of

LINE_BYTES = 75
_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def compose_vcards(cards: Iterable[Card]) -> bytes:
    """Some cards, one after the other."""
    return b"".join(map(compose_vcard, cards))


def compose_vcard(card: Card) -> bytes:
    """One card; properties without a value are left out."""
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "PRODID:-//MiSS//Annuaire//FR",
        _line("UID", f"urn:x-miss:practitioner:{card.id}"),
        _line("N", _fields(card.family, card.given, "", card.civility, "")),
        _line("FN", _text(card.name or card.id)),
    ]
    address = ("", "", card.address, card.town, card.department, card.postcode, "")
    optional = [
        ("TITLE", card.profession),
        ("ROLE", ", ".join(card.specialties)),
        ("TEL;TYPE=WORK,VOICE", card.phone),
        *(("EMAIL;TYPE=INTERNET", mailbox) for mailbox in card.mailboxes),
        ("NOTE", f"RPPS {card.rpps}" if card.rpps else ""),
        *(("NOTE", f"Déclaré par l’établissement : {line_of(place)}") for place in card.declared),
    ]
    lines += [_line(name, _text(value)) for name, value in optional if value]
    lines += [_line("KEY;ENCODING=b;TYPE=X509", one) for one in card.certificates]
    if card.organization:
        lines.append(_line("ORG", _fields(card.organization, *([card.unit] if card.unit else ()))))
    if any(address):
        lines.append(_line("ADR;TYPE=WORK", _fields(*address)))
    lines += ["CATEGORIES:MiSS", "END:VCARD", ""]
    return "\r\n".join(lines).encode()


def _fields(*parts: str) -> str:
    """A structured value."""
    return ";".join(map(_text, parts))


def _text(value: str) -> str:
    return value.translate(_ESCAPES)


def _line(name: str, value: str) -> str:
    """One content line, folded between characters so that none has more than `LINE_BYTES` (RFC 2425 §5.8.1)."""
    line, folded, size = f"{name}:{value}", "", 0
    if len(line.encode()) <= LINE_BYTES:
        return line
    for character in line:
        weight = len(character.encode())
        if size + weight > LINE_BYTES:
            folded, size = f"{folded}\r\n ", 1
        folded += character
        size += weight
    return folded
