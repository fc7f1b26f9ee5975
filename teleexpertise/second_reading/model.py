"""A second reading: its states and the moves between them.  Pure; what is said is sealed elsewhere."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from miss.base.ids import PractitionerId, RequestId
from teleexpertise.second_reading.errors import SecondReadingOver, SecondReadingUnknown, WordsMissing

QUESTION_CHARS = 500
OPINION_CHARS = 2000


class ReadingState(StrEnum):
    """Where a reading stands."""

    ASKED = "asked"
    """With one reader until `expires_at`."""
    GIVEN = "given"
    NOBODY = "nobody"
    """Everybody who could read it passed, or was away."""
    WITHDRAWN = "withdrawn"
    """The request ended before it was given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondReading:
    """One reading, without what is asked and said."""

    id: str
    request_id: RequestId
    asked_by: PractitionerId
    """The expert who holds the request, or the coordinator."""
    first_reader: PractitionerId
    """Who held the request: left out, and told of the opinion."""
    reader: PractitionerId
    """Who is asked now, or was asked last."""
    asked_at: datetime
    expires_at: datetime
    state: ReadingState = ReadingState.ASKED
    ended_at: datetime | None = None
    passed: tuple[PractitionerId, ...] = ()
    """Who declined or let it pass."""
    discloses_name: bool = False
    """The reader lets the requester know who they are."""


def give(reading: SecondReading, by: PractitionerId, now: datetime, *, discloses_name: bool) -> SecondReading:
    """The reader's opinion ends it.  Raises SecondReadingUnknown, SecondReadingOver."""
    _require_asked(reading, by)
    return replace(reading, state=ReadingState.GIVEN, ended_at=now, discloses_name=discloses_name)


def pass_on(
    reading: SecondReading, by: PractitionerId, to: PractitionerId | None, expires_at: datetime, now: datetime
) -> SecondReading:
    """`by` cannot, or did not: it goes `to` the next reader; None: there is none.

    Raises SecondReadingUnknown, SecondReadingOver.
    """
    _require_asked(reading, by)
    passed = (*reading.passed, by)
    if to is None:
        return replace(reading, state=ReadingState.NOBODY, ended_at=now, passed=passed)
    return replace(reading, reader=to, expires_at=expires_at, passed=passed)


def withdraw(reading: SecondReading, now: datetime) -> SecondReading:
    """The request ended; one that has ended itself stays as it is."""
    if reading.state is not ReadingState.ASKED:
        return reading
    return replace(reading, state=ReadingState.WITHDRAWN, ended_at=now)


def require_words(text: str, limit: int) -> str:
    """The text, trimmed.  Raises WordsMissing."""
    words = text.strip()
    if not words or len(words) > limit:
        raise WordsMissing(limit=limit)
    return words


def _require_asked(reading: SecondReading, by: PractitionerId) -> None:
    if reading.reader != by:
        raise SecondReadingUnknown
    if reading.state is not ReadingState.ASKED:
        raise SecondReadingOver
