"""What the HTTP API answers, in the terms of Annuaire Santé and FHIR R4: as-dp-practitioner, as-dp-organization.

Plain JSON, not FHIR resources: names and codes are theirs, so that a program that knows one reads the other; extensions
and references are not.  Values of ours, which FHIR does not have (`isMember`), stand beside.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from miss.directory.certificates import Certificate
from miss.directory.consultation import Seen
from miss.directory.establishments import staff
from miss.directory.exports import Card, Change, mailboxes_of
from miss.directory.practitioners import model as directory
from miss.documents.identities import PS_ID_NAT_OID, STRUCT_ID_NAT_OID

NATIONAL_ID = f"urn:oid:{PS_ID_NAT_OID}"
STRUCTURE_ID = f"urn:oid:{STRUCT_ID_NAT_OID}"
RPPS = "https://rpps.esante.gouv.fr"
FINESS = "https://finess.esante.gouv.fr"
SIRET = "https://sirene.fr"
"""Naming systems of the interoperability framework (annuaire-sante FHIR guide)."""


class Answer(BaseModel):
    """Base of what is answered: camelCase names, nothing but what is declared."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Coding(Answer):
    """A code of the national nomenclatures: profession TRE_G15, specialty TRE_R38."""

    code: str
    display: str


class Identifier(Answer):
    """A number and who gives it."""

    system: str
    value: str


class ContactPoint(Answer):
    """How to reach."""

    system: Literal["phone", "fax", "email"]
    value: str


class Address(Answer):
    """Where."""

    line: str
    postal_code: str
    city: str
    district: str = Field(description="Department: 59, 2A, 974; empty: unknown.")


class HumanName(Answer):
    """A name in its parts."""

    text: str
    family: str
    given: str
    prefix: str = Field(description="Dr, Pr, M., Mme, or empty.")


class Organization(Answer):
    """A place of practice."""

    resource_type: Literal["Organization"] = "Organization"
    id: str
    identifier: list[Identifier]
    name: str
    telecom: list[ContactPoint]
    address: Address


class PractitionerRole(Answer):
    """One activity."""

    specialty: Coding | None
    organization: Organization | None
    telecom: list[ContactPoint]
    address: Address


class Qualification(Answer):
    """A diploma or an authorisation to practise."""

    kind: Literal["diploma", "authorisation"]
    type: Coding
    code: Coding


class Mailbox(Answer):
    """A secure-mail address (MSSanté), and what its reader can open."""

    value: str
    accepted_formats: list[directory.AcceptedFormat]
    is_gateway: bool = Field(description="Read by a hospital's application first.")
    certificate: str | None = Field(description="To encrypt with (S/MIME): base64 of the DER; null: there is none.")


class PractitionerSummary(Answer):
    """One answer of a search."""

    resource_type: Literal["Practitioner"] = "Practitioner"
    id: str = Field(description="PS_IdNat: 8 and the RPPS number, or 0 and the ADELI number.")
    name: HumanName
    profession: Coding
    specialty: list[Coding]
    city: str
    organization: str
    is_member: bool = Field(description="Has an active account: MiSS has verified who they are.")
    distance_km: float | None


class PractitionerPage(Answer):
    """Some answers, best first."""

    entry: list[PractitionerSummary]
    next_page: int | None = Field(description="Ask for it with the same question; null: these are the last.")


class DeclaredPlace(Answer):
    """Where somebody works by an establishment's own word, whatever the register says."""

    organization: str
    city: str
    unit: str = Field(description="Site and department; empty: none is named.")
    function: str = Field(description="In the establishment's words.")
    telecom: list[ContactPoint]


class Practitioner(Answer):
    """One entry, whole."""

    resource_type: Literal["Practitioner"] = "Practitioner"
    id: str
    identifier: list[Identifier]
    active: bool = Field(description="In the last extraction of the register.")
    name: HumanName
    profession: Coding
    practitioner_role: list[PractitionerRole]
    qualification: list[Qualification]
    mailbox: list[Mailbox]
    declared_place: list[DeclaredPlace] = Field(description="Published by establishments in their lists of staff.")
    is_member: bool


class OrganizationPage(Answer):
    """Organisations, by name."""

    entry: list[Organization]


class CodingPage(Answer):
    """Every code of one kind that the register uses, by label."""

    entry: list[Coding]


class OwnEntry(Answer):
    """An entry of the exports: somebody with an active account here, or published by an establishment."""

    id: str = Field(description="PS_IdNat; of staff without an account, staff- and a UUID.")
    rpps: str
    name: HumanName
    profession: Coding
    specialty: list[str]
    organization: str
    unit: str = Field(description="Site or department; empty: none is named.")
    finess: str
    address: Address
    phone: str
    mailbox: list[str]
    certificate: list[str] = Field(description="To encrypt with (S/MIME), by address, each once: base64 of the DER.")
    accepted_formats: list[directory.AcceptedFormat]
    is_gateway: bool
    declared_place: list[DeclaredPlace]


