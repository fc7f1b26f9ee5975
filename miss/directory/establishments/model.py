"""An establishment's record: what it is, whom to call there, and what the record lacks.  Values and rules only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from miss.base.ids import OrganizationId
from miss.base.text import Text
from miss.documents.identities import NumberVerdict, check_finess


class EstablishmentKind(StrEnum):
    """What it is."""

    HOSPITAL = "hospital"
    CARE_HOME = "care_home"
    """EHPAD."""
    LABORATORY = "laboratory"
    IMAGING = "imaging"
    SURGERY = "surgery"
    """Group practice, health centre, « maison de santé »."""
    HOME_CARE = "home_care"
    PHARMACY = "pharmacy"
    OTHER = "other"

    @property
    def text(self) -> Text:
        return _KINDS[self]


_KINDS: Mapping[EstablishmentKind, Text] = MappingProxyType(
    {
        EstablishmentKind.HOSPITAL: Text(fr="Hôpital ou clinique", en="Hospital"),
        EstablishmentKind.CARE_HOME: Text(fr="EHPAD", en="Care home"),
        EstablishmentKind.LABORATORY: Text(fr="Laboratoire de biologie médicale", en="Laboratory"),
        EstablishmentKind.IMAGING: Text(fr="Imagerie médicale", en="Medical imaging"),
        EstablishmentKind.SURGERY: Text(fr="Cabinet, maison ou centre de santé", en="Surgery or health centre"),
        EstablishmentKind.HOME_CARE: Text(fr="Soins à domicile", en="Home care"),
        EstablishmentKind.PHARMACY: Text(fr="Pharmacie", en="Pharmacy"),
        EstablishmentKind.OTHER: Text(fr="Autre structure", en="Other"),
    }
)
_WITH_FINESS = frozenset(
    {
        EstablishmentKind.HOSPITAL,
        EstablishmentKind.CARE_HOME,
        EstablishmentKind.LABORATORY,
        EstablishmentKind.HOME_CARE,
        EstablishmentKind.PHARMACY,
    }
)
"""Kinds whose structures all have a FINESS number."""


class ContactFunction(StrEnum):
    """Whom MiSS has to be able to call in an establishment."""

    ADMINISTRATIVE = "administrative"
    TECHNICAL = "technical"
    """« DSI »: told first when a flow fails."""
    MEDICAL = "medical"
    MESSAGING_ADMINISTRATOR = "messaging_administrator"
    """Keeps the list of staff; gets the reminders."""
    BIOLOGIST_ON_DUTY = "biologist_on_duty"
    """Of laboratories: answers for a result at any hour."""

    @property
    def text(self) -> Text:
        return _FUNCTIONS[self]


_FUNCTIONS: Mapping[ContactFunction, Text] = MappingProxyType(
    {
        ContactFunction.ADMINISTRATIVE: Text(fr="Contact administratif", en="Administrative contact"),
        ContactFunction.TECHNICAL: Text(fr="Contact technique (DSI)", en="Technical contact (IT)"),
        ContactFunction.MEDICAL: Text(fr="Contact médical", en="Medical contact"),
        ContactFunction.MESSAGING_ADMINISTRATOR: Text(
            fr="Administrateur de la messagerie", en="Messaging administrator"
        ),
        ContactFunction.BIOLOGIST_ON_DUTY: Text(fr="Biologiste de garde", en="Biologist on duty"),
    }
)
_EVERYWHERE = (
    ContactFunction.ADMINISTRATIVE,
    ContactFunction.TECHNICAL,
    ContactFunction.MEDICAL,
    ContactFunction.MESSAGING_ADMINISTRATOR,
)


def required_functions(kind: EstablishmentKind) -> tuple[ContactFunction, ...]:
    """Whom an establishment of that kind has to name."""
    if kind is EstablishmentKind.LABORATORY:
        return (*_EVERYWHERE, ContactFunction.BIOLOGIST_ON_DUTY)
    return _EVERYWHERE


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call; empty parts are not known."""

    function: ContactFunction
    name: str = ""
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Establishment:
    """One establishment's own record."""

    id: OrganizationId
    """The identifier that the register has for it, or its FINESS number."""
    name: str
    kind: EstablishmentKind
    finess: str = ""
    town: str = ""
    contacts: tuple[Contact, ...] = ()
    """At most one a function, in the order of `ContactFunction`."""
    staff_revision: int = 0
    """Grows with every change of who works there: what was previewed holds while it stands still."""
    nagged_at: datetime | None = None
    """When its messaging administrator was last reminded of what is missing."""

    def contact(self, function: ContactFunction) -> Contact:
        """Who has that function; an empty contact if nobody is named."""
        return next((one for one in self.contacts if one.function is function), Contact(function))


class Part(StrEnum):
    """What a record may lack."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    FINESS = "finess"


_PARTS: Mapping[Part, Text] = MappingProxyType(
    {
        Part.NAME: Text(fr="{contact} : le nom manque", en="{contact}: the name is missing"),
        Part.EMAIL: Text(fr="{contact} : l’adresse électronique manque", en="{contact}: the e-mail is missing"),
        Part.PHONE: Text(fr="{contact} : le téléphone manque", en="{contact}: the phone number is missing"),
        Part.FINESS: Text(fr="Le numéro FINESS manque ou sa clé est fausse", en="FINESS number missing or wrong"),
    }
)


@dataclass(frozen=True, slots=True)
class Missing:
    """One thing that a record lacks."""

    part: Part
    function: ContactFunction | None = None

    @property
    def text(self) -> Text:
        """In words, without a full stop."""
        if self.function is None:
            return _PARTS[self.part]
        said, contact = _PARTS[self.part], self.function.text
        return Text(fr=said.fr.format(contact=contact.fr), en=said.en.format(contact=contact.en))


def completeness(establishment: Establishment) -> tuple[Missing, ...]:
    """What the record lacks; nothing: it is complete."""
    missing: list[Missing] = []
    if establishment.kind in _WITH_FINESS and not is_finess(establishment.finess):
        missing.append(Missing(Part.FINESS))
    for function in required_functions(establishment.kind):
        contact = establishment.contact(function)
        said = ((Part.NAME, contact.name), (Part.EMAIL, contact.email), (Part.PHONE, contact.phone))
        missing.extend(Missing(part, function) for part, value in said if not value)
    return tuple(missing)


def is_finess(text: str) -> bool:
    """True for a FINESS number with its key."""
    return check_finess(text) in (NumberVerdict.OK, NumberVerdict.KEY_UNCHECKED)


@dataclass(frozen=True, slots=True)
class Overview:
    """An establishment in the operator's list."""

    establishment: Establishment
    staff: int
    missing: tuple[Missing, ...]
