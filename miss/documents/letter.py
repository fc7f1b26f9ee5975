"""The neutral letter: what is said, to whom, about whom, before any format is chosen.

An answer to a request for advice is one; so is any text mail about a patient.  `hprim` (and later CDA and PDF) write
the same letter in their own forms.  A letter does not know how it is sent.
"""

from dataclasses import dataclass
from datetime import date

from miss.documents.errors import LetterIncomplete
from miss.documents.identities import PatientIdentity, Rpps

TLM_CR_CODE = "85208-7"
"""LOINC: « Compte rendu de télémédecine », the answer to a request for advice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who writes a letter or receives it."""

    display_name: str
    """As a person reads it: `CH Fictif - Dr MODELE Anne`."""
    code: str = ""
    """A short code agreed between systems, at most 10 characters; empty if there is none.  Not an RPPS number."""
    rpps: Rpps | None = None
    organization: str = ""


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

    def __post_init__(self) -> None:
        """Raises LetterIncomplete naming the missing field."""
        for field in ("code", "number", "title"):
            if not getattr(self, field).strip():
                raise LetterIncomplete(field=field)
        for field in ("sender", "recipient"):
            if not getattr(self, field).display_name.strip():
                raise LetterIncomplete(field=f"{field}.display_name")


def document_id(number: str, version: int) -> str:
    """What one version of a letter is called: `TE26000417.2`."""
    return f"{number}.{version}"


def letter_text(letter: Letter) -> str:
    """The letter's body as plain text: lines separated by `\\n`, one blank line between blocks, no header.

    Blocks: title with references, each section, closing.  Lines are not wrapped; trailing spaces are removed.
    """
    blocks = [
        (letter.title, *letter.references),
        *((section.heading, *section.paragraphs) for section in letter.sections),
        letter.closing,
    ]
    texts = ["\n".join(part for part in block if part.strip()) for block in blocks]
    unbroken = "\n\n".join(text for text in texts if text)
    lines = unbroken.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")
