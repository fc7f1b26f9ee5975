"""IHE_XDM.ZIP: the documents, their METADATA.XML, and the two files that people may open.

The same input gives the same bytes: names and dates inside the zip come from the submission, ebRIM identifiers from the
documents' own.  README.TXT and INDEX.HTM name nobody.

Source: IHE ITI TF volume 2 §3.32.4.1 (8.3 names, upper case), volume 3 §4.2.
"""

import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Final
from uuid import NAMESPACE_OID, uuid5

from lxml import etree

from miss.documents.letter import Letter
from miss.documents.nomenclatures.acts import Volet
from miss.documents.nomenclatures.model import Coded
from miss.documents.xdm import schemes
from miss.documents.xdm.entry import entry_of, entry_uuid
from miss.documents.xdm.model import DocumentEntry, Submission
from miss.documents.xml import Element, serialize, writable

SUBSET: Final = "IHE_XDM/SUBSET01"
_README = (
    "Archive IHE XDM.\r\n"
    "Le dossier IHE_XDM contient un document de sante au format CDA R2 et ses metadonnees.\r\n"
    "Ouvrez-le avec votre logiciel medical.\r\n"
)
_INDEX = (
    '<html xmlns="http://www.w3.org/1999/xhtml" lang="fr"><head><title>Archive IHE XDM</title></head><body>'
    "<p>Documents de cette archive :</p><ul>{links}</ul></body></html>\r\n"
)


def compose_archive(letter: Letter, cda: bytes, submission: Submission, volet: Volet = Volet.V2026) -> bytes:
    """The archive of one document.  Raises LetterIncomplete."""
    return pack([(entry_of(letter, cda, "DOC00001.XML", volet), cda)], submission)


