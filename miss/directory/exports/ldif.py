"""Cards as LDIF (RFC 2849): inetOrgPerson entries (RFC 2798) under one base, for OpenLDAP and its like.  Pure.

An attribute's syntax is the server's to check, and one refused value makes it refuse the entry: what a syntax does not
allow (letters in a telephone number, an address outside ASCII) and values that are equal to the server are left out.
"""

import unicodedata
from base64 import b64encode
from collections.abc import Iterable, Iterator

from miss.directory.exports.model import STAFF, Card, line_of

BASE = "o=MiSS"
"""Under which entries stand; the file makes it."""
LINE_BYTES = 76
"""RFC 2849, note 2; folded in ASCII, since everything else is base64."""
CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson")

_SPECIAL = frozenset(',+"\\<>;=')
_PHONE = frozenset("0123456789 +()-./")
_UNSAFE_START = (" ", ":", "<")


def compose_head() -> bytes:
    """The version, and the entry that holds the others.  ldapadd takes the first, slapadd has to be spared it."""
    organization = _entry(BASE, [("objectClass", "top"), ("objectClass", "organization"), ("o", "MiSS")])
    return b"version: 1\n" + organization


def compose_entries(cards: Iterable[Card]) -> bytes:
    """Some entries, each followed by an empty line."""
    return b"".join(_entry(dn_of(card), attributes(card), card.certificates) for card in cards)


def dn_of(card: Card) -> str:
    """`uid=99900000011,o=MiSS`."""
    return f"uid={escape_dn(uid_of(card))},{BASE}"


def uid_of(card: Card) -> str:
    """The RPPS number; of those known by another identifier, who may be published twice, that one."""
    return card.rpps if card.rpps and not card.id.startswith(STAFF) else card.id


def attributes(card: Card) -> Iterator[tuple[str, str]]:
    """Names and values, in order; each value once as the server compares them."""
    many = {
        "objectClass": CLASSES,
        "uid": (uid_of(card),),
        "employeeNumber": (card.id,),
        "cn": (card.name or card.id,),
        "sn": (card.family or card.id,),
        "givenName": (card.given,),
        "displayName": (card.name,),
        "title": (card.profession,),
        "businessCategory": card.specialties,
        "o": (card.organization,),
        "ou": (card.unit,),
        "departmentNumber": tuple(map(line_of, card.declared)),
        "street": (card.address,),
        "postalCode": (card.postcode,),
        "l": (card.town,),
        "st": (card.department,),
        "telephoneNumber": (_phone(card.phone),),
        "mail": tuple(address for address in card.mailboxes if address.isascii()),
    }
    for name, values in many.items():
        once: dict[str, str] = {}
        for value in filter(None, values):
            once.setdefault(_compared(value), value)
        yield from ((name, value) for value in once.values())


def escape_dn(value: str) -> str:
    """`value` in a distinguished name (RFC 4514 §2.4)."""
    escaped = "".join(f"\\{one}" if one in _SPECIAL else "\\00" if one == "\0" else one for one in value)
    if escaped.startswith((" ", "#")):
        escaped = f"\\{escaped}"
    if len(value) > 1 and value.endswith(" "):
        escaped = f"{escaped[:-1]}\\ "
    return escaped


def _entry(dn: str, pairs: Iterable[tuple[str, str]], certificates: Iterable[str] = ()) -> bytes:
    """`certificates`: base64, which is how LDIF writes them (RFC 4523 §2.1: asked for and kept as `;binary`)."""
    lines = [_line("dn", dn), *(_line(name, value) for name, value in pairs)]
    lines += [_fold(f"userCertificate;binary:: {one}") for one in certificates]
    return b"".join(lines) + b"\n"


def _line(name: str, value: str) -> bytes:
    """`name: value`, or `name:: base64` for what is no SAFE-STRING; folded."""
    is_safe = value.isascii() and value.isprintable() and not value.startswith(_UNSAFE_START) and value[-1:] != " "
    said = f"{name}: {value}" if is_safe else f"{name}:: {b64encode(value.encode()).decode()}"
    return _fold(said)


def _fold(said: str) -> bytes:
    parts = [said[:LINE_BYTES]]
    parts += [said[start : start + LINE_BYTES - 1] for start in range(LINE_BYTES, len(said), LINE_BYTES - 1)]
    return "\n ".join(parts).encode() + b"\n"


def _phone(phone: str) -> str:
    """What the syntax of telephone numbers allows (RFC 4517 §3.3.31); empty: it is none."""
    return phone if all(character in _PHONE for character in phone) else ""


def _compared(value: str) -> str:
    """As caseIgnoreMatch sees `value` (RFC 4518): two equal ones may not stand in one attribute."""
    return " ".join(unicodedata.normalize("NFKC", value.casefold()).split())
