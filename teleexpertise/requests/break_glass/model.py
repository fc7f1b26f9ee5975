"""One exceptional access: who, why, until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from miss.base.ids import PractitionerId, RequestId
from miss.base.text import Text

LASTS = timedelta(hours=1)
WORDS_CHARS = 500


class GlassReason(StrEnum):
    """Why a coordinator has to read what they otherwise may not."""

    SAFETY = "safety"
    UNREACHABLE = "unreachable"
    PATIENT = "patient"
    COMPLAINT = "complaint"


GLASS_LABELS: Mapping[GlassReason, Text] = {
    GlassReason.SAFETY: Text(fr="Sécurité du patient", en="Patient safety"),
    GlassReason.UNREACHABLE: Text(fr="Demandeur ou expert injoignable", en="Requester or expert cannot be reached"),
    GlassReason.PATIENT: Text(fr="Demande du patient", en="The patient asks for it"),
    GlassReason.COMPLAINT: Text(fr="Réclamation à instruire", en="A complaint to look into"),
}


@dataclass(frozen=True, slots=True)
class BreakGlass:
    """What one person may read of one request until `until`; their own words are kept sealed."""

    request_id: RequestId
    by: PractitionerId
    reason: GlassReason
    at: datetime

    @property
    def until(self) -> datetime:
        return self.at + LASTS
