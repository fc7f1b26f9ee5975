"""Who is asked: eligible experts in turn, each choice explained (teleexpertise.md §4).

Filter first, then rotate; nobody banks turns; nobody eligible means waiting, never asking everybody.  This room knows
pools, members and attempts; what is asked, of whom and why belongs to `requests`, which owns the transaction.
"""

from teleexpertise.dispatch.attempts import Attempt, AttemptState, DeclineReason
from teleexpertise.dispatch.explanation import explain
from teleexpertise.dispatch.model import (
    Candidate,
    Choice,
    Decision,
    Exclusion,
    Member,
    Need,
    Pool,
    Terms,
    choose,
)
from teleexpertise.dispatch.service import Assigned, Dispatch

__all__ = [
    "Assigned",
    "Attempt",
    "AttemptState",
    "Candidate",
    "Choice",
    "Decision",
    "DeclineReason",
    "Dispatch",
    "Exclusion",
    "Member",
    "Need",
    "Pool",
    "Terms",
    "choose",
    "explain",
]
