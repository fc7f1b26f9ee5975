"""Who looks at the directory, and what they are shown.  Values, and the rules of a question.  Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from miss.base.ids import PractitionerId
from miss.directory.practitioners.model import Practitioner
from miss.directory.search.model import SearchQuery
from miss.documents.identities import NumberVerdict, check_rpps

MIN_LETTERS = 3


@dataclass(frozen=True, slots=True)
class Reader:
    """A person, or an establishment's program."""

    subject: bytes
    """What is counted: an account's uid, or what names an establishment, whose programs are counted together."""
    actor: str
    """As the access log names them."""
    is_program: bool = False
    entries_per_day: int | None = None
    """What an establishment's programs are shown in a day; None: what the settings say."""
    own: PractitionerId | None = None
    """Their own entry: looking at it is nobody else's affair."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One entry as it is shown."""

    practitioner: Practitioner
    is_member: bool
    """An active account: MiSS has verified who they are."""
    distance_km: float | None = None
    given_address: str = ""
    """The one that the platform gave them; of an entry that was opened."""


@dataclass(frozen=True, slots=True)
class SeenPage:
    """Some answers, best first."""

    entries: Sequence[Seen]
    has_more: bool


def tidy(query: SearchQuery) -> SearchQuery:
    """The same question without what no name has and no database takes: controls, halves of surrogate pairs."""
    return replace(query, text=_printable(query.text), town=_printable(query.town))


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def is_too_broad(query: SearchQuery) -> bool:
    """True for one or two letters, as every text field is answered while it is typed."""
    return 0 < len("".join(query.text.split())) < MIN_LETTERS


def asked_number(text: str) -> str | None:
    """The RPPS number that a question is, spaces taken out; None: it is none, or its key is wrong."""
    number = "".join(text.split())
    return number if check_rpps(number) is NumberVerdict.OK else None


def asked_address(text: str) -> str | None:
    """The address that a question is; None: it is none."""
    address = text.strip()
    return address if "@" in address and not any(map(str.isspace, address)) else None
