"""The access log: who did or looked at what; append-only, hash-chained, anchored by the operator's signature.

`AuditLog.append` belongs into the transaction of the act, `AuditLog.record` before a read is shown.  `AuditUpkeep`
signs the head and closes months past their time.  The chain shows that what was written has not been changed since;
whether it was true when written, only who wrote it can say (ADR 32).
"""

from miss.directory.audit.anchors import Anchor, Mark
from miss.directory.audit.errors import AuditCursorUnknown, AuditFileUnreadable
from miss.directory.audit.lines import compose_line, parse_line
from miss.directory.audit.model import GENESIS, SYSTEM, Entry, Fact, Head, Subject, practitioner_actor
from miss.directory.audit.service import AuditLog, Extract, Page, Verdict
from miss.directory.audit.upkeep import AuditUpkeep
from miss.directory.audit.verification import Break, How, Verifier, find_forged, verify

__all__ = [
    "GENESIS",
    "SYSTEM",
    "Anchor",
    "AuditCursorUnknown",
    "AuditFileUnreadable",
    "AuditLog",
    "AuditUpkeep",
    "Break",
    "Entry",
    "Extract",
    "Fact",
    "Head",
    "How",
    "Mark",
    "Page",
    "Subject",
    "Verdict",
    "Verifier",
    "compose_line",
    "find_forged",
    "parse_line",
    "practitioner_actor",
    "verify",
]
