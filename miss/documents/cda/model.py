"""What a CDA document says, ours or another's: values of its header, its PDF or its texts.

A foreign document is shown as it stands: nothing here judges a key or a code (`check` does).

Source: HL7 CDA R2; ANS CI-SIS, structuration minimale des documents de santé, volets TLM-DA and TLM-CR.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from miss.documents.identities import InsOid
from miss.documents.letter import Party, Section
from miss.documents.nomenclatures.model import Coded

NAMESPACE: Final = "urn:hl7-org:v3"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

HL7_FRANCE: Final = "2.16.840.1.113883.2.8.2.1"
CI_SIS: Final = "1.2.250.1.213.1.1.1.1"
UNSTRUCTURED: Final = "1.3.6.1.4.1.19376.1.2.20"
TLM_DA_TEMPLATE: Final = "1.2.250.1.213.1.1.1.38"
INSURANCE_NUMBER: Final = "1.2.250.1.215.300.5"
"""OID of « N° AM »."""
CONFIDENTIALITY: Final = "2.16.840.1.113883.5.25"
GENDER: Final = "2.16.840.1.113883.5.1"
ACT_CODE: Final = "2.16.840.1.113883.5.4"


@dataclass(frozen=True, slots=True, repr=False)
class Identifier:
    """HL7 II: an OID or UUID, alone or with what it numbers.  Not shown by `repr`: it may be a matricule."""

    root: str
    extension: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CdaPatient:
    """`recordTarget`, as written.  Not shown by `repr`."""

    identifiers: tuple[Identifier, ...] = ()
    birth_family_name: str = ""
    birth_given_names: str = ""
    """All of them in one text, as the register of births has them."""
    first_given_name: str = ""
    used_family_name: str = ""
    used_given_name: str = ""
    sex: str = ""
    birth_date: date | None = None
    birth_place_code: str = ""
    address_lines: tuple[str, ...] = ()
    postcode: str = ""
    town: str = ""

    @property
    def ins(self) -> Identifier | None:
        """The identifier whose OID announces an INS."""
        return next((one for one in self.identifiers if one.root in set(InsOid)), None)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CdaDocument:
    """One document.  Not shown by `repr`: it would reach the logs."""

    templates: tuple[str, ...]
    """OIDs, each with its extension after a colon if it has one: `1.2.250.1.213.1.1.1.38:2026.01`."""
    id: Identifier
    set_id: Identifier | None
    version: int | None
    replaces: Identifier | None
    """The version that this one annuls (`relatedDocument`, RPLC)."""
    code: Coded
    title: str
    written_at: datetime | None
    confidentiality: str
    patient: CdaPatient
    author: Party
    signer: Party | None
    """Who answers for it (`legalAuthenticator`)."""
    recipients: tuple[Party, ...]
    custodian: str
    act: Coded | None
    service_start: datetime | None
    facility_type: Coded | None
    media_type: str
    """Of the enclosed file; empty for a structured body."""
    content: bytes | None
    """The enclosed file, a PDF in the French profiles; None for a structured body."""
    sections: tuple[Section, ...] = ()
    """Titles and narrative texts of a structured body, in reading order, sub-sections after their section."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a document: a name for the log and the tests, and where it stands.  Holds no value."""

    code: str
    path: str
    """Element names from the root: `recordTarget/patientRole/id`."""
    is_warning: bool = False
