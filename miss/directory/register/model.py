"""What an import takes in and what it reports.  Values only."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from miss.directory.register.remarks import Findings, LineRemark


class Kind(StrEnum):
    """The national files; imported in this order."""

    REGISTER = "register"
    """PS_LibreAcces_Personne_activite."""
    SKILLS = "skills"
    """PS_LibreAcces_SavoirFaire: read together with the register."""
    QUALIFICATIONS = "qualifications"
    """PS_LibreAcces_Dipl_AutExerc."""
    MAILBOXES = "mailboxes"
    """Extraction_Correspondance_MSSante."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What an import changes, in entries."""

    new: int = 0
    changed: int = 0
    gone: int = 0
    unchanged: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What the import of one file did: counts of entries (persons, mailboxes, diplomas), and remarks on lines."""

    kind: Kind
    name: str = ""
    """The file's."""
    lines: int
    new: int
    changed: int
    gone: int
    """Entries that the file no longer has."""
    unchanged: int
    skipped: int
    """Lines that are right but not for this directory: mailboxes of organisations without a FINESS number, diplomas of
    people unknown."""
    rejected: tuple[LineRemark, ...]
    """Lines left out; the first `REPORTED_LINES` of `rejected_count`."""
    rejected_count: int
    doubtful: tuple[LineRemark, ...]
    """Lines taken with a doubt; the first `REPORTED_LINES` of `doubtful_count`."""
    doubtful_count: int

    @classmethod
    def compose(cls, kind: Kind, name: str, delta: Delta, findings: Findings) -> "ImportReport":
        """From what was counted and what was remarked."""
        return cls(
            kind=kind,
            name=name,
            lines=findings.lines,
            new=delta.new,
            changed=delta.changed,
            gone=delta.gone,
            unchanged=delta.unchanged,
            skipped=findings.skipped,
            rejected=findings.rejected.in_order(),
            rejected_count=findings.rejected.count,
            doubtful=findings.doubtful.in_order(),
            doubtful_count=findings.doubtful.count,
        )

    def to_json(self) -> dict[str, Any]:
        """For machines: remarks as objects of `line` and `reason`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come."""

    name: str
    lines: int
    read_bytes: int
    total_bytes: int
    """0: unknown."""


Tell = Callable[[Progress], None]
"""Told now and then."""
