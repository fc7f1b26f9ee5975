"""A CDA document read back, ours or another's: header values, the enclosed PDF, the narrative of a structured body.

Tolerant of what is missing (a foreign document is shown, not judged), strict about what could harm: see
`miss.documents.xml`.  Stylesheets, scripts and linked files are never followed.
"""

import base64
import binascii
import re
from datetime import date, datetime, timedelta, timezone
from typing import Final

from miss.documents.cda.errors import CdaContentRefused, NotCda
from miss.documents.cda.model import INSURANCE_NUMBER, NAMESPACE, CdaDocument, CdaPatient
from miss.documents.cda.narrative import sections_of
from miss.documents.cda.reading import attribute, children, coded, find, identifier, text_of
from miss.documents.errors import IdentifierRefused
from miss.documents.identities import PS_ID_NAT_OID, STRUCT_ID_NAT_OID, Finess, Rpps, parse_finess, parse_rpps
from miss.documents.letter import Party
from miss.documents.nomenclatures.model import Coded
from miss.documents.xml import Element, parse_xml

MAX_PARTIES: Final = 50
_TIME = re.compile(
    r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})?(?:\.[0-9]{1,6})?([+-])([0-9]{2})([0-9]{2})"
)
_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")


def parse_cda(data: bytes) -> CdaDocument:
    """The document.  Raises XmlRefused, NotCda, CdaContentRefused."""
    root = parse_xml(data)
    if root.tag != f"{{{NAMESPACE}}}ClinicalDocument":
        raise NotCda(field="ClinicalDocument")
    own = identifier(find(root, "id"))
    kind = coded(find(root, "code"))
    if own is None or kind is None:
        raise NotCda(field="id" if own is None else "code")
    author = find(root, "author/assignedAuthor")
    signer = find(root, "legalAuthenticator/assignedEntity")
    event = find(root, "documentationOf/serviceEvent")
    version = attribute(find(root, "versionNumber"), "value")
    replaced = next((one for one in children(root, "relatedDocument") if one.get("typeCode") == "RPLC"), None)
    media_type, content = _content(find(root, "component/nonXMLBody/text"))
    return CdaDocument(
        templates=tuple(_template(one) for one in children(root, "templateId")),
        id=own,
        set_id=identifier(find(root, "setId")),
        version=int(version) if version.isascii() and version.isdigit() and len(version) < 9 else None,
        replaces=identifier(find(replaced, "parentDocument/id")),
        code=kind,
        title=text_of(find(root, "title")),
        written_at=parse_instant(attribute(find(root, "effectiveTime"), "value")),
        confidentiality=attribute(find(root, "confidentialityCode"), "code"),
        patient=_patient(find(root, "recordTarget/patientRole")),
        author=_party(author),
        signer=_party(signer) if signer is not None else None,
        recipients=tuple(_recipient(one) for one in children(root, "informationRecipient")[:MAX_PARTIES]),
        custodian=text_of(find(root, "custodian/assignedCustodian/representedCustodianOrganization/name")),
        act=coded(find(event, "code")),
        service_start=parse_instant(attribute(find(event, "effectiveTime/low"), "value")),
        facility_type=coded(find(root, "componentOf/encompassingEncounter/location/healthCareFacility/code")),
        media_type=media_type,
        content=content,
        sections=sections_of(find(root, "component/structuredBody")),
    )


def parse_instant(text: str) -> datetime | None:
    """TS with its zone (`20261120101500+0100`); None for anything less precise or impossible."""
    form = _TIME.fullmatch(text)
    if form is None:
        return None
    *numbers, sign, hours, minutes = form.groups(default="0")
    ahead = timedelta(hours=int(hours), minutes=int(minutes))
    try:
        zone = timezone(ahead if sign == "+" else -ahead)
        return datetime(*map(int, numbers), tzinfo=zone)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def parse_day(text: str) -> date | None:
    """The day of a TS, its hour left aside; None for a pseudo-date."""
    form = _DAY.match(text)
    try:
        return date(*map(int, form.groups())) if form else None
    except ValueError:
        return None


def _template(one: Element) -> str:
    extension = one.get("extension")
    return f"{one.get('root', '')}:{extension}" if extension else one.get("root", "")


