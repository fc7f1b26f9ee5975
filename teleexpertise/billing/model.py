"""Acts that were billed, and the place of the next one among those of a year.  Pure.

The patient stands here as two keyed digests, of the matricule and of the traits: one of them is enough to count the
same patient twice, and without the year's key neither leads anywhere.  Source: convention médicale (TE2, RQD).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from hashlib import blake2b
from zoneinfo import ZoneInfo

from miss.base.ids import PractitionerId, RequestId
from miss.documents.identities import PatientIdentity
from teleexpertise.questionnaire.fold import fold
from teleexpertise.questionnaire.model import Coding, QuestionnaireResponse

PARIS = ZoneInfo("Europe/Paris")
BILLING_ITEM, BILLED = "r.cotation", "te2"
KEY_BYTES = 32


class Role(StrEnum):
    """Who bills an act."""

    EXPERT = "expert"
    REQUESTER = "requester"


@dataclass(frozen=True, slots=True)
class Rate:
    """One code while it is worth the same."""

    code: str
    role: Role
    amount_eur: Decimal
    ceiling: int
    """Acts a civil year, for one patient, by one professional."""
    label: str
    source: str
    verified: bool
    """False: the operator has not said yet that the figures are right."""


@dataclass(frozen=True, slots=True)
class Digests:
    """A patient, as far as counting needs: empty where the identity lacks what it is made of."""

    matricule: str
    traits: str

    def same(self, other: "Digests") -> bool:
        """Whether both may be one patient."""
        return (self.matricule != "" and self.matricule == other.matricule) or (
            self.traits != "" and self.traits == other.traits
        )


@dataclass(frozen=True, slots=True)
class BilledAct:
    """One act."""

    request_id: RequestId
    number: str
    code: str
    actor: PractitionerId
    at: datetime
    patient: Digests


@dataclass(frozen=True, slots=True)
class Counter:
    """The place of one act among those of its year, for one patient and one professional."""

    code: str
    rank: int
    """1: the first."""
    ceiling: int
    verified: bool

    @property
    def is_beyond(self) -> bool:
        return self.rank > self.ceiling


@dataclass(frozen=True, slots=True)
class Line:
    """One act of a month's list."""

    act: BilledAct
    rate: Rate
    counter: Counter


def year_of(instant: datetime) -> int:
    """The civil year in which an act counts, on French clocks."""
    return instant.astimezone(PARIS).year


def is_billed(response: QuestionnaireResponse) -> bool:
    """Whether the expert bills this answer."""
    value = response.first(BILLING_ITEM)
    return isinstance(value, Coding) and value.code == BILLED


def digests(patient: PatientIdentity, key: bytes) -> Digests:
    """The patient under the year's key (32 bytes).

    A matricule is the same in all its spellings; traits are the birth name, first given name and birth date, folded.
    """
    matricule = str(patient.matricule).replace(" ", "") if patient.matricule else ""
    given = fold(patient.birth_given_names[0]) if patient.birth_given_names else ""
    traits = "|".join((fold(patient.birth_family_name), given, patient.birth_date.isoformat()))
    return Digests(_digest("ins", matricule, key) if matricule else "", _digest("traits", traits, key))


def ranked(acts: Iterable[BilledAct]) -> dict[tuple[RequestId, str], int]:
    """The place of each act among the earlier ones of its year: same code, same professional, same patient."""
    ranks: dict[tuple[RequestId, str], int] = {}
    earlier: list[BilledAct] = []
    for act in sorted(acts, key=lambda one: (one.at, one.request_id)):
        ranks[act.request_id, act.code] = 1 + sum(
            one.code == act.code and one.actor == act.actor and year_of(one.at) == year_of(act.at)
            and one.patient.same(act.patient)
            for one in earlier
        )  # fmt: skip
        earlier.append(act)
    return ranks


def _digest(kind: str, words: str, key: bytes) -> str:
    return blake2b(words.encode(), key=key, digest_size=16, person=kind.encode()).hexdigest()
