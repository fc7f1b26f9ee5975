"""The files beside the register: skills (SavoirFaire), diplomas and authorisations (Dipl_AutExerc).  Pure.

Source: Annuaire Santé, PS_LibreAcces_SavoirFaire and PS_LibreAcces_Dipl_AutExerc.
"""

from collections.abc import Iterator
from typing import NamedTuple

from miss.directory.register.activities import IDENTIFIERS, SPECIALTY
from miss.directory.register.extraction import Extraction
from miss.directory.register.numbers import PersonNumbers
from miss.directory.register.remarks import LineRefused, Reason

SKILL_LABELS = (*IDENTIFIERS, *SPECIALTY)
DIPLOMA = "diploma"
AUTHORISATION = "authorisation"
QUALIFICATION_LABELS = (
    *IDENTIFIERS,
    *("Code type diplôme obtenu", "Libellé type diplôme obtenu", "Code diplôme obtenu", "Libellé diplôme obtenu"),
    *("Code type autorisation", "Libellé type autorisation"),
    *("Code discipline autorisation", "Libellé discipline autorisation"),
)


class SkillLine(NamedTuple):
    """One skill of a person, whatever the activity."""

    practitioner_id: str
    code: str
    label: str


class QualificationLine(NamedTuple):
    """A row of `register_qualification` to be."""

    practitioner_id: str
    kind: str
    type_code: str
    code: str
    type: str
    label: str


def read_skills(extraction: Extraction, *, is_test: bool = False) -> Iterator[SkillLine]:
    """Each skill; the same may come again.  Raises ExtractionUnreadable."""
    findings = extraction.findings
    numbers = PersonNumbers(findings, is_test=is_test)
    for number, (kind, identifier, national_id, code, label) in extraction.read(SKILL_LABELS):
        try:
            person = numbers.check(number, kind, identifier, national_id)
        except LineRefused as refusal:
            findings.rejected.add(number, refusal.reason)
            continue
        if code:
            yield SkillLine(person, code, label)
        else:
            findings.rejected.add(number, Reason.SKILL_MISSING)


def read_qualifications(extraction: Extraction, *, is_test: bool = False) -> Iterator[QualificationLine]:
    """Each diploma and each authorisation; the same may come again.  Raises ExtractionUnreadable."""
    findings = extraction.findings
    numbers = PersonNumbers(findings, is_test=is_test)
    for number, fields in extraction.read(QUALIFICATION_LABELS):
        try:
            person = numbers.check(number, *fields[:3])
        except LineRefused as refusal:
            findings.rejected.add(number, refusal.reason)
            continue
        diploma_type, diploma_type_label, diploma, diploma_label, *authorisation = fields[3:]
        if not (diploma or diploma_type or any(authorisation)):
            findings.rejected.add(number, Reason.QUALIFICATION_MISSING)
        if diploma or diploma_type:
            yield QualificationLine(person, DIPLOMA, diploma_type, diploma, diploma_type_label, diploma_label)
        if any(authorisation):
            type_code, type_label, code, label = authorisation
            yield QualificationLine(person, AUTHORISATION, type_code, code, type_label, label)