def pack(documents: Sequence[tuple[DocumentEntry, bytes]], submission: Submission) -> bytes:
    """The archive of documents about one patient; each stands under its entry's `uri`."""
    links = "".join(f'<li><a href="{SUBSET}/{entry.uri}">{entry.uri}</a></li>' for entry, _ in documents)
    files = [
        ("README.TXT", _README.encode("ascii")),
        ("INDEX.HTM", _INDEX.format(links=links).encode("ascii")),
        (f"{SUBSET}/METADATA.XML", compose_metadata([entry for entry, _ in documents], submission)),
        *((f"{SUBSET}/{entry.uri}", content) for entry, content in documents),
    ]
    moment = submission.submitted_at.astimezone(UTC)
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            info = zipfile.ZipInfo(name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return packed.getvalue()


def compose_metadata(entries: Sequence[DocumentEntry], submission: Submission) -> bytes:
    """METADATA.XML: one RegistryPackage, an ExtrinsicObject and an Association for each document, and one more (RPLC)
    for each that replaces a former version."""
    package = _reference(submission.unique_id, "package")
    objects = [_package(entries, submission, package)]
    objects += [_document(entry) for entry in entries]
    objects += [_member(package, entry) for entry in entries]
    objects += [_replacement(entry) for entry in entries if entry.replaces]
    root = etree.Element(f"{{{schemes.LCM}}}SubmitObjectsRequest", nsmap={"lcm": schemes.LCM, None: schemes.RIM})
    root.append(_node("RegistryObjectList", *objects))
    return serialize(root)


def _package(entries: Sequence[DocumentEntry], submission: Submission, package: str) -> Element:
    first = entries[0]
    return _node(
        "RegistryPackage",
        _slot("submissionTime", _time(submission.submitted_at)),
        _name(submission.title or first.title),
        _node(
            "Classification", id=_reference(package, "node"), classifiedObject=package,
            classificationNode=schemes.SUBMISSION,
        ),
        _author(first, package, schemes.SUBMISSION_AUTHOR),
        _classified(package, schemes.CONTENT_TYPE, submission.content_type),
        _external(package, schemes.SUBMISSION_PATIENT, "XDSSubmissionSet.patientId", first.patient_id),
        _external(package, schemes.SUBMISSION_SOURCE, "XDSSubmissionSet.sourceId", submission.source_id),
        _external(package, schemes.SUBMISSION_ID, "XDSSubmissionSet.uniqueId", submission.unique_id),
        id=package, objectType=f"{schemes.OBJECT_TYPE}:RegistryPackage", status=schemes.APPROVED,
    )  # fmt: skip


def _document(entry: DocumentEntry) -> Element:
    own = entry_uuid(entry.unique_id)
    codes = (
        (schemes.CLASS, entry.class_),
        (schemes.CONFIDENTIALITY, entry.confidentiality),
        *((schemes.EVENT, act) for act in entry.acts),
        (schemes.FORMAT, entry.format),
        (schemes.FACILITY_TYPE, entry.facility_type),
        (schemes.PRACTICE_SETTING, entry.practice_setting),
        (schemes.TYPE, entry.type),
    )
    slots = (
        ("hash", (entry.hash,)),
        ("size", (str(entry.size_bytes),)),
        ("URI", (entry.uri,)),
        ("creationTime", (_time(entry.created_at),)),
        ("languageCode", (entry.language,)),
        ("legalAuthenticator", (entry.legal_authenticator,)),
        ("serviceStartTime", (_time(entry.service_start),)),
        ("sourcePatientId", (entry.patient_id,)),
        ("sourcePatientInfo", entry.patient_traits),
    )
    return _node(
        "ExtrinsicObject",
        *(_slot(name, *values) for name, values in slots),
        _name(entry.title),
        _author(entry, own, schemes.DOCUMENT_AUTHOR),
        *(_classified(own, scheme, coded) for scheme, coded in codes if coded is not None),
        _external(own, schemes.DOCUMENT_PATIENT, "XDSDocumentEntry.patientId", entry.patient_id),
        _external(own, schemes.DOCUMENT_ID, "XDSDocumentEntry.uniqueId", entry.unique_id),
        id=own, mimeType=entry.mime_type, objectType=schemes.DOCUMENT, status=schemes.APPROVED,
    )  # fmt: skip


def _member(package: str, entry: DocumentEntry) -> Element:
    document = entry_uuid(entry.unique_id)
    return _node(
        "Association", _slot("SubmissionSetStatus", "Original"), id=_reference(package + document, "member"),
        associationType=schemes.HAS_MEMBER, objectType=f"{schemes.OBJECT_TYPE}:Association", sourceObject=package,
        targetObject=document,
    )  # fmt: skip


def _replacement(entry: DocumentEntry) -> Element:
    """RPLC: a record that holds the former version marks it as replaced; one that does not files this one alone."""
    document = entry_uuid(entry.unique_id)
    return _node(
        "Association", id=_reference(document + entry.replaces, "replacement"), associationType=schemes.REPLACES,
        objectType=f"{schemes.OBJECT_TYPE}:Association", sourceObject=document, targetObject=entry.replaces,
    )  # fmt: skip


def _author(entry: DocumentEntry, owner: str, scheme: str) -> Element:
    """Without the slots that would be empty."""
    told = (
        ("authorInstitution", entry.author_institution),
        ("authorPerson", entry.author_person),
        ("authorSpecialty", entry.author_specialty),
    )
    return _node(
        "Classification", *(_slot(name, value) for name, value in told if value), id=_reference(owner, "author"),
        classificationScheme=scheme, classifiedObject=owner, nodeRepresentation="",
    )  # fmt: skip


def _classified(owner: str, scheme: str, coded: Coded) -> Element:
    return _node(
        "Classification", _slot("codingScheme", coded.system), _name(coded.label),
        id=_reference(owner, f"{scheme} {coded.code}"), classificationScheme=scheme, classifiedObject=owner,
        nodeRepresentation=coded.code, objectType=f"{schemes.OBJECT_TYPE}:Classification",
    )  # fmt: skip


def _external(owner: str, scheme: str, name: str, value: str) -> Element:
    return _node(
        "ExternalIdentifier", _name(name), id=_reference(owner, scheme), identificationScheme=scheme,
        registryObject=owner, value=value,
    )  # fmt: skip


def _slot(name: str, *values: str) -> Element:
    items = [_node("Value") for _ in values]
    for item, value in zip(items, values, strict=True):
        item.text = writable(value)
    return _node("Slot", _node("ValueList", *items), name=name)


def _name(text: str) -> Element:
    return _node("Name", _node("LocalizedString", value=text))


def _node(tag: str, *children: Element, **attributes: str) -> Element:
    written = {key: writable(value) for key, value in attributes.items()}
    element = etree.Element(f"{{{schemes.RIM}}}{tag}", written, nsmap={None: schemes.RIM})
    element.extend(children)
    return element


def _reference(owner: str, role: str) -> str:
    """The ebRIM identifier of an object: the same for the same document."""
    return f"urn:uuid:{uuid5(NAMESPACE_OID, f'{owner} {role}')}"


def _time(moment: datetime | None) -> str:
    """DTM in UTC to the second."""
    return f"{moment.astimezone(UTC):%Y%m%d%H%M%S}" if moment is not None else ""
