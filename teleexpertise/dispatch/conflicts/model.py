"""A declared conflict of interest: one expert, one requester, a reason that is a code and never free text.  Pure.

Unlike a blocked correspondent (ADR 37) it concerns requests alone, and the requester is not told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from miss.base.ids import PractitionerId
from miss.base.text import Text

MAX_CONFLICTS: Final = 200
"""Of one expert: somebody who refuses more has to leave the pool."""


class ConflictReason(StrEnum):
    """Why an expert cannot be impartial."""

    FAMILY = "family"
    ASSOCIATE = "associate"
    FINANCIAL = "financial"
    DISPUTE = "dispute"
    OTHER = "other"


REASON_LABELS: Mapping[ConflictReason, Text] = MappingProxyType(
    {
        ConflictReason.FAMILY: Text(fr="Lien familial ou personnel", en="Family or personal tie"),
        ConflictReason.ASSOCIATE: Text(fr="Même cabinet ou association", en="Same practice or partnership"),
        ConflictReason.FINANCIAL: Text(fr="Lien d’intérêts financier", en="Financial interest"),
        ConflictReason.DISPUTE: Text(fr="Différend ou procédure en cours", en="Dispute or proceedings under way"),
        ConflictReason.OTHER: Text(fr="Autre lien d’intérêts", en="Another conflict of interest"),
    }
)


@dataclass(frozen=True, slots=True)
class Conflict:
    """« Pas de demandes de … »."""

    expert: PractitionerId
    requester: PractitionerId
    reason: ConflictReason
    since: datetime
