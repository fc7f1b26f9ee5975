"""Follows the chain from its beginning to its end and names the first place where it does not hold.  Pure.

Streams: a log of any length is read once, in memory that does not grow with it.  After the first wrong place the rest
is read only to say what happened there: whether what belongs there comes later, or nowhere.

What this cannot tell: whether an entry was true when it was written; and what somebody who holds the database wrote
anew after the last anchor that is kept elsewhere.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from miss.base.text import Language, Text
from miss.directory.audit.anchors import Anchor
from miss.directory.audit.model import GENESIS, Entry, Head, hash_entry


class How(StrEnum):
    """In which way a place is broken."""

    ALTERED = "altered"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    """The chain holds, but it is not the one that was anchored."""
    ANCHOR_FORGED = "anchor_forged"
    """A signature is not by a key that is trusted."""


_SENTENCES = {
    How.ALTERED: Text(
        fr="L'entrée n° {number} a été modifiée.",
        en="Entry {number} was altered.",
    ),
    How.REMOVED: Text(
        fr="L'entrée n° {number} a été supprimée.",
        en="Entry {number} was removed.",
    ),
    How.INSERTED: Text(
        fr="Une entrée a été ajoutée à la place n° {number}.",
        en="An entry was inserted at place {number}.",
    ),
    How.REORDERED: Text(
        fr="Les entrées ont été déplacées : celle de la place n° {number} n'est pas la sienne.",
        en="Entries were reordered: the one at place {number} belongs elsewhere.",
    ),
    How.TRUNCATED: Text(
        fr="La fin du journal manque : l'entrée n° {number} devrait exister.",
        en="The end of the log is missing: entry {number} should exist.",
    ),
    How.REWRITTEN: Text(
        fr="Le journal a été réécrit avant l'entrée n° {number} incluse : elle n'est pas celle que l'ancre a signée.",
        en="The log was rewritten up to entry {number}: it is not the one that the anchor signed.",
    ),
    How.ANCHOR_FORGED: Text(
        fr="L'ancre de l'entrée n° {number} n'est pas signée par la clé d'audit attendue.",
        en="The anchor of entry {number} is not signed by the expected audit key.",
    ),
}


@dataclass(frozen=True, slots=True)
class Break:
    """The first place that does not hold."""

    number: int
    how: How

    def sentence(self, language: Language) -> str:
        """What the person reads."""
        return _SENTENCES[self.how].in_(language, number=self.number)


class Verifier:
    """Takes the entries in the order they are stored; `finish` gives the verdict.

    `start`: the last entry that was deleted in its time, as a closing says.  `anchors`: genuine ones of this log.
    """

    def __init__(self, anchors: Iterable[Anchor] = (), start: Head = GENESIS) -> None:
        self._anchors = sorted(
            (one.head for one in anchors if one.number >= start.number), key=lambda head: head.number
        )
        self._anchors.reverse()
        self._before: Head | None = None
        """Where the last entry that held was tied to."""
        self._last = start
        self._wrong: Entry | None = None
        self._found: Break | None = None
        self._belongs_later = self._comes_again = self._leads_later = False
        self.count = 0
        """Entries that held."""
        self._check_anchors()

    @property
    def last(self) -> Head:
        """The last entry that held."""
        return self._last

    def feed(self, entry: Entry) -> None:
        """One more entry."""
        if self._found is not None:
            return
        if self._wrong is not None:
            self._look_for_what_belongs(entry, self._wrong)
            return
        expected = self._last.number + 1
        if entry.number == expected and entry.previous == self._last.hash and _holds(entry, expected):
            self._before, self._last = self._last, Head(entry.number, entry.hash)
            self.count += 1
            self._check_anchors()
            return
        self._wrong = entry

    def finish(self, head: Head | None = None) -> Break | None:
        """The first place that does not hold; None: all of it does.

        `head`: where the log says that it ends.
        """
        if self._found is not None:
            return self._found
        if self._wrong is not None:
            return Break(head.number + 1, How.INSERTED) if head == self._last else self._judge(self._wrong)
        if head is not None and head.number < self._last.number:
            return Break(head.number + 1, How.INSERTED)
        if head is not None and head.number == self._last.number and head.hash != self._last.hash:
            return Break(head.number, How.ALTERED)
        if self._anchors or (head is not None and head.number > self._last.number):
            return Break(self._last.number + 1, How.TRUNCATED)
        return None

    def _check_anchors(self) -> None:
        """Compare the anchors of the last entry with it."""
        while self._anchors and self._anchors[-1].number == self._last.number:
            if self._anchors.pop().hash != self._last.hash:
                self._found = Break(self._last.number, How.REWRITTEN)

    def _look_for_what_belongs(self, entry: Entry, wrong: Entry) -> None:
        """What `entry`, which comes after the first wrong one, says about it."""
        if entry.previous == self._last.hash and _holds(entry, self._last.number + 1):
            self._belongs_later = True
        if entry.number == wrong.number or entry.hash == wrong.hash:
            self._comes_again = True
        if entry.hash == wrong.previous:
            self._leads_later = True

    def _judge(self, wrong: Entry) -> Break:
        last, place = self._last, self._last.number + 1
        if wrong.previous == last.hash and _holds(wrong, place):
            return Break(place, How.ALTERED)  # its number alone
        if self._before is not None and wrong.previous == self._before.hash and _holds(wrong, last.number):
            # It claims the place of the one before, which holds as well: the log had one of them only.
            return Break(last.number, How.INSERTED)
        if wrong.number < place:
            return Break(place, How.INSERTED)
        if self._belongs_later:
            moved = self._leads_later and not self._comes_again
            return Break(place, How.REORDERED if moved else How.INSERTED)
        if wrong.number > place:
            return Break(place, How.REMOVED)
        if wrong.previous != last.hash and _holds(wrong, place):
            # Whole in itself, but tied to something else: the one before was altered, its hash with it.
            return Break(last.number if self.count else place, How.ALTERED)
        if _holds(wrong, place + 1):
            # The rows after a removed one were given new numbers.
            return Break(place, How.REMOVED)
        return Break(place, How.ALTERED)


def verify(
    entries: Iterable[Entry], anchors: Iterable[Anchor] = (), *, start: Head = GENESIS, head: Head | None = None
) -> Break | None:
    """The first place of `entries` that does not hold; None: all of it does.  `anchors` are genuine."""
    verifier = Verifier(anchors, start)
    for entry in entries:
        verifier.feed(entry)
    return verifier.finish(head)


def find_forged(anchors: Iterable[Anchor], keys: Collection[bytes]) -> Break | None:
    """The first anchor that none of the trusted `keys` signed."""
    for anchor in anchors:
        if anchor.key not in keys or not anchor.is_genuine():
            return Break(anchor.number, How.ANCHOR_FORGED)
    return None


def _holds(entry: Entry, number: int) -> bool:
    """True if `entry` is whole as the one of that number; of an entry without its fact only the number is known."""
    if entry.fact is None:
        return entry.number == number
    return hash_entry(number, entry.fact, entry.previous) == entry.hash
