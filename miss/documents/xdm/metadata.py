"""METADATA.XML read: an entry for each document, whoever wrote it.

Elements are found by their local names, so that ebRIM 2.1 and odd prefixes read too.  Absent attributes are empty.
"""

from datetime import UTC, datetime
from typing import Final

from miss.documents.nomenclatures.model import Coded
from miss.documents.xdm import schemes
from miss.documents.xdm.errors import MetadataRefused
from miss.documents.xdm.model import DocumentEntry
from miss.documents.xml import Element, parse_xml

MAX_METADATA_BYTES: Final = 2 * 1024 * 1024
MAX_DOCUMENTS: Final = 100
_TIME_FORMS: Final = {14: "%Y%m%d%H%M%S", 12: "%Y%m%d%H%M", 10: "%Y%m%d%H", 8: "%Y%m%d"}


def parse_metadata(data: bytes) -> tuple[DocumentEntry, ...]:
    """The documents that the metadata describe, `MAX_DOCUMENTS` at most.  Raises XmlRefused, MetadataRefused."""
    root = parse_xml(data, max_bytes=MAX_METADATA_BYTES)
    replaced = {
        one.get("sourceObject", ""): one.get("targetObject", "")
        for one in root.iter("{*}Association")
        if one.get("associationType", "").endswith(":RPLC")
    }
    found = [_entry(one, replaced.get(one.get("id", ""), "")) for one in root.iter("{*}ExtrinsicObject")]
    if not found:
        raise MetadataRefused(field="ExtrinsicObject")
    if len(found) > MAX_DOCUMENTS:
        raise MetadataRefused(field="ExtrinsicObject")
    return tuple(found)


def _entry(one: Element, replaces: str) -> DocumentEntry:
    slots = _slots(one)
    classified = {key.get("classificationScheme", ""): key for key in one.findall("{*}Classification")}
    author = classified.get(schemes.DOCUMENT_AUTHOR)
    by = _slots(author) if author is not None else {}
    numbers = {
        key.get("identificationScheme", ""): key.get("value", "") for key in one.findall("{*}ExternalIdentifier")
    }
    events = [key for key in one.findall("{*}Classification") if key.get("classificationScheme") == schemes.EVENT]
    size = _first(slots, "size")
    return DocumentEntry(
        unique_id=numbers.get(schemes.DOCUMENT_ID, ""),
        title=_label(one),
        type=_coded(classified.get(schemes.TYPE)),
        class_=_coded(classified.get(schemes.CLASS)),
        format=_coded(classified.get(schemes.FORMAT)),
        confidentiality=_coded(classified.get(schemes.CONFIDENTIALITY)),
        facility_type=_coded(classified.get(schemes.FACILITY_TYPE)),
        practice_setting=_coded(classified.get(schemes.PRACTICE_SETTING)),
        acts=tuple(act for act in map(_coded, events) if act is not None),
        mime_type=one.get("mimeType", ""),
        language=_first(slots, "languageCode"),
        created_at=_time(_first(slots, "creationTime")),
        service_start=_time(_first(slots, "serviceStartTime")),
        patient_id=numbers.get(schemes.DOCUMENT_PATIENT) or _first(slots, "sourcePatientId"),
        patient_traits=slots.get("sourcePatientInfo", ()),
        author_person=_first(by, "authorPerson"),
        author_institution=_first(by, "authorInstitution"),
        author_specialty=_first(by, "authorSpecialty"),
        legal_authenticator=_first(slots, "legalAuthenticator"),
        hash=_first(slots, "hash").lower(),
        size_bytes=int(size) if size.isascii() and size.isdigit() and len(size) < 12 else None,
        uri=_first(slots, "URI"),
        replaces=replaces,
    )


def _slots(owner: Element) -> dict[str, tuple[str, ...]]:
    return {
        slot.get("name", ""): tuple((value.text or "").strip() for value in slot.iterfind("{*}ValueList/{*}Value"))
        for slot in owner.findall("{*}Slot")
    }


def _first(slots: dict[str, tuple[str, ...]], name: str) -> str:
    return next(iter(slots.get(name, ())), "")


def _label(owner: Element) -> str:
    written = owner.find("{*}Name/{*}LocalizedString")
    return written.get("value", "") if written is not None else ""


def _coded(key: Element | None) -> Coded | None:
    if key is None or not key.get("nodeRepresentation"):
        return None
    return Coded(key.get("nodeRepresentation", ""), _first(_slots(key), "codingScheme"), _label(key))


def _time(text: str) -> datetime | None:
    """DTM, always UTC; None where it is none."""
    form = _TIME_FORMS.get(len(text))
    if form is None or not (text.isascii() and text.isdigit()):
        return None
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC)
    except ValueError:
        return None
