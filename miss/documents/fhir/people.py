"""Patient, Practitioner, PractitionerRole.

Identifiers follow the French core: INS by its OID, RPPS and ADELI by their own systems.  A matricule leaves with a
qualified identity only.  Source: FHIR R4; hl7.fhir.fr.core (identifier systems).
"""

from collections.abc import Mapping
from typing import Final

from miss.documents.fhir.model import JsonObject, Professional
from miss.documents.identities import RPPS_PREFIX, PatientIdentity, Sex

RPPS_SYSTEM: Final = "https://rpps.esante.gouv.fr"
ADELI_SYSTEM: Final = "https://adeli.esante.gouv.fr"
_GENDERS: Mapping[Sex, str] = {Sex.M: "male", Sex.F: "female", Sex.I: "other"}


def patient(who: PatientIdentity) -> JsonObject:
    """With the INS where it may travel, else the traits alone."""
    resource: JsonObject = {"resourceType": "Patient"}
    if who.ins is not None:
        resource["identifier"] = [
            {"use": "official", "system": f"urn:oid:{who.ins.oid.value}", "value": who.ins.matricule}
        ]
    birth = {"use": "official", "family": who.birth_family_name, "given": list(who.birth_given_names)}
    used = _used_name(who)
    resource["name"] = [birth, *([used] if used else [])]
    resource["gender"] = _GENDERS.get(who.sex, "unknown") if who.sex else "unknown"
    resource["birthDate"] = who.birth_date.isoformat()
    address = {
        "line": [line for line in who.address_lines if line],
        "postalCode": who.postcode,
        "city": who.town,
    }
    told = {name: value for name, value in address.items() if value}
    return resource | ({"address": [told]} if told else {})


def _used_name(who: PatientIdentity) -> JsonObject | None:
    if who.used_family_name is None and who.used_given_name is None:
        return None
    return {
        "use": "usual",
        "family": who.used_family_name or who.birth_family_name,
        "given": [who.used_given_name or who.first_given_name],
    }


def practitioner(who: Professional) -> JsonObject:
    """By the RPPS or ADELI number; by name alone without one."""
    is_rpps = who.national_id[:1] == RPPS_PREFIX
    name: JsonObject = {"family": who.family_name}
    if who.given_name:
        name["given"] = [who.given_name]
    if who.prefix:
        name["prefix"] = [who.prefix]
    system = RPPS_SYSTEM if is_rpps else ADELI_SYSTEM
    number: JsonObject = {"identifier": [{"system": system, "value": who.national_id[1:]}]} if who.national_id else {}
    return {"resourceType": "Practitioner", **number, "name": [name]}


def practitioner_role(who: Professional, reference: JsonObject) -> JsonObject:
    """In which specialty and where, as words."""
    resource: JsonObject = {"resourceType": "PractitionerRole", "practitioner": reference}
    if who.organization:
        resource["organization"] = {"display": who.organization}
    return resource | ({"specialty": [{"text": who.specialty}]} if who.specialty else {})