class ChangedEntry(Answer):
    """What became of one entry."""

    cursor: int
    kind: Literal["new", "changed", "gone"]
    id: str
    changed_at: datetime
    entry: OwnEntry | None = Field(description="As it is now; null if it is gone.")


class ChangedPage(Answer):
    """Changes, oldest first."""

    changes: list[ChangedEntry]
    cursor: int = Field(description="Ask from here next time.")
    has_more: bool


def summary(seen: Seen) -> PractitionerSummary:
    """One answer of a search."""
    person = seen.practitioner
    organization = next((role.organization.name for role in person.roles if role.organization), "")
    return PractitionerSummary(
        id=person.id,
        name=_name(person),
        profession=_coding(person.profession),
        specialty=[_coding(one) for one in person.specialties],
        city=person.town,
        organization=organization,
        is_member=seen.is_member,
        distance_km=seen.distance_km,
    )


def practitioner(
    seen: Seen, declared: Sequence[staff.DeclaredPlace], secured: Mapping[str, Certificate]
) -> Practitioner:
    """One entry, whole; `declared`: what establishments say of where they work; `secured`: certificates by address."""
    person, entry = seen.practitioner, seen.practitioner.entry
    identifier = [Identifier(system=NATIONAL_ID, value=person.id)]
    if person.rpps:
        identifier.append(Identifier(system=RPPS, value=person.rpps))
    return Practitioner(
        id=person.id,
        identifier=identifier,
        active=person.gone_at is None,
        name=_name(person),
        profession=_coding(person.profession),
        practitioner_role=[_role(role) for role in person.roles],
        qualification=[
            Qualification(
                kind="diploma" if one.kind == "diploma" else "authorisation",
                type=_coding(one.type),
                code=_coding(one.coding),
            )
            for one in person.qualifications
        ],
        mailbox=[
            Mailbox(
                value=address,
                accepted_formats=sorted(entry.formats),
                is_gateway=entry.is_proxy,
                certificate=b64encode(secured[address].facts.der).decode() if address in secured else None,
            )
            for address in mailboxes_of(person, seen.given_address)
        ],
        declared_place=[_declared(place) for place in declared],
        is_member=seen.is_member,
    )


def organization(found: directory.Organization) -> Organization:
    """A place of practice."""
    numbers = ((STRUCTURE_ID, found.id), (FINESS, found.finess), (SIRET, found.siret))
    return Organization(
        id=found.id,
        identifier=[Identifier(system=system, value=value) for system, value in numbers if value],
        name=found.name,
        telecom=_telecom(phone=found.phone, fax=found.fax, email=found.email),
        address=Address(line=found.address, postal_code=found.postcode, city=found.town, district=found.department),
    )


def codings(found: list[directory.Coding]) -> CodingPage:
    """Every code of one kind."""
    return CodingPage(entry=[_coding(one) for one in found])


def changed(change: Change) -> ChangedEntry:
    """What became of one entry."""
    return ChangedEntry(
        cursor=change.cursor,
        kind=change.kind.value,
        id=change.id,
        changed_at=change.changed_at,
        entry=_own(change.card) if change.card else None,
    )


def _own(card: Card) -> OwnEntry:
    return OwnEntry(
        id=card.id,
        rpps=card.rpps,
        name=HumanName(text=card.name, family=card.family, given=card.given, prefix=card.civility),
        profession=Coding(code=card.profession_code, display=card.profession),
        specialty=list(card.specialties),
        organization=card.organization,
        unit=card.unit,
        finess=card.finess,
        address=Address(line=card.address, postal_code=card.postcode, city=card.town, district=card.department),
        phone=card.phone,
        mailbox=list(card.mailboxes),
        certificate=list(card.certificates),
        accepted_formats=[directory.AcceptedFormat(one) for one in card.formats],
        is_gateway=card.is_proxy,
        declared_place=[_declared(place) for place in card.declared],
    )


def _declared(place: staff.DeclaredPlace) -> DeclaredPlace:
    return DeclaredPlace(
        organization=place.establishment,
        city=place.town,
        unit=place.place,
        function=place.function,
        telecom=_telecom(phone=place.phone),
    )


def _coding(coding: directory.Coding) -> Coding:
    return Coding(code=coding.code, display=coding.display)


def _name(person: directory.Practitioner) -> HumanName:
    return HumanName(text=person.display_name, family=person.family, given=person.given, prefix=person.civility)


def _role(role: directory.PractitionerRole) -> PractitionerRole:
    place = role.organization
    return PractitionerRole(
        specialty=_coding(role.specialty) if role.specialty else None,
        organization=organization(place) if place else None,
        telecom=_telecom(phone=role.phone),
        address=Address(
            line=place.address if place else "", postal_code=role.postcode, city=role.town, district=role.department
        ),
    )


def _telecom(*, phone: str = "", fax: str = "", email: str = "") -> list[ContactPoint]:
    found: list[ContactPoint] = []
    if phone:
        found.append(ContactPoint(system="phone", value=phone))
    if fax:
        found.append(ContactPoint(system="fax", value=fax))
    if email:
        found.append(ContactPoint(system="email", value=email))
    return found
