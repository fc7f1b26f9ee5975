"""A letter as a CDA R2 document: the answer as TLM-CR (level 1, a PDF inside), the request as TLM-DA (level 3).

The same letter and PDF give the same bytes.  A version that annuls another has its own id under the same `setId`, the
next `versionNumber`, and names the former (`RPLC`).  What a letter does not hold is not made up: it is refused by name.

Source: ANS CI-SIS, volets TLM-DA and TLM-CR 2022.01 and 2026.01, structuration minimale; IHE XDS-SD.
"""

import base64
from dataclasses import replace
from typing import Final

from miss.documents.cda import parties, sections
from miss.documents.cda.errors import ActRefused, CdaContentRefused
from miss.documents.cda.model import (
    ACT_CODE,
    CI_SIS,
    CONFIDENTIALITY,
    HL7_FRANCE,
    TLM_DA_TEMPLATE,
    UNSTRUCTURED,
)
from miss.documents.cda.nodes import code, identifier, instant, node, since
from miss.documents.errors import LetterIncomplete
from miss.documents.letter import Letter
from miss.documents.nomenclatures.acts import CODES_2022, Volet, act_for
from miss.documents.nomenclatures.kinds import TLM_CR, TLM_DA, Kind
from miss.documents.nomenclatures.model import Coded
from miss.documents.xml import Element, serialize

PDF_MARK: Final = b"%PDF-"
NORMAL: Final = Coded("N", CONFIDENTIALITY, "Normal")
VIRTUAL: Final = Coded("VR", ACT_CODE, "Virtuelle")


def compose_report(letter: Letter, pdf: bytes, volet: Volet = Volet.V2026) -> bytes:
    """The answer: TLM-CR around `pdf`, the same bytes as travel beside it.

    Raises LetterIncomplete naming what a document needs and the letter lacks, CdaContentRefused for what is no PDF,
    ActRefused for an act outside of the volet.
    """
    if not pdf.startswith(PDF_MARK):
        raise CdaContentRefused()
    body = node(
        "nonXMLBody",
        node("text", text=base64.b64encode(pdf).decode(), mediaType="application/pdf", representation="B64"),
    )
    return serialize(_document(letter, volet, TLM_CR, [identifier_of(UNSTRUCTURED)], body))


def compose_request(letter: Letter, volet: Volet = Volet.V2026) -> bytes:
    """The request: TLM-DA, with the letter's sections as the history and its `treatments` as the medication.

    Raises LetterIncomplete and ActRefused as `compose_report`.
    """
    template = node("templateId", root=TLM_DA_TEMPLATE, extension=volet.value)
    return serialize(_document(letter, volet, TLM_DA, [template], sections.body(letter)))


def version_id(letter: Letter) -> str:
    """The OID of this version of the letter.  Raises LetterIncomplete without `set_id`."""
    if not letter.set_id:
        raise LetterIncomplete(field="set_id")
    return f"{letter.set_id}.{letter.version}"


def former_id(letter: Letter) -> str:
    """The OID of the version that this one annuls.  Raises LetterIncomplete as `version_id`, and for a first one."""
    if letter.version == 1:
        raise LetterIncomplete(field="version")
    return version_id(replace(letter, version=letter.version - 1))


def identifier_of(template: str) -> Element:
    """A `templateId` without extension."""
    return node("templateId", root=template)


def _document(letter: Letter, volet: Volet, kind: Kind, templates: list[Element], body: Element) -> Element:
    parties.require_sender(letter.sender)
    if letter.code != kind.type.code:
        raise LetterIncomplete(field="code")
    if letter.written_at is None or letter.began_at is None:
        raise LetterIncomplete(field="written_at")
    signed_at = letter.written_at
    return node(
        "ClinicalDocument",
        node("realmCode", code="FR"),
        node("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        identifier_of(HL7_FRANCE),
        identifier_of(CI_SIS),
        *templates,
        identifier(version_id(letter)),
        code("code", kind.type, "LOINC"),
        node("title", text=letter.title),
        instant("effectiveTime", signed_at),
        code("confidentialityCode", NORMAL),
        node("languageCode", code="fr-FR"),
        node("setId", root=letter.set_id),
        node("versionNumber", value=str(letter.version)),
        parties.patient(letter),
        parties.author(letter, instant("time", signed_at)),
        parties.custodian(letter.sender),
        parties.recipient(letter.recipient),
        node(
            "legalAuthenticator",
            instant("time", signed_at),
            node("signatureCode", code="S"),
            parties.entity(letter.sender),
        ),
        _documented_act(letter, volet),
        _replaced(letter),
        node(
            "componentOf",
            node("encompassingEncounter", code("code", VIRTUAL), since(letter.began_at), parties.place(letter.sender)),
        ),
        node("component", body),
    )


def _documented_act(letter: Letter, volet: Volet) -> Element:
    """`documentationOf`: who did what, since when."""
    act = act_for(letter.code, letter.act, volet)
    if volet is Volet.V2022 and act.code not in CODES_2022:
        raise ActRefused(act=act.code, volet=volet.value)
    began_at = letter.began_at
    if began_at is None:
        raise LetterIncomplete(field="written_at")
    performer = node("performer", parties.entity(letter.sender), typeCode="PRF")
    event = node("serviceEvent", code("code", act, "NGAP"), since(began_at), performer, classCode="ACT")
    return node("documentationOf", event)


def _replaced(letter: Letter) -> Element | None:
    """`relatedDocument`: the version that this one annuls."""
    if letter.version == 1:
        return None
    former = node(
        "parentDocument",
        identifier(former_id(letter)),
        node("setId", root=letter.set_id),
        node("versionNumber", value=str(letter.version - 1)),
    )
    return node("relatedDocument", former, typeCode="RPLC")
