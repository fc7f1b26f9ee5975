"""Why a coordinator acts by hand: a code, so that the timeline needs no seal and no free text names a patient."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from miss.base.text import Text


class SteerReason(StrEnum):
    """The coordinator's reason."""

    SILENT = "silent"
    ABSENT = "absent"
    SKILL = "skill"
    LOAD = "load"
    ASKED = "asked"
    MISROUTED = "misrouted"
    URGENT = "urgent"


STEER_LABELS: Mapping[SteerReason, Text] = MappingProxyType(
    {
        SteerReason.SILENT: Text(fr="L’expert ne répond pas", en="The expert does not answer"),
        SteerReason.ABSENT: Text(fr="Absence imprévue", en="Unforeseen absence"),
        SteerReason.SKILL: Text(fr="Compétence particulière nécessaire", en="A particular skill is needed"),
        SteerReason.LOAD: Text(fr="Charge à répartir", en="Work to be shared out"),
        SteerReason.ASKED: Text(fr="À la demande de l’expert ou du demandeur", en="The expert or the requester asked"),
        SteerReason.MISROUTED: Text(fr="Erreur d’orientation", en="It came to the wrong pool"),
        SteerReason.URGENT: Text(fr="Échéance en danger", en="The deadline is in danger"),
    }
)
