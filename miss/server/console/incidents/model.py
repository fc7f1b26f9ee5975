"""An incident or a planned maintenance, what is said of it, and in which phase it is.  Pure.

Texts are written in French and, if somebody has the time, in English; where there is none, French is shown and marked
as French.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from miss.base.text import Language
from miss.server.console.incidents.errors import IncidentClosed, IncidentDatesRefused, IncidentIncomplete

TITLE_CHARS: Final = 150
BODY_CHARS: Final = 4000


class Kind(StrEnum):
    """What is announced."""

    INCIDENT = "incident"
    MAINTENANCE = "maintenance"
    """Planned, from a moment to another."""


class Phase(StrEnum):
    """Where it stands for who reads."""

    PLANNED = "planned"
    OPEN = "open"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Told:
    """Something said in French, and perhaps in English."""

    fr: str
    en: str = ""

    def in_(self, reader: Language) -> str:
        """What a reader of that language is shown; French stands in for an English that nobody wrote."""
        return self.en if reader is Language.EN and self.en else self.fr

    def language(self, reader: Language) -> Language:
        """In which language that is."""
        return reader if self.en else Language.FR


@dataclass(frozen=True, slots=True)
class Update:
    """One word on an incident: the first says what it is, the last perhaps that it is over."""

    id: str
    at: datetime
    said: Told


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One announcement, with what was said of it, oldest first."""

    id: str
    kind: Kind
    title: Told
    starts_at: datetime
    ends_at: datetime | None
    """Planned, for a maintenance; None for an incident."""
    closed_at: datetime | None = None
    """When somebody said that it is over."""
    updates: tuple[Update, ...] = ()

    @property
    def over_at(self) -> datetime | None:
        """When it was, or will be, over; None: nobody knows."""
        ends = [instant for instant in (self.closed_at, self.ends_at) if instant is not None]
        return min(ends, default=None)

    @property
    def updated_at(self) -> datetime:
        """When something was last said."""
        return self.updates[-1].at if self.updates else self.starts_at

    def phase(self, now: datetime) -> Phase:
        """A maintenance begins and ends by itself; an incident ends when somebody says so."""
        if self.over_at is not None and now >= self.over_at:
            return Phase.PAST
        return Phase.PLANNED if now < self.starts_at else Phase.OPEN


def announce(
    *,
    id: str,  # noqa: A002 - the row's
    kind: Kind,
    title: Told,
    first: Update,
    starts_at: datetime | None,
    ends_at: datetime | None,
) -> Incident:
    """A new announcement; an incident without a beginning begins now (`first.at`).

    Raises IncidentIncomplete, IncidentDatesRefused.
    """
    now = first.at
    if kind is Kind.MAINTENANCE:
        if starts_at is None or ends_at is None or not max(starts_at, now) < ends_at:
            raise IncidentDatesRefused
    elif starts_at is not None and starts_at > now:
        raise IncidentDatesRefused
    return Incident(
        id=id,
        kind=kind,
        title=require_told(title, TITLE_CHARS),
        starts_at=starts_at or now,
        ends_at=ends_at if kind is Kind.MAINTENANCE else None,
        updates=(replace(first, said=require_told(first.said, BODY_CHARS)),),
    )


def add(incident: Incident, update: Update, *, closes: bool) -> Incident:
    """With one word more; `closes`: it is over by that.  Raises IncidentClosed, IncidentIncomplete."""
    if incident.phase(update.at) is Phase.PAST:
        raise IncidentClosed
    said = replace(update, said=require_told(update.said, BODY_CHARS))
    return replace(incident, updates=(*incident.updates, said), closed_at=update.at if closes else incident.closed_at)


def require_told(told: Told, maximum: int) -> Told:
    """Trimmed, without characters that no feed may hold.  Raises IncidentIncomplete."""
    said = Told(_clean(told.fr), _clean(told.en))
    if not said.fr or max(len(said.fr), len(said.en)) > maximum:
        raise IncidentIncomplete(title=TITLE_CHARS, body=BODY_CHARS)
    return said


def _clean(text: str) -> str:
    """XML 1.0 §2.2 allows no control character but tab and line ends; half of a surrogate pair is no text at all."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(
        one for one in lines if one in "\n\t" or one.isprintable() or (one.isspace() and one > "\x1f")
    ).strip()
