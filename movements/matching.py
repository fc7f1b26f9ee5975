"""Which doctor a hospital means: by number, by mailbox, by a name that one person alone has."""

from dataclasses import dataclass

from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.search.words import fold
from movements.model import Referring, Why

SAME_NAMES = 20
"""Looked at for a name: more than one is already too many."""


@dataclass(frozen=True, slots=True)
class Match:
    """Who is meant, or why nobody can be told."""

    doctor: Practitioner | None = None
    why: Why | None = None


async def match(practitioners: Practitioners, said: Referring) -> Match:
    """The number counts before the mailbox, the mailbox before the name: a wrong number is not mended by a name."""
    if said.is_empty:
        return Match(why=Why.UNNAMED)
    if said.rpps:
        found = await practitioners.find_by_rpps(said.rpps)
        return _reachable(found)
    if said.mailbox:
        return _reachable(await practitioners.find_by_mailbox(said.mailbox))
    if not said.given:
        return Match(why=Why.SEVERAL)
    text = f"{said.family} {said.given}"
    wanted = (fold(said.family), fold(said.given))
    people = [
        one
        for one in await practitioners.search(text, limit=SAME_NAMES)
        if (fold(one.family), fold(one.given)) == wanted
    ]
    if len(people) > 1:
        return Match(why=Why.SEVERAL)
    return _reachable(people[0] if people else None)


def _reachable(found: Practitioner | None) -> Match:
    if found is None or found.gone_at is not None:
        return Match(why=Why.UNKNOWN)
    return Match(doctor=found) if found.letterboxes else Match(why=Why.NO_MAILBOX)
