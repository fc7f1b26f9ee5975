"""What is asked of the directory, and what it answers: one shape for the page, the HTTP API and the chat's picker."""

from dataclasses import dataclass, replace
from enum import IntEnum

from miss.directory.search.words import question_words

MAX_RESULTS = 100
"""Most answers on one page."""
MAX_DEPTH = 200
"""Nobody pages further: a directory is to find a colleague in, not to copy.  Who is not among these narrows."""
MAX_RADIUS_KM = 200.0


class Match(IntEnum):
    """How well somebody's name matches; answers come in this order."""

    EXACT = 0
    """A whole word of the name is the word that was asked."""
    PREFIX = 1
    """A word of the name begins with it."""
    OTHER = 2
    """The word was found elsewhere: a specialty, a profession, a town; or no word was asked."""
    TYPO = 3
    """A word of the name looks or sounds like it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """A question; every condition must hold.  Nothing asked for, nothing found."""

    text: str = ""
    """Words that begin a word each of a name, a profession, a specialty or a town; the first `MAX_WORDS` count."""
    specialty: str = ""
    """Code of a specialty (TRE_R38: `SM15`)."""
    profession: str = ""
    """Code of a profession (TRE_G15: `60`)."""
    department: str = ""
    """`59`, `2A`, `974`."""
    town: str = ""
    """Name of a town, or INSEE code of a commune."""
    radius_km: float = 0.0
    """Around `town`, nearest first; 0: in the town itself."""
    offset: int = 0
    limit: int = 20

    @property
    def words(self) -> tuple[str, ...]:
        return question_words(self.text)

    @property
    def is_empty(self) -> bool:
        return not (self.words or self.specialty or self.profession or self.department or self.town)

    @property
    def depth(self) -> int:
        """How many answers must be known to show this page."""
        return min(max(self.offset, 0) + max(self.limit, 0), MAX_DEPTH)

    def bounded(self) -> "SearchQuery":
        """The same question within what is answered."""
        return replace(
            self,
            limit=min(max(self.limit, 0), MAX_RESULTS),
            offset=max(self.offset, 0),
            radius_km=min(max(self.radius_km, 0.0), MAX_RADIUS_KM),
        )


@dataclass(frozen=True, slots=True)
class Hit:
    """Somebody found."""

    practitioner_id: str
    match: Match
    distance_km: float | None = None
    """From the town that was asked for, with a radius only."""


@dataclass(frozen=True, slots=True)
class Commune:
    """A town that a question may name."""

    code: str
    name: str
    position: tuple[float, float] | None
