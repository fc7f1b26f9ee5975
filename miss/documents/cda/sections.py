"""The structured body of a request: history as narrative, treatments as entries that point to it.

Nothing is coded that was told as text: a medicine keeps its name, its code is null (`UNK`).

Source: ANS CI-SIS, volet TLM-DA; sections FR-Anamnese-et-facteurs-de-risques, FR-Anamnese, FR-Traitements (IHE PCC).
"""

from typing import Final

from lxml import etree

from miss.documents.cda.model import XSI
from miss.documents.cda.nodes import UNKNOWN, code, identifier, node
from miss.documents.letter import Letter, Section
from miss.documents.nomenclatures.kinds import LOINC
from miss.documents.nomenclatures.model import Coded
from miss.documents.xml import Element, writable

HISTORY_AND_RISKS: Final = "1.2.250.1.213.1.1.2.68"
HISTORY: Final = "1.2.250.1.213.1.1.2.69"
TREATMENTS: Final = ("2.16.840.1.113883.10.20.1.8", "1.3.6.1.4.1.19376.1.5.3.1.3.19", "1.2.250.1.213.1.1.2.143")
TREATMENT: Final = (
    "2.16.840.1.113883.10.20.1.24",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7",
    "1.2.250.1.213.1.1.3.42",
    "1.3.6.1.4.1.19376.1.5.3.1.4.7.1",
)
PRODUCT: Final = ("2.16.840.1.113883.10.20.1.53", "1.3.6.1.4.1.19376.1.5.3.1.4.7.2", "1.2.250.1.213.1.1.3.43")
NOT_TOLD: Final = "Traitements en cours : non précisés dans la demande"


def body(letter: Letter) -> Element:
    """`structuredBody`: both mandatory sections.  Ids are numbered under the document's own OID."""
    own = f"{letter.set_id}.{letter.version}"
    history = _section(
        f"{own}.2", (HISTORY,), Coded("34117-2", LOINC, "Historique et physique"), "Anamnèse", _told(letter.sections)
    )
    risks = _section(
        f"{own}.1",
        (HISTORY_AND_RISKS,),
        Coded("46612-8", LOINC, "Conclusions de synthèse"),
        "Anamnèse et facteurs de risques",
        None,
        node("component", history),
    )
    lines = [line for line in letter.treatments if line.strip()] or [NOT_TOLD]
    entries = [_treatment(f"{own}.3.{rank}", rank, line) for rank, line in enumerate(lines, start=1)]
    medication = _section(
        f"{own}.3", TREATMENTS, Coded("10160-0", LOINC, "Traitements"), "Traitements", _listed(lines), *entries
    )
    return node("structuredBody", node("component", risks), node("component", medication))


def _section(
    own_id: str, templates: tuple[str, ...], kind: Coded, title: str, text: Element | None, *parts: Element
) -> Element:
    return node(
        "section",
        *(node("templateId", root=template) for template in templates),
        identifier(own_id),
        code("code", kind, "LOINC"),
        node("title", text=title),
        text,
        *parts,
    )


def _told(told: tuple[Section, ...]) -> Element:
    """The letter's sections: a caption and paragraphs each, line breaks kept."""
    paragraphs = []
    for section in told:
        heading = [node("content", text=section.heading, styleCode="Bold")] if section.heading.strip() else []
        paragraphs += [node("paragraph", *heading)] if heading else []
        paragraphs += [_paragraph(text) for text in section.paragraphs if text.strip()]
    return node("text", *(paragraphs or [node("paragraph", text="Non précisé")]))


def _paragraph(text: str) -> Element:
    first, *rest = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    paragraph = node("paragraph", text=first)
    for line in rest:
        broken = node("br")
        broken.tail = writable(line)
        paragraph.append(broken)
    return paragraph


def _listed(lines: list[str]) -> Element:
    items = [node("item", node("content", text=line, ID=f"TRT-{rank}")) for rank, line in enumerate(lines, start=1)]
    return node("text", node("list", *items))


def _treatment(own_id: str, rank: int, line: str) -> Element:
    """One line of treatment, by its name; no dose or date is read out of it."""
    original = node("originalText", node("reference", value=f"#TRT-{rank}"))
    product = node(
        "manufacturedProduct",
        *(node("templateId", root=template) for template in PRODUCT),
        node("manufacturedMaterial", node("code", original, nullFlavor=UNKNOWN), node("name", text=line)),
    )
    administration = node(
        "substanceAdministration",
        *(node("templateId", root=template) for template in TREATMENT),
        identifier(own_id),
        node("text", node("reference", value=f"#TRT-{rank}")),
        node("statusCode", code="completed"),
        _unknown_period(),
        node("consumable", product),
        classCode="SBADM",
        moodCode="EVN",
    )
    return node("entry", administration, typeCode="DRIV")


def _unknown_period() -> Element:
    period = node("effectiveTime", node("low", nullFlavor=UNKNOWN), node("high", nullFlavor=UNKNOWN))
    period.set(etree.QName(XSI, "type"), "IVL_TS")
    return period
