"""A patient's movement, and what becomes of the notice.  Values and rules only.

Terms: IHE PAM, French extension (movement, `ZBE`); HL7 v2.5 chapter 3 (A01 admit, A02 transfer, A03 discharge).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from miss.base.ids import OrganizationId, PractitionerId
from miss.base.text import Text
from miss.documents.identities import PatientIdentity


class MovementKind(StrEnum):
    """What happened."""

    ADMISSION = "admission"
    TRANSFER = "transfer"
    DISCHARGE = "discharge"
    DEATH = "death"

    @property
    def text(self) -> Text:
        return _KINDS[self]


_KINDS: Mapping[MovementKind, Text] = MappingProxyType(
    {
        MovementKind.ADMISSION: Text(fr="Admission", en="Admission"),
        MovementKind.TRANSFER: Text(fr="Transfert", en="Transfer"),
        MovementKind.DISCHARGE: Text(fr="Sortie", en="Discharge"),
        MovementKind.DEATH: Text(fr="Décès", en="Death"),
    }
)


class Why(StrEnum):
    """Why nobody could be told."""

    UNNAMED = "unnamed"
    UNKNOWN = "unknown"
    SEVERAL = "several"
    NO_MAILBOX = "no_mailbox"
    RECALLED = "recalled"
    """Somebody was told who should not have been."""

    @property
    def text(self) -> Text:
        return _WHY[self]


_WHY: Mapping[Why, Text] = MappingProxyType(
    {
        Why.UNNAMED: Text(fr="aucun médecin n’est nommé", en="no doctor is named"),
        Why.UNKNOWN: Text(fr="le médecin nommé n’est pas dans l’annuaire", en="the doctor named is not listed"),
        Why.SEVERAL: Text(fr="plusieurs médecins portent ce nom", en="several doctors have that name"),
        Why.RECALLED: Text(
            fr="l’annonce précédente était adressée à quelqu’un d’autre", en="the earlier letter went to somebody else"
        ),
        Why.NO_MAILBOX: Text(fr="ce médecin n’a pas de messagerie sécurisée", en="that doctor has no secure mailbox"),
    }
)


class State(StrEnum):
    """Where the notice stands."""

    UNMATCHED = "unmatched"
    """On the hospital's work list."""
    TOLD = "told"
    DISMISSED = "dismissed"
    """Somebody at the hospital said that nobody is to be told."""
    CANCELLED = "cancelled"
    """The hospital took it back; who had been told was told so."""

    @property
    def text(self) -> Text:
        return _STATES[self]


_STATES: Mapping[State, Text] = MappingProxyType(
    {
        State.UNMATCHED: Text(fr="À rapprocher", en="To be matched"),
        State.TOLD: Text(fr="Annoncé", en="Announced"),
        State.DISMISSED: Text(fr="Classé sans annonce", en="Set aside"),
        State.CANCELLED: Text(fr="Annulé", en="Cancelled"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Referring:
    """The patient's doctor as the hospital names them; any part may be empty."""

    rpps: str = ""
    mailbox: str = ""
    family: str = ""
    given: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.rpps or self.mailbox or self.family)

    @property
    def shown(self) -> str:
        """As a person reads it on the work list."""
        parts = (self.given, self.family.upper(), f"RPPS {self.rpps}" if self.rpps else "", self.mailbox)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Movement:
    """One movement, as it was said.  Not shown by `repr`: it would reach the logs."""

    reference: str
    """The hospital's own: the same movement said again has the same, its cancellation too."""
    kind: MovementKind
    happened_at: datetime
    """Aware."""
    patient: PatientIdentity
    ward: str = ""
    """Where the patient is admitted, or goes to."""
    from_ward: str = ""
    """Of a transfer."""
    destination: str = ""
    """Of a discharge: home, a care home…"""
    referring: Referring = field(default_factory=Referring)
    is_cancelled: bool = False
    is_update: bool = False
    """It says anew what was said under the same reference."""
    revision: int = 0
    """How many letters announced it before."""


class Purport(StrEnum):
    """What a letter about a movement does."""

    ANNOUNCES = "announces"
    CORRECTS = "corrects"
    """It replaces the letter before, to the same doctor."""
    CANCELS = "cancels"
    RECALLS = "recalls"
    """The letter before was not for that doctor."""


def is_same_news(one: Movement, other: Movement) -> bool:
    """Whether a doctor would read the same of both."""
    return replace(one, reference="", referring=Referring(), is_update=False, revision=0) == replace(
        other, reference="", referring=Referring(), is_update=False, revision=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A movement as it is kept: its content is sealed."""

    id: str
    organization_id: OrganizationId
    kind: MovementKind
    state: State
    why: Why | None
    """Of those that are `UNMATCHED`."""
    practitioner_id: PractitionerId | None
    """Who was told."""
    happened_at: datetime
    received_at: datetime
    sealed: bytes = field(repr=False)
    """Empty once it is destroyed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What became of the movements of one delivery."""

    told: int = 0
    unmatched: int = 0
    known: int = 0
    """Said before: nothing was done."""
    cancelled: int = 0
    corrected: int = 0
    """Said otherwise than before: who had been told reads the new words, or waits for a doctor with them."""
    unfounded: int = 0
    """Cancellations and corrections of what we never heard of."""

    def plus(self, outcome: str) -> "Tally":
        """One more of the field `outcome`."""
        counts = {
            name: getattr(self, name) for name in ("told", "unmatched", "known", "cancelled", "corrected", "unfounded")
        }
        counts[outcome] += 1
        return Tally(**counts)

    @property
    def total(self) -> int:
        return self.told + self.unmatched + self.known + self.cancelled + self.corrected + self.unfounded