def _content(text: Element | None) -> tuple[str, bytes | None]:
    """Media type and bytes of the enclosed file.  Raises CdaContentRefused."""
    if text is None:
        return "", None
    media_type = text.get("mediaType", "text/plain")
    if text.get("representation", "TXT").upper() != "B64":
        return media_type, text_of(text).encode()
    try:
        return media_type, base64.b64decode("".join((text.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise CdaContentRefused() from None


def _patient(role: Element | None) -> CdaPatient:
    if role is None:
        return CdaPatient()
    who = find(role, "patient")
    names = find(who, "name")
    families = {one.get("qualifier", ""): text_of(one) for one in children(names, "family")}
    givens = {one.get("qualifier", ""): text_of(one) for one in children(names, "given")}
    lines, postcode, town = _address(find(role, "addr"))
    found = [identifier(one) for one in children(role, "id")[:MAX_PARTIES]]
    return CdaPatient(
        identifiers=tuple(one for one in found if one is not None),
        birth_family_name=families.get("BR") or families.get("", ""),
        birth_given_names=givens.get("") or givens.get("BR", ""),
        first_given_name=givens.get("BR") or givens.get("", ""),
        used_family_name=families.get("CL", ""),
        used_given_name=givens.get("CL", ""),
        sex=attribute(find(who, "administrativeGenderCode"), "code"),
        birth_date=parse_day(attribute(find(who, "birthTime"), "value")),
        birth_place_code=text_of(find(who, "birthplace/place/addr/county")),
        address_lines=lines,
        postcode=postcode,
        town=town,
    )


def _party(entity: Element | None) -> Party:
    """Author or signer."""
    organization = find(entity, "representedOrganization")
    place = find(organization, "addr")
    if place is None or place.get("nullFlavor"):
        place = find(entity, "addr")
    sector = find(organization, "standardIndustryClassCode")
    return _with(
        entity, find(entity, "assignedPerson/name"), organization, place, coded(find(entity, "code")), coded(sector)
    )


def _recipient(one: Element) -> Party:
    intended = find(one, "intendedRecipient")
    return _with(
        intended,
        find(intended, "informationRecipient/name"),
        find(intended, "receivedOrganization"),
        find(intended, "addr"),
        None,
        None,
    )


def _with(
    entity: Element | None,
    name: Element | None,
    organization: Element | None,
    place: Element | None,
    specialty: Coded | None,
    setting: Coded | None,
) -> Party:
    lines, postcode, town = _address(place)
    structure = _number(organization, STRUCT_ID_NAT_OID)
    telecoms = [attribute(one, "value") for one in children(entity, "telecom")]
    family, given, title = (text_of(find(name, part)) for part in ("family", "given", "suffix"))
    organization_name = text_of(find(organization, "name"))
    return Party(
        display_name=" ".join(part for part in (title.title(), given, family) if part) or organization_name,
        rpps=_rpps(_number(entity, PS_ID_NAT_OID)),
        organization=organization_name,
        family_name=family,
        given_name=given,
        civility=text_of(find(name, "prefix")),
        title=title,
        specialty=specialty,
        insurance_number=_number(entity, INSURANCE_NUMBER),
        finess=_finess(structure),
        siret=structure[1:] if structure[:1] == "3" else "",
        practice_setting=setting,
        address_lines=lines,
        postcode=postcode,
        town=town,
        phone=next((one[4:] for one in telecoms if one.startswith("tel:")), ""),
        mailbox=next((one[7:] for one in telecoms if one.startswith("mailto:")), ""),
    )


def _number(holder: Element | None, root: str) -> str:
    """The first number of `holder` under this OID; empty if there is none."""
    return next((one.get("extension", "") for one in children(holder, "id") if one.get("root") == root), "")


def _rpps(number: str) -> Rpps | None:
    """The RPPS of a PS_IdNat; None where its key is wrong (`check` says so)."""
    try:
        return parse_rpps(number[1:]) if number[:1] == "8" else None
    except IdentifierRefused:
        return None


def _finess(number: str) -> Finess | None:
    try:
        return parse_finess(number[1:]) if number[:1] == "1" else None
    except IdentifierRefused:
        return None


def _address(place: Element | None) -> tuple[tuple[str, ...], str, str]:
    """Lines, postcode and town; house number and street are put on one line."""
    lines = [text_of(one) for one in children(place, "streetAddressLine")]
    if not lines:
        parts = [text_of(find(place, part)) for part in ("houseNumber", "streetNameType", "streetName")]
        lines = [" ".join(part for part in parts if part), text_of(find(place, "unitID"))]
    return (
        tuple(line for line in lines if line),
        text_of(find(place, "postalCode")),
        text_of(find(place, "city")),
    )
