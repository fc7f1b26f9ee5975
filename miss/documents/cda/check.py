"""What the official schematrons do not notice: keys, OIDs, versions, the PDF.

Names faults with the place where they stand, never values.  In a document about a test or demonstration identity the
keys of professionals and structures are warnings: published examples get them wrong.

Source: INSEE (key of the NIR), RNIV, ANS list of INS OIDs, HL7 CDA R2 §4.2.3.1 (versions), MSSanté ECO.2.1.5.
"""

import re
from collections.abc import Iterator
from typing import Final

from miss.documents.cda.errors import CdaContentRefused
from miss.documents.cda.model import NAMESPACE, UNSTRUCTURED, CdaDocument, Fault
from miss.documents.cda.parse import parse_cda
from miss.documents.identities import (
    PS_ID_NAT_OID,
    STRUCT_ID_NAT_OID,
    InsOid,
    Matricule,
    NumberVerdict,
    check_adeli,
    check_finess,
    check_matricule,
    check_rpps,
    is_temporary,
)
from miss.documents.letter import TLM_CR_CODE, TLM_DA_CODE
from miss.documents.nomenclatures.acts import CODES_2022, NGAP_SYSTEM, Volet
from miss.documents.xml import Element, parse_xml

MAX_ROOT_CHARS: Final = 64
"""IHE XDS: longer ones are cut by registries."""
_PDF, _PDF_A = b"%PDF-", b"pdfaid:part"
_INS_ARC = "1.2.250.1.213.1.4."
_NUMBERS_BESIDE = frozenset({f"{_INS_ARC}13", f"{_INS_ARC}2"})
"""The social-security number and the former INS-C: they may stand beside an INS, not for it."""
_OID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*))+")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_ACCEPTED = (NumberVerdict.OK, NumberVerdict.KEY_UNCHECKED)
_PATIENT = "recordTarget/patientRole"


def check_cda(data: bytes, pdf: bytes | None = None) -> tuple[Fault, ...]:
    """Everything found, in order; empty if nothing.  `pdf`: the file that travels beside the document.

    Raises XmlRefused and NotCda where there is no document to check.
    """
    root = parse_xml(data)
    try:
        document = parse_cda(data)
    except CdaContentRefused:
        return (Fault("content_not_base64", "component/nonXMLBody/text"),)
    is_test = any(one.root in (InsOid.TEST, InsOid.DEMO) for one in document.patient.identifiers)
    return (
        *_patient(document),
        *_numbers(root, is_warning=is_test),
        *_versions(document),
        *_act(document),
        *_content(document, pdf),
    )


def _patient(document: CdaDocument) -> Iterator[Fault]:
    path = f"{_PATIENT}/id"
    inside = [one for one in document.patient.identifiers if one.root.startswith(_INS_ARC)]
    found = [one for one in inside if one.root in set(InsOid)]
    if any(one.root not in {*InsOid, *_NUMBERS_BESIDE} for one in inside) or (inside and not found):
        yield Fault("ins_oid", path)
    if len(found) > 1:
        yield Fault("ins_several", path)
    for one in found:
        if check_matricule(one.extension) is not NumberVerdict.OK:
            yield Fault("ins_key", path)
        elif one.root == InsOid.NIR and is_temporary(Matricule(one.extension)):
            yield Fault("ins_oid_of_temporary", path)
    traits = {
        "name/family": document.patient.birth_family_name,
        "name/given": document.patient.first_given_name,
        "birthTime": document.patient.birth_date,
        "administrativeGenderCode": document.patient.sex,
        "birthplace": document.patient.birth_place_code,
    }
    for place, value in traits.items():
        if not value and (found or place.startswith("name")):
            yield Fault("trait_missing", f"{_PATIENT}/patient/{place}")


def _numbers(root: Element, *, is_warning: bool) -> Iterator[Fault]:
    """Every identifier of the document: its form, and its key where it has one."""
    seen = set()
    for one in root.iter(*(f"{{{NAMESPACE}}}{name}" for name in ("id", "setId"))):
        oid, number = one.get("root", ""), one.get("extension", "")
        if not oid or (oid, number) in seen:
            continue
        seen.add((oid, number))
        if len(oid) > MAX_ROOT_CHARS or not (_OID.fullmatch(oid) or _UUID.fullmatch(oid)):
            yield Fault("oid_malformed", _path(one))
        elif oid == PS_ID_NAT_OID and not _is_professional(number):
            yield Fault("ps_key", _path(one), is_warning)
        elif oid == STRUCT_ID_NAT_OID and number[:1] == "1" and check_finess(number[1:]) not in _ACCEPTED:
            yield Fault("finess_key", _path(one), is_warning)


def _is_professional(number: str) -> bool:
    if number[:1] == "0":
        return check_adeli(number[1:]) in _ACCEPTED
    return number[:1] != "8" or check_rpps(number[1:]) is NumberVerdict.OK


def _path(element: Element) -> str:
    """Names from the root down, without namespaces."""
    names = [element.tag, *(parent.tag for parent in element.iterancestors())]
    return "/".join(str(name).rpartition("}")[2] for name in reversed(names[:-1]))


def _versions(document: CdaDocument) -> Iterator[Fault]:
    if document.set_id is None:
        yield Fault("set_id_missing", "setId")
    if document.version is None:
        yield Fault("version_missing", "versionNumber")
    elif document.version > 1 and document.replaces is None:
        yield Fault("replaces_nothing", "relatedDocument", is_warning=True)
    elif document.version == 1 and document.replaces is not None:
        yield Fault("version_not_raised", "versionNumber")
    if document.replaces == document.id:
        yield Fault("replaces_itself", "relatedDocument/parentDocument/id")


def _act(document: CdaDocument) -> Iterator[Fault]:
    if document.code.code not in (TLM_CR_CODE, TLM_DA_CODE):
        return
    path = "documentationOf/serviceEvent/code"
    if document.act is None:
        yield Fault("act_missing", path)
    elif document.act.system not in NGAP_SYSTEM.values():
        yield Fault("act_system", path)
    elif document.act.system == NGAP_SYSTEM[Volet.V2022] and document.act.code not in CODES_2022:
        yield Fault("act_code", path)


def _content(document: CdaDocument, pdf: bytes | None) -> Iterator[Fault]:
    path = "component/nonXMLBody/text"
    if document.content is None:
        return
    if UNSTRUCTURED not in document.templates:
        yield Fault("template_missing", "templateId")
    if document.media_type != "application/pdf" or not document.content.startswith(_PDF):
        yield Fault("content_not_pdf", path)
    elif _PDF_A not in document.content:
        yield Fault("pdf_a_not_claimed", path)
    if pdf is not None and pdf != document.content:
        yield Fault("pdf_differs", path)
