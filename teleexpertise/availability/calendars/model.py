"""An imported calendar, and what is known of it.  Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from miss.base.ids import PractitionerId
from teleexpertise.availability.model import Opening

MAX_CALENDARS = 5
"""Of one expert."""
WEEKS_AHEAD = 13
"""How far appointments are looked for: beyond, the drawn week alone counts."""
READ_EVERY = timedelta(hours=6)
"""How often a subscription is fetched, and a file's repetitions are counted anew."""
TELL_AFTER = 3
"""Failed tries in a row after which the expert is told."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a calendar said, for the weeks that follow."""

    busy: tuple[Opening, ...]
    """In order and apart from one another."""
    events: int
    skipped: int
    """Events that could not be read: without a date, or with one that is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportedCalendar:
    """One calendar as its owner sees it; neither its address nor what it says is here."""

    id: str
    practitioner_id: PractitionerId
    name: str
    zone: str
    subscribed: bool
    """False: a file, read once."""
    added_at: datetime
    read_at: datetime | None = None
    tried_at: datetime | None = None
    failures: int = 0
    problem: str = ""
    events: int = 0
    skipped: int = 0
    busy: tuple[Opening, ...] = ()

    @property
    def fails(self) -> bool:
        """It has failed often enough for its owner to be told."""
        return self.failures >= TELL_AFTER
