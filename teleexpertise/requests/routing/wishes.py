"""« Expert souhaité : … »: the line of a mail, and whom it means.  Pure.

A page offers the experts there are and sends an identifier; a mail says a name or an RPPS number.  A name that is
nobody's, or that several bear, names nobody: the request goes to whose turn it is, and the requester is told.
"""

import re
from collections.abc import Mapping

from miss.base.ids import PractitionerId
from miss.directory.practitioners import Practitioner
from teleexpertise.questionnaire.fold import fold

_LINE = re.compile(
    r"^[ \t]*(?:[-•*][ \t]*)?expert[ \t]+(?:souhait[ée]+|demand[ée]+|wanted)[ \t]*:[ \t]*(.*)$",
    re.IGNORECASE | re.MULTILINE,
)
_TITLES = frozenset({"dr", "dr.", "docteur", "pr", "pr.", "professeur", "m.", "mme"})
_WORDS = re.compile(r"[\s,-]+")
RPPS_DIGITS = 11
MAX_WISH_CHARS = 120


def take_wish(text: str) -> tuple[str, str]:
    """The expert whom a mail asks for, empty if none; and the text without that line.  Quotes of mails ask nothing."""
    return take_line(_LINE, text)


def take_line(line: re.Pattern[str], text: str) -> tuple[str, str]:
    """What the first such line says behind its colon (group 1), empty if there is none; and the text without it."""
    found = line.search(text)
    if found is None:
        return "", text
    return found[1].strip()[:MAX_WISH_CHARS], text[: found.start()] + text[found.end() :]


def without_title(name: str) -> str:
    """`Anne MODELE` of « Dr Anne MODELE », as a directory is searched."""
    return " ".join(word for word in _WORDS.split(name) if fold(word) not in _TITLES)


def find_named(wish: str, people: Mapping[PractitionerId, Practitioner]) -> PractitionerId | None:
    """Whom of `people` a wish means: an identifier, an RPPS number, or a name with or without the given one."""
    if PractitionerId(wish) in people:
        return PractitionerId(wish)
    digits = "".join(filter(str.isdigit, wish))
    if len(digits) == RPPS_DIGITS:
        return next((id_ for id_, person in people.items() if person.rpps == digits), None)
    words = _folded(wish) - _TITLES
    matching = [id_ for id_, person in people.items() if words and _is_meant(words, person)]
    return matching[0] if len(matching) == 1 else None


def _is_meant(words: frozenset[str], person: Practitioner) -> bool:
    family = _folded(person.family)
    return family <= words and words - family <= _folded(person.given)


def _folded(name: str) -> frozenset[str]:
    return frozenset(fold(word) for word in _WORDS.split(name) if word)
