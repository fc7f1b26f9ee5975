"""A report of a mistake in somebody's entry.  Values only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from miss.base.ids import AccountId, PractitionerId
from miss.base.text import Text

WORDS_LENGTH = 1_000


class MistakeKind(StrEnum):
    """What is wrong."""

    LEFT = "left"
    PLACE = "place"
    CONTACT = "contact"
    MAILBOX = "mailbox"
    IDENTITY = "identity"
    OTHER = "other"


class Outcome(StrEnum):
    """What a technician made of it."""

    CORRECTED = "corrected"
    PASSED_ON = "passed_on"
    """To the register's editor, or to the establishment."""
    UNFOUNDED = "unfounded"


KIND_NAMES: Mapping[MistakeKind, Text] = MappingProxyType(
    {
        MistakeKind.LEFT: Text(fr="N’exerce plus, ou plus ici", en="No longer practises, or no longer here"),
        MistakeKind.PLACE: Text(fr="Lieu d’exercice ou adresse", en="Place of practice or address"),
        MistakeKind.CONTACT: Text(fr="Téléphone", en="Telephone"),
        MistakeKind.MAILBOX: Text(fr="Messagerie sécurisée", en="Secure mailbox"),
        MistakeKind.IDENTITY: Text(fr="Nom, profession ou spécialité", en="Name, profession or specialty"),
        MistakeKind.OTHER: Text(fr="Autre chose", en="Something else"),
    }
)
OUTCOME_NAMES: Mapping[Outcome, Text] = MappingProxyType(
    {
        Outcome.CORRECTED: Text(fr="Corrigé", en="Corrected"),
        Outcome.PASSED_ON: Text(
            fr="Transmis au registre ou à l’établissement", en="Passed on to the register or the establishment"
        ),
        Outcome.UNFOUNDED: Text(fr="Sans suite", en="No action"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One report."""

    id: str
    practitioner_id: PractitionerId
    """Whose entry."""
    by: AccountId
    """Who says so."""
    kind: MistakeKind
    words: str
    reported_at: datetime
    closed_at: datetime | None = None
    outcome: Outcome | None = None


def tidy_words(words: str) -> str:
    """What somebody typed, with its lines and without controls or halves of surrogate pairs."""
    lines = words.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = ("".join(one if one.isprintable() else " " for one in line).strip() for line in lines)
    return "\n".join(kept).strip()
