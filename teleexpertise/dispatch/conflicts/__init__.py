"""From whom an expert takes no requests, and why: declared by the expert, known to nobody else."""

from teleexpertise.dispatch.conflicts.model import REASON_LABELS, Conflict, ConflictReason
from teleexpertise.dispatch.conflicts.service import Conflicts

__all__ = ["REASON_LABELS", "Conflict", "ConflictReason", "Conflicts"]
