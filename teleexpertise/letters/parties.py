"""Who asks and who answers, from the register's entry to what a document says of them.  Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from miss.directory.practitioners.model import Organization, Practitioner, PractitionerRole
from miss.documents.identities import Finess, NumberVerdict, Rpps, check_finess
from miss.documents.letter import Party
from miss.documents.nomenclatures.professions import find_specialty
from miss.documents.nomenclatures.structures import find_facility, setting_of

_TITLES: Final[Mapping[str, str]] = {"Dr": "DR", "Pr": "PR"}
_CIVILITIES: Final[Mapping[str, str]] = {"M.": "M", "Mme": "MME"}


def party_of(person: Practitioner) -> Party:
    """The person at the place where they can be told best: one that the register numbers and says the sector of.

    What the register does not say stays empty; nothing is made up (`miss.documents.cda` says what it misses).
    """
    return _party(person, _told_role(person))


def party_for(establishment: Practitioner, asker: Practitioner | None) -> Party:
    """An establishment that asks, and the professional of the register in whose name it does.

    The organisation is what documents are for; a person whom only an employer numbers is named on the page and in the
    letter, and is no party of a structured document.
    """
    house = replace(_party(establishment, _told_role(establishment)), family_name="")
    if asker is None or not asker.rpps:
        return house
    here = (role for role in asker.roles if role.organization and role.organization.finess == house.finess)
    person = _party(asker, next(here, None) if house.finess else None)
    return replace(
        person,
        display_name=f"{house.display_name} - {asker.display_name}",
        organization=house.organization,
        finess=house.finess,
        siret=house.siret,
        town=person.town or house.town,
        mailbox=house.mailbox,
    )


def _party(person: Practitioner, role: PractitionerRole | None) -> Party:
    place = role.organization if role else None
    specialty = role.specialty if role and role.specialty else next(iter(person.specialties), None)
    facility = find_facility(role.sector) if role else None
    finess = place.finess if place and place.finess and check_finess(place.finess) is NumberVerdict.OK else ""
    return Party(
        display_name=person.display_name,
        rpps=Rpps(person.rpps) if person.rpps else None,
        family_name=person.family,
        given_name=person.given,
        title=_TITLES.get(person.civility, ""),
        civility=_CIVILITIES.get(person.civility, ""),
        specialty=find_specialty(person.profession.code, specialty.code if specialty else ""),
        organization=place.name if place else "",
        finess=Finess(finess) if finess else None,
        siret=place.siret or "" if place else "",
        facility_type=facility,
        practice_setting=setting_of(facility.code) if facility else None,
        address_lines=(place.address,) if place and place.address else (),
        postcode=place.postcode if place else "",
        town=place.town if place else "",
        phone=place.phone if place else "",
        mailbox=next(iter(person.letterboxes), ""),
    )


def place_of(person: Practitioner) -> Organization | None:
    """Where a document says that the person practises."""
    role = _told_role(person)
    return role.organization if role else None


def _told_role(person: Practitioner) -> PractitionerRole | None:
    return max(person.roles, key=_how_well_told, default=None)


def _how_well_told(role: PractitionerRole) -> tuple[bool, bool, bool]:
    place = role.organization
    return (bool(place and (place.finess or place.siret)), bool(role.sector), bool(role.specialty))
