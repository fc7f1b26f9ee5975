"""What one client shows of a conversation: places in order, waiting for those that are missing.  Pure.

It hides nothing from the oracle: what a server insists on (another message at a place that was shown, a page that
jumps) is written down as shown.
"""

from array import array
from bisect import bisect_left


class Shown:
    """The log of a conversation on one device."""

    def __init__(self) -> None:
        self.seqs = array("L")
        self.ids = array("Q")
        self.last_seq = 0
        self.known_seq = 0
        """The furthest place this device has heard of."""
        self._early: dict[int, int] = {}

    @property
    def is_whole(self) -> bool:
        """True if everything heard of is shown."""
        return self.last_seq >= self.known_seq

    def take(self, seq: int, id_: int) -> None:
        """A message as it came by itself: shown at once if it is next, else when what lies before has come."""
        self.known_seq = max(self.known_seq, seq)
        if seq > self.last_seq + 1:
            self._early[seq] = id_
        else:
            self.take_stored(seq, id_)

    def take_stored(self, seq: int, id_: int) -> None:
        """A message from a page: there is nothing between it and what the page gave before."""
        self.known_seq = max(self.known_seq, seq)
        if seq <= self.last_seq:
            self._show_if_other(seq, id_)
            return
        self._show(seq, id_)
        if (early := self._early.pop(seq, None)) is not None:
            self._show_if_other(seq, early)
        while (following := self._early.pop(self.last_seq + 1, None)) is not None:
            self._show(self.last_seq + 1, following)

    def _show_if_other(self, seq: int, id_: int) -> None:
        """What was shown already is not shown again, unless it is something else this time."""
        if self._id_at(seq) != id_:
            self._show(seq, id_)

    def _show(self, seq: int, id_: int) -> None:
        self.seqs.append(seq)
        self.ids.append(id_)
        self.last_seq = max(self.last_seq, seq)

    def _id_at(self, seq: int) -> int | None:
        """What was shown at this place; None: nothing."""
        # Sorted as long as the server keeps its word, and then places follow each other.
        place = bisect_left(self.seqs, seq)
        return self.ids[place] if place < len(self.seqs) and self.seqs[place] == seq else None
