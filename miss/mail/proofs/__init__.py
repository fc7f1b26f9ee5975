"""Proofs of what somebody sent: to whom, when, with which digest, and what came back; signed, for whoever disputes it.

`model`, `sheet`, `archive` and `signature` are pure; `service` collects, sends by the month, and destroys in time.
"""

from miss.mail.proofs.archive import compose_archive
from miss.mail.proofs.model import DOWNLOAD_FOR, KEPT_FOR, Proof, Statement
from miss.mail.proofs.service import Proofs
from miss.mail.proofs.signature import Seal, verify_statement

__all__ = ["DOWNLOAD_FOR", "KEPT_FOR", "Proof", "Proofs", "Seal", "Statement", "compose_archive", "verify_statement"]
