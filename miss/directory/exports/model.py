"""One entry as address books take it, and the columns of its table.  Pure.

A practitioner may have many activities; a card has one address: the first activity that names an organisation, else
the first of all.  Text is `plain`: what no file format of ours could carry is gone, so that each of them can be read
back to the same values.
"""

import unicodedata
from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from miss.directory.certificates.model import Certificate
from miss.directory.establishments.staff import DeclaredPlace
from miss.directory.practitioners.model import AcceptedFormat, Practitioner, PractitionerRole

STAFF = "staff-"
"""Begins the identifier of somebody whom an establishment publishes; sorts behind national ones, which are digits."""
CELL_LENGTH = 4_000
"""Spreadsheets take 32,767 characters; the register's longest field has some hundreds."""
_SPACES = frozenset({"Cc", "Zl", "Zp"})
"""Controls, and the separators of lines and paragraphs: a space instead."""


class ExportFormat(StrEnum):
    """What other tools read."""

    CSV = "csv"
    XLSX = "xlsx"
    LDIF = "ldif"
    VCARD = "vcard"

    @property
    def media_type(self) -> str:
        """For Content-Type."""
        return _MEDIA_TYPES[self]

    @property
    def suffix(self) -> str:
        """Of a file's name, with its dot."""
        return ".vcf" if self is ExportFormat.VCARD else f".{self}"


_MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8; header=present",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.LDIF: "text/ldif; charset=utf-8",
    ExportFormat.VCARD: "text/vcard; charset=utf-8",
}
"""RFC 4180, RFC 6350 §10.1; LDIF has no registered type, `text/ldif` is what tools write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One own entry; every text is `plain`."""

    id: str
    """PS_IdNat; of staff, `STAFF` and the establishment's row."""
    rpps: str = ""
    civility: str = ""
    family: str
    given: str = ""
    profession: str = ""
    """Its label; of staff, their function in the establishment's words."""
    profession_code: str = ""
    specialties: tuple[str, ...] = ()
    organization: str = ""
    unit: str = ""
    """Site or department in it."""
    finess: str = ""
    address: str = ""
    """Street and number."""
    postcode: str = ""
    town: str = ""
    department: str = ""
    phone: str = ""
    mailboxes: tuple[str, ...] = ()
    """Secure-mail addresses, the one to write to first."""
    formats: tuple[str, ...] = ()
    """Codes of `AcceptedFormat`, in alphabetical order."""
    is_proxy: bool = False
    """Reached through a hospital's gateway."""
    certificates: tuple[str, ...] = ()
    """Those that mail to them is encrypted with now: base64 of their DER, in the order of `mailboxes`, each once."""
    declared: tuple[DeclaredPlace, ...] = ()
    """Where establishments say that they work; of staff nothing, whose card is itself such a word."""

    @property
    def name(self) -> str:
        """`Dr Paul EXEMPLE`."""
        return " ".join(part for part in (self.civility, self.given, self.family.upper()) if part)


def card_of(
    practitioner: Practitioner,
    given_address: str = "",
    declared: Sequence[DeclaredPlace] = (),
    secured: Mapping[str, Certificate] = MappingProxyType({}),
) -> Card:
    """What address books are told of `practitioner`.

    `given_address`: the one that the platform gave them; `secured`: certificates in use, by address.
    """
    role, mailboxes = _place_of(practitioner), mailboxes_of(practitioner, given_address)
    organization = role.organization if role else None
    return Card(
        id=practitioner.id,
        rpps=practitioner.rpps or "",
        civility=plain(practitioner.civility),
        family=plain(practitioner.family),
        given=plain(practitioner.given),
        profession=plain(practitioner.profession.display),
        profession_code=plain(practitioner.profession.code),
        specialties=tuple(plain(specialty.display) for specialty in practitioner.specialties),
        organization=plain(organization.name) if organization else "",
        finess=plain(organization.finess or "") if organization else "",
        address=plain(organization.address) if organization else "",
        postcode=plain(role.postcode) if role else "",
        town=plain(role.town) if role else "",
        department=plain(role.department) if role else "",
        phone=plain(practitioner.entry.phone or (role.phone if role else "")),
        mailboxes=tuple(map(plain, mailboxes)),
        formats=tuple(sorted(AcceptedFormat(one).value for one in practitioner.entry.formats)),
        is_proxy=practitioner.entry.is_proxy,
        certificates=tuple(dict.fromkeys(_base64(secured[one]) for one in mailboxes if one in secured)),
        declared=tuple(_plain_place(place) for place in declared),
    )


def _base64(certificate: Certificate) -> str:
    return b64encode(certificate.facts.der).decode()


def line_of(place: DeclaredPlace) -> str:
    """`CH fictif de Lille, Site nord, Dermatologie (Cheffe de service)`."""
    where = ", ".join(filter(None, (place.establishment, place.place)))
    return f"{where} ({place.function})" if place.function else where


def _plain_place(place: DeclaredPlace) -> DeclaredPlace:
    told = (place.establishment, place.town, place.place, place.function, place.phone)
    return DeclaredPlace(*map(plain, told))


def mailboxes_of(practitioner: Practitioner, given_address: str = "") -> tuple[str, ...]:
    """Where to write to, each once: what the person chose, the address that the platform gave them, the others."""
    theirs = tuple(filter(None, (given_address, *practitioner.mailboxes)))
    chosen = practitioner.entry.mailbox
    return tuple(dict.fromkeys((chosen, *theirs) if chosen in theirs else theirs))


def _place_of(practitioner: Practitioner) -> PractitionerRole | None:
    named = (role for role in practitioner.roles if role.organization)
    return next(named, practitioner.roles[0] if practitioner.roles else None)


def plain(text: str) -> str:
    """`text` on one line: no control, no half of a surrogate pair, no noncharacter, single spaces inside, none around.

    XML 1.0 has none of these, LDIF and vCard would need a second layer of escapes for them.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(_kept(character) for character in text)
    return " ".join(text.split())[:CELL_LENGTH].rstrip()


def _kept(character: str) -> str:
    if unicodedata.category(character) in _SPACES:
        return " "
    code = ord(character)
    is_lost = 0xD800 <= code < 0xE000 or 0xFDD0 <= code < 0xFDF0 or code & 0xFFFE == 0xFFFE
    return "" if is_lost else character


Cell = Callable[[Card], str]

COLUMNS: tuple[tuple[str, Cell], ...] = (
    ("identifiant", lambda card: card.id),
    ("rpps", lambda card: card.rpps),
    ("civilite", lambda card: card.civility),
    ("nom", lambda card: card.family),
    ("prenom", lambda card: card.given),
    ("profession", lambda card: card.profession),
    ("code_profession", lambda card: card.profession_code),
    ("specialites", lambda card: " | ".join(card.specialties)),
    ("organisation", lambda card: card.organization),
    ("service", lambda card: card.unit),
    ("finess", lambda card: card.finess),
    ("adresse", lambda card: card.address),
    ("code_postal", lambda card: card.postcode),
    ("ville", lambda card: card.town),
    ("departement", lambda card: card.department),
    ("telephone", lambda card: card.phone),
    ("messagerie_securisee", lambda card: " | ".join(card.mailboxes)),
    ("formats_acceptes", lambda card: " | ".join(card.formats)),
    ("passerelle", lambda card: "oui" if card.is_proxy else "non"),
    ("lieux_declares", lambda card: " | ".join(map(line_of, card.declared))),
)
"""Header and cell, in the order of the table; without accents, as programs read them too."""


def row_of(card: Card) -> list[str]:
    """The cells of one line."""
    return [cell(card) for _, cell in COLUMNS]
