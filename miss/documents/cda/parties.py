"""Who takes part in a document: patient, author, signer, recipient, custodian, place."""

from miss.documents.cda.model import GENDER, INSURANCE_NUMBER
from miss.documents.cda.nodes import UNKNOWN, address, code, day, identifier, node, telecoms
from miss.documents.errors import LetterIncomplete
from miss.documents.identities import PS_ID_NAT_OID, STRUCT_ID_NAT_OID, PatientIdentity, Sex, ps_id_nat, struct_id_nat
from miss.documents.letter import Letter, Party
from miss.documents.nomenclatures.model import Coded
from miss.documents.xml import Element

_GENDERS = {
    Sex.M: Coded("M", GENDER, "Masculin"),
    Sex.F: Coded("F", GENDER, "Féminin"),
}
_UNKNOWN_GENDER = Coded("UN", GENDER, "Inconnu")
"""Indeterminate, or not told: JDV_J143 has one code for both."""
SIRET_PREFIX = "3"
_WANTED = ("family_name", "rpps", "specialty", "organization", "practice_setting", "facility_type")


def require_sender(party: Party) -> None:
    """What a document cannot do without about its author.  Raises LetterIncomplete naming the field."""
    for field in _WANTED:
        if not getattr(party, field):
            raise LetterIncomplete(field=f"sender.{field}")
    if not structure_number(party):
        raise LetterIncomplete(field="sender.finess")


def structure_number(party: Party) -> str:
    """Struct_IdNat of the organization: by its FINESS number, else its SIRET; empty if neither is known."""
    if party.finess:
        return struct_id_nat(party.finess)
    return f"{SIRET_PREFIX}{party.siret}" if party.siret else ""


def patient(letter: Letter) -> Element:
    """`recordTarget`.  Without a qualified identity the matricule stays out, and the patient is known by the dossier's
    number alone, under the document's own OID: no hospital number (IPP) is known here.
    """
    who = letter.patient
    number = identifier(who.ins.oid, who.ins.matricule) if who.ins else identifier(letter.set_id, letter.number)
    role = node(
        "patientRole",
        number,
        address(who.address_lines, who.postcode, who.town),
        node("telecom", nullFlavor=UNKNOWN),
        node("patient", _patient_name(who), _gender(who), day("birthTime", who.birth_date), _birth_place(who)),
    )
    return node("recordTarget", role)


def _patient_name(who: PatientIdentity) -> Element:
    return node(
        "name",
        node("family", text=who.birth_family_name, qualifier="BR"),
        node("given", text=" ".join(who.birth_given_names)),
        node("given", text=who.first_given_name, qualifier="BR"),
        node("family", text=who.used_family_name or who.birth_family_name, qualifier="CL"),
        node("given", text=who.used_given_name or who.first_given_name, qualifier="CL"),
    )


def _gender(who: PatientIdentity) -> Element:
    known = _GENDERS.get(who.sex, _UNKNOWN_GENDER) if who.sex else _UNKNOWN_GENDER
    return code("administrativeGenderCode", known)


def _birth_place(who: PatientIdentity) -> Element | None:
    if who.birth_place_code is None:
        return None
    return node("birthplace", node("place", node("addr", node("county", text=who.birth_place_code))))


def author(letter: Letter, at: Element) -> Element:
    """`author`, with the hour at which they took responsibility."""
    return node("author", at, node("assignedAuthor", *_assigned(letter.sender, _numbers(letter.sender))))


def entity(party: Party) -> Element:
    """`assignedEntity`: the same person as signer or performer; one number, as the profile of the header wants."""
    return node("assignedEntity", *_assigned(party, _numbers(party)[:1]))


def _assigned(party: Party, numbers: list[Element]) -> list[Element]:
    return [
        *numbers,
        *([code("code", party.specialty)] if party.specialty else []),
        address(party.address_lines, party.postcode, party.town),
        *telecoms(party.phone, party.mailbox),
        node("assignedPerson", _person_name(party)),
        organization("representedOrganization", party),
    ]


def _numbers(party: Party) -> list[Element]:
    """PS_IdNat, then « N° AM »."""
    numbers = [identifier(PS_ID_NAT_OID, ps_id_nat(party.rpps))] if party.rpps else []
    if party.insurance_number:
        numbers.append(identifier(INSURANCE_NUMBER, party.insurance_number))
    return numbers


def _person_name(party: Party) -> Element:
    return node(
        "name",
        node("prefix", text=party.civility) if party.civility else None,
        node("given", text=party.given_name) if party.given_name else None,
        node("family", text=party.family_name),
        node("suffix", text=party.title) if party.title else None,
    )


def organization(name: str, party: Party) -> Element:
    """The establishment or practice; with its setting, except as custodian."""
    has_setting = name == "representedOrganization"
    return node(
        name,
        _structure(party),
        node("name", text=party.organization),
        telecoms(party.phone, "")[0],
        address(party.address_lines, party.postcode, party.town),
        code("standardIndustryClassCode", party.practice_setting) if has_setting and party.practice_setting else None,
    )


def _structure(party: Party) -> Element | None:
    number = structure_number(party)
    return identifier(STRUCT_ID_NAT_OID, number) if number else None


def custodian(party: Party) -> Element:
    """Who keeps the document: the author's organization."""
    return node("custodian", node("assignedCustodian", organization("representedCustodianOrganization", party)))


def recipient(party: Party) -> Element:
    """`informationRecipient`: a person, an organisation, or a person of one.

    Somebody of whom the display name alone is known is written as a structure.
    """
    person = node("informationRecipient", _person_name(party)) if party.family_name else None
    return node(
        "informationRecipient",
        node(
            "intendedRecipient",
            *_numbers(party),
            address(party.address_lines, party.postcode, party.town),
            *telecoms(party.phone, party.mailbox),
            person,
            node(
                "receivedOrganization", _structure(party), node("name", text=party.organization or party.display_name)
            ),
        ),
    )


def place(party: Party) -> Element:
    """`location`: the establishment in charge, by its sector."""
    if party.facility_type is None:
        raise LetterIncomplete(field="sender.facility_type")
    where = node(
        "location",
        node("name", text=party.organization),
        address(party.address_lines, party.postcode, party.town),
    )
    return node("location", node("healthCareFacility", _structure(party), code("code", party.facility_type), where))
