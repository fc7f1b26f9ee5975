"""An import of the national files, as the operator sees it.  Values only."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from miss.directory.register.model import ImportReport


@dataclass(frozen=True, slots=True)
class Summary:
    """One file's report, in counts."""

    kind: str
    name: str
    lines: int
    new: int
    changed: int
    gone: int
    unchanged: int
    skipped: int
    rejected: int
    doubtful: int

    @classmethod
    def of(cls, report: ImportReport) -> "Summary":
        """What is kept of a report: its counts, without the lines it names."""
        return cls(
            kind=report.kind.value,
            name=report.name,
            lines=report.lines,
            new=report.new,
            changed=report.changed,
            gone=report.gone,
            unchanged=report.unchanged,
            skipped=report.skipped,
            rejected=report.rejected_count,
            doubtful=report.doubtful_count,
        )

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One import: under way while it has no end."""

    id: str
    started_at: datetime
    names: tuple[str, ...]
    ended_at: datetime | None = None
    lines: int = 0
    """Read so far."""
    refusal: str = ""
    """Why nothing was taken; empty: it was, or is being, taken."""
    summaries: tuple[Summary, ...] = ()
