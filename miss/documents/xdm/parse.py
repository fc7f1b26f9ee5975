"""IHE_XDM.ZIP read, whoever wrote it: documents by the URI of their metadata, with everything assumed reported.

Names are matched in any case, several SUBSETs are read, files are looked for by hash where the URI names none.  Hash,
size, uniqueId and patient are verified against the document itself.

Source: IHE ITI TF volume 2 §3.32; MSSanté ECO.2.1.1 (one patient per mail).
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from posixpath import dirname, normpath
from urllib.parse import unquote

from miss.base.errors import BadInput
from miss.documents.cda.model import CdaDocument
from miss.documents.cda.parse import parse_cda
from miss.documents.xdm.errors import ArchiveRefused
from miss.documents.xdm.metadata import parse_metadata
from miss.documents.xdm.model import DocumentEntry, Finding, FindingKind, ReceivedDocument, XdmArchive
from miss.documents.xdm.unpack import unpack

_METADATA = "metadata.xml"
_XML = ("text/xml", "application/xml", "application/hl7-v3+xml", "")
_CX = re.compile(r"([^^]*)\^\^\^(?:[^&^]*)&([^&^]*)&ISO")


def parse_archive(data: bytes) -> XdmArchive:
    """Documents and findings.  Raises ArchiveRefused, and XmlRefused or MetadataRefused for its METADATA.XML."""
    files = unpack(data)
    subsets = sorted(path for path in files if path.rpartition("/")[2].lower() == _METADATA)
    if not subsets:
        raise ArchiveRefused(reason="no_metadata")
    documents: list[ReceivedDocument] = []
    findings: list[Finding] = []
    for metadata in subsets:
        folder = dirname(metadata)
        inside = {path: content for path, content in files.items() if dirname(path) == folder and path != metadata}
        taken: set[str] = set()
        for entry in parse_metadata(files[metadata]):
            path, assumed = _find(entry, folder, files, inside)
            if assumed is not None:
                findings.append(Finding(assumed, path))
            if assumed is not FindingKind.FILE_MISSING:
                taken.add(path)
                documents.append(ReceivedDocument(path=path, entry=entry, content=files[path]))
        findings += [Finding(FindingKind.NOT_LISTED, path) for path in sorted(inside.keys() - taken)]
    findings += [finding for document in documents for finding in _verify(document)]
    if len({_patient_of(document.entry) for document in documents}) > 1:
        findings.append(Finding(FindingKind.SEVERAL_PATIENTS, subsets[0]))
    return XdmArchive(documents=tuple(documents), findings=tuple(findings))


def _find(
    entry: DocumentEntry, folder: str, files: Mapping[str, bytes], inside: Mapping[str, bytes]
) -> tuple[str, FindingKind | None]:
    """Where the document is, and what had to be assumed to find it."""
    uri = unquote(entry.uri).replace("\\", "/")
    wanted = normpath(f"{folder}/{uri}" if folder else uri)
    if uri and wanted in files:
        return wanted, None
    for path in files:
        if uri and path.lower() == wanted.lower():
            return path, FindingKind.NAME_CASE
    for path, content in inside.items():
        if entry.hash and _sha1(content) == entry.hash:
            return path, FindingKind.BY_HASH
    if len(inside) == 1:
        return next(iter(inside)), FindingKind.ONLY_FILE
    return wanted, FindingKind.FILE_MISSING


def _verify(document: ReceivedDocument) -> Iterator[Finding]:
    entry, path = document.entry, document.path
    if entry.hash and _sha1(document.content) != entry.hash:
        yield Finding(FindingKind.HASH_DIFFERS, path)
    if entry.size_bytes is not None and entry.size_bytes != len(document.content):
        yield Finding(FindingKind.SIZE_DIFFERS, path)
    if entry.mime_type not in _XML:
        return
    try:
        cda = parse_cda(document.content)
    except BadInput:
        yield Finding(FindingKind.NOT_READABLE, path)
        return
    yield from _compare(entry, cda, path)


def _compare(entry: DocumentEntry, cda: CdaDocument, path: str) -> Iterator[Finding]:
    own = f"{cda.id.root}^{cda.id.extension}" if cda.id.extension else cda.id.root
    if entry.unique_id and entry.unique_id != own:
        yield Finding(FindingKind.ID_DIFFERS, path)
    told = _patient_of(entry)
    if told[0] and told not in [(one.extension, one.root) for one in cda.patient.identifiers]:
        yield Finding(FindingKind.PATIENT_DIFFERS, path)
    if cda.replaces is not None and not entry.replaces:
        yield Finding(FindingKind.REPLACEMENT_NOT_SAID, path)


def _patient_of(entry: DocumentEntry) -> Sequence[str]:
    """Number and OID of a CX."""
    form = _CX.match(entry.patient_id)
    return (form[1], form[2]) if form else (entry.patient_id, "")


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()
