"""The neutral letter: what is said, to whom, about whom, before any format is chosen.

An answer to a request for advice is one; so is any text mail about a patient.  `hprim` (and later CDA and PDF) write
the same letter in their own forms.  A letter does not know how it is sent.
"""

from dataclasses import dataclass
from datetime import date, datetime

from miss.documents.errors import LetterIncomplete
from miss.documents.identities import Finess, PatientIdentity, Rpps
from miss.documents.nomenclatures.kinds import TLM_CR, TLM_DA
from miss.documents.nomenclatures.model import Coded

TLM_CR_CODE = TLM_CR.type.code
"""LOINC: « Compte rendu de télémédecine », the answer to a request for advice."""
TLM_DA_CODE = TLM_DA.type.code
"""LOINC: « Demande d'acte de télémédecine », the request itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who writes a letter or receives it.

    Text formats need `display_name` alone; what follows `organization` is for structured documents (CDA, XDM), which
    say what they miss.
    """

    display_name: str
    """As a person reads it: `CH Fictif - Dr MODELE Anne`."""
    code: str = ""
    """A short code agreed between systems, at most 10 characters; empty if there is none.  Not an RPPS number."""
    rpps: Rpps | None = None
    organization: str = ""
    """Name of the establishment or practice."""
    family_name: str = ""
    given_name: str = ""
    civility: str = ""
    """`M` or `MME` (TRE_R81)."""
    title: str = ""
    """`DR` or `PR` (TRE_R11)."""
    specialty: Coded | None = None
    """Profession and specialty together (JDV_J01), `nomenclatures.professions`."""
    insurance_number: str = ""
    """« N° AM »: the number under which the health insurance knows a practice; 9 digits."""
    finess: Finess | None = None
    """Of the establishment, on its site."""
    siret: str = ""
    """Of a practice that has no FINESS number; 14 digits."""
    practice_setting: Coded | None = None
    """Where the act takes place: `AMBULATOIRE`, `ETABLISSEMENT`… (JDV_J04), `nomenclatures.structures`."""
    facility_type: Coded | None = None
    """Sector of the establishment: `SA01`, `SA07`… (JDV_J02), `nomenclatures.structures`."""
    address_lines: tuple[str, ...] = ()
    """Street lines of the organization; `postcode` and `town` apart."""
    postcode: str = ""
    town: str = ""
    phone: str = ""
    mailbox: str = ""
    """Secure mail address."""


@dataclass(frozen=True, slots=True, repr=False)
class Section:
    """A heading (may be empty) and its paragraphs; a paragraph may hold line breaks (`\\n`)."""

    heading: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Letter:
    """One document about one patient.  Not shown by `repr`: it would reach the logs."""

    code: str
    """Type of document (LOINC)."""
    number: str
    """The dossier's number, the same in every letter of a request: `TE26000417`."""
    patient: PatientIdentity
    document_date: date
    sender: Party
    recipient: Party
    title: str
    references: tuple[str, ...] = ()
    """Lines under the title: what this letter answers, its dates, who asked and who answers."""
    sections: tuple[Section, ...] = ()
    closing: tuple[str, ...] = ()
    """Paragraphs after the last section."""
    version: int = 1
    """Versions of one letter bear the same number and follow one another (CDA `setId`, `versionNumber`)."""
    replaces: str = ""
    """`document_id` of the version that this one annuls (CDA `relatedDocument`, RPLC); empty for a first letter."""
    set_id: str = ""
    """The OID that all versions share (CDA `setId`); a version's own OID is this one with `.version` after it."""
    written_at: datetime | None = None
    """Aware: when its author took responsibility for it.  Structured documents need it."""
    service_start: datetime | None = None
    """Aware: when the documented act began; None: with the writing."""
    act: Coded | None = None
    """Act of the NGAP; None: the one that goes with the type of document."""
    treatments: tuple[str, ...] = ()
    """In a request: what the patient takes, a line each, as it was told; empty: not told."""

    def __post_init__(self) -> None:
        """Raises LetterIncomplete naming the missing field, ValueError for an instant without a zone."""
        for field in ("code", "number", "title"):
            if not getattr(self, field).strip():
                raise LetterIncomplete(field=field)
        for field in ("sender", "recipient"):
            if not getattr(self, field).display_name.strip():
                raise LetterIncomplete(field=f"{field}.display_name")
        for field in ("written_at", "service_start"):
            instant = getattr(self, field)
            if instant is not None and instant.tzinfo is None:
                raise ValueError(f"{field} has no time zone")

    @property
    def began_at(self) -> datetime | None:
        """When the documented act began."""
        return self.service_start or self.written_at


def document_id(number: str, version: int) -> str:
    """What one version of a letter is called: `TE26000417.2`."""
    return f"{number}.{version}"


def letter_text(letter: Letter) -> str:
    """The letter's body as plain text: lines separated by `\\n`, one blank line between blocks, no header.

    Blocks: title with references, each section, treatments, closing.  Lines are not wrapped; trailing spaces are
    removed.
    """
    blocks = [
        (letter.title, *letter.references),
        *((section.heading, *section.paragraphs) for section in letter.sections),
        ("Traitements en cours", *letter.treatments) if letter.treatments else (),
        letter.closing,
    ]
    texts = ["\n".join(part for part in block if part.strip()) for block in blocks]
    unbroken = "\n\n".join(text for text in texts if text)
    lines = unbroken.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")
