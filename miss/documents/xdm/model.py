"""One archive: a submission, its documents with their metadata, and what was found in reading.

Source: IHE ITI TF volume 3 §4.2.3 (attributes), volume 2 §3.32 (media); MSSanté référentiel socle 2, ECO.2.1.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from miss.documents.nomenclatures.model import Coded

OUTPATIENT: Final = Coded("07", "1.2.250.1.213.2.2", "Consultation")
"""contentTypeCode of an act without a stay (JDV_J59, TRE_R209)."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class DocumentEntry:
    """XDS DocumentEntry.  Empty or None: not told.  Not shown by `repr`: it holds identities."""

    unique_id: str
    """OID, or OID`^`extension."""
    title: str = ""
    type: Coded | None = None
    class_: Coded | None = None
    format: Coded | None = None
    confidentiality: Coded | None = None
    facility_type: Coded | None = None
    practice_setting: Coded | None = None
    acts: tuple[Coded, ...] = ()
    """eventCodeList."""
    mime_type: str = "text/xml"
    language: str = "fr-FR"
    created_at: datetime | None = None
    service_start: datetime | None = None
    patient_id: str = ""
    """CX: `185075918304224^^^&1.2.250.1.213.1.4.10&ISO^NH`."""
    patient_traits: tuple[str, ...] = ()
    """sourcePatientInfo: `PID-5|…`, `PID-7|…`, `PID-8|…`."""
    author_person: str = ""
    """XCN."""
    author_institution: str = ""
    """XON."""
    author_specialty: str = ""
    """`code^label^OID`."""
    legal_authenticator: str = ""
    hash: str = ""
    """SHA-1 of the file, in hexadecimal: what XDS asks for, no protection."""
    size_bytes: int | None = None
    uri: str = ""
    """Of the file, from the folder of its METADATA.XML."""
    replaces: str = ""
    """`entryUUID` of the entry that this one replaces (RPLC): `entry_uuid` of ours; empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """XDS SubmissionSet: who hands the documents over, and when."""

    unique_id: str
    source_id: str
    """OID of the organization that submits."""
    submitted_at: datetime
    """Aware."""
    title: str = ""
    content_type: Coded = OUTPATIENT


class FindingKind(StrEnum):
    """What the reading had to assume, or found wrong (`is_fault`)."""

    NAME_CASE = "name_case"
    """A file was found under its name in other capitals."""
    BY_HASH = "by_hash"
    """A file was found by its hash: its URI named none."""
    ONLY_FILE = "only_file"
    """The one document of the folder was taken: neither URI nor hash named it."""
    NOT_LISTED = "not_listed"
    """A file stands in the folder that no metadata name; it was left aside."""
    FILE_MISSING = "file_missing"
    HASH_DIFFERS = "hash_differs"
    SIZE_DIFFERS = "size_differs"
    ID_DIFFERS = "id_differs"
    """The document's own id is not the metadata's uniqueId."""
    PATIENT_DIFFERS = "patient_differs"
    SEVERAL_PATIENTS = "several_patients"
    REPLACEMENT_NOT_SAID = "replacement_not_said"
    """The document says that it replaces another; the metadata have no association of it."""
    NOT_READABLE = "not_readable"
    """The document is no CDA that is read here."""

    @property
    def is_fault(self) -> bool:
        return self not in _ASSUMED


_ASSUMED: Final = frozenset(
    {
        FindingKind.NAME_CASE,
        FindingKind.BY_HASH,
        FindingKind.ONLY_FILE,
        FindingKind.NOT_LISTED,
        FindingKind.REPLACEMENT_NOT_SAID,
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding, and the file of the archive it is about."""

    kind: FindingKind
    path: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReceivedDocument:
    """One document of an archive."""

    path: str
    entry: DocumentEntry
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class XdmArchive:
    """What an archive held."""

    documents: tuple[ReceivedDocument, ...]
    findings: tuple[Finding, ...]

    @property
    def is_sound(self) -> bool:
        """No finding is a fault."""
        return not any(finding.kind.is_fault for finding in self.findings)
