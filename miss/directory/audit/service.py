"""The access log: who did or looked at what, in the transaction that did it.

`append` is for acts, whose transaction is the caller's: act and entry are stored, or neither.  `record` is for reads,
which have none: the reader is shown nothing that could not be written down.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from miss.base.clock import Clock
from miss.directory.audit import store
from miss.directory.audit.anchors import Anchor, Mark
from miss.directory.audit.errors import AuditCursorUnknown
from miss.directory.audit.model import GENESIS, Entry, Fact, Head, Subject
from miss.directory.audit.verification import Break, Verifier, find_forged
from miss.storage import Database, Transaction

MAX_PAGE = 200
BATCH = 1000
"""Entries read at once by what reads all of them."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries, newest first."""

    entries: Sequence[Entry]
    cursor: str
    """Give it back for those that follow; empty: these are the last."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was verified, and the first place that does not hold."""

    start: Head
    """The last entry that was deleted in its time; `GENESIS`: none was."""
    end: Head
    """The last entry that held."""
    entries: int
    anchors: int
    broken: Break | None


@dataclass(frozen=True, slots=True)
class Extract:
    """Part of the log, to be verified elsewhere."""

    anchors: Sequence[Anchor]
    entries: AsyncIterator[Entry]


class AuditLog:
    """Writes and reads the chain; signs nothing (`AuditUpkeep`)."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    def append(self, tx: Transaction, *, actor: str, act: str, subject: Subject, detail: str = "") -> None:
        """The next entry, written when `tx` commits.  `actor`: a hex uid, `cli:name`, `system`, empty for a stranger.

        `act`: the room and the act, `account.verify`.  Never health data.  Raises RuntimeError if `tx` only reads.
        """
        store.append(tx, Fact(self._clock.now(), actor, act, subject, detail))

    async def record(self, *, actor: str, act: str, subject: Subject, detail: str = "") -> None:
        """The next entry, in a transaction of its own: call it before showing what was asked for."""
        async with self._db.transaction() as tx:
            self.append(tx, actor=actor, act=act, subject=subject, detail=detail)

    async def list_(
        self, *, subject: Subject | None = None, actor: str | None = None, limit: int = 50, cursor: str = ""
    ) -> Page:
        """Newest first: who did or looked at what to `subject`, what `actor` did; `limit` is capped at `MAX_PAGE`.

        `cursor`: that of the page before.  Raises AuditCursorUnknown.
        """
        size, before = max(1, min(limit, MAX_PAGE)), _parse_cursor(cursor)
        async with self._db.snapshot() as tx:
            found = await store.list_before(tx, before, size + 1, subject=subject, actor=actor)
        entries = found[:size]
        return Page(entries, str(entries[-1].number) if len(found) > size else "")

    async def list_about(
        self, subjects: Collection[Subject], *, not_by: Collection[str] = (), limit: int = 50, cursor: str = ""
    ) -> Page:
        """As `list_`, about several subjects that are one person: their account and their entry.

        `not_by`: what these actors did is left out.  Raises AuditCursorUnknown.
        """
        size, before = max(1, min(limit, MAX_PAGE)), _parse_cursor(cursor)
        found: list[Entry] = []
        async with self._db.snapshot() as tx:
            # Each by its own index, then merged: the newest of all are among the newest of each.
            for subject in subjects:
                found += await store.list_before(tx, before, size + 1, subject=subject, actor=None, not_by=not_by)
        found.sort(key=lambda entry: -entry.number)
        entries = found[:size]
        return Page(entries, str(entries[-1].number) if len(found) > size else "")

    async def find_last_moment(self) -> datetime | None:
        """When the newest entry was written; None: none ever was."""
        async with self._db.snapshot() as tx:
            last = await store.find(tx, (await store.get_head(tx)).number)
        return last.fact.at if last and last.fact else None

    async def list_anchors(self) -> list[Anchor]:
        """Every signed mark that is kept, in the order of the entries: some ten thousand in a year."""
        anchors: list[Anchor] = []
        async with self._db.snapshot() as tx:
            while page := await store.list_anchors(tx, anchors[-1].number if anchors else -1, BATCH):
                anchors += page
        return anchors

    async def verify(self, keys: Collection[bytes], elsewhere: Collection[Anchor] = ()) -> Verdict:
        """Follow the whole chain, page by page, while others go on writing.

        `keys`: public audit keys that are trusted.  `elsewhere`: anchors that were kept apart from this database.
        """
        while True:
            closing = await self._find_closing()
            verdict = await self._follow(closing, keys, elsewhere)
            if verdict.broken is None or await self._find_closing() == closing:
                return verdict
            # A month was closed meanwhile: what was missing may be what it deleted.

    async def _find_closing(self) -> Anchor | None:
        async with self._db.snapshot() as tx:
            return await store.find_last_anchor(tx, Mark.CLOSED)

    async def _follow(self, closing: Anchor | None, keys: Collection[bytes], elsewhere: Collection[Anchor]) -> Verdict:
        start = closing.head if closing else GENESIS
        # Anchors before the head, the newest entry before the head: the head knows what is read before it.
        anchors = list(dict.fromkeys((*await self.list_anchors(), *elsewhere)))
        async with self._db.snapshot() as tx:
            newest = await store.list_before(tx, None, 1, subject=None, actor=None)
            head = await store.get_head(tx)
        if forged := find_forged(anchors, keys):
            return Verdict(start, start, 0, len(anchors), forged)
        verifier = Verifier(anchors, start)
        # Entries past the head are those that come meanwhile, unless one of them was there before it was read.
        through = None if newest and newest[0].number > head.number else head.number
        async for entry in self.read_all(start.number, through):
            verifier.feed(entry)
        return Verdict(start, verifier.last, verifier.count, len(anchors), verifier.finish(head))

    async def read_all(self, after: int = 0, through: int | None = None) -> AsyncIterator[Entry]:
        """The entries after that number, oldest first, however many; each page in a reading transaction of its own."""
        while True:
            async with self._db.snapshot() as tx:
                page = await store.list_after(tx, after, BATCH)
            for entry in page:
                if through is not None and entry.number > through:
                    return
                yield entry
            if len(page) < BATCH:
                return
            after = page[-1].number

    async def export(self, since: datetime, until: datetime, subject: Subject | None = None) -> Extract:
        """The entries of that time (`until` left out) and the anchors that vouch for them.

        With a subject, entries about others come without their fact, as do those after `until` that lead to the next
        anchor: the links can be followed, nothing else is told.
        """
        async with self._db.snapshot() as tx:
            bounds = await store.find_bounds(tx, since, until)
            if bounds is None:
                return Extract((), self.read_all(through=0))
            first, last = bounds
            anchor = await store.find_anchor_from(tx, last)
        through = anchor.number if anchor else last
        anchors = [one for one in await self.list_anchors() if first <= one.number <= through]
        return Extract(anchors, self._told(self.read_all(first - 1, through), since, until, subject))

    async def _told(
        self, entries: AsyncIterator[Entry], since: datetime, until: datetime, subject: Subject | None
    ) -> AsyncIterator[Entry]:
        async for entry in entries:
            fact = entry.fact
            is_told = fact is not None and since <= fact.at < until and subject in (None, fact.subject)
            yield entry if is_told else Entry(entry.number, None, entry.previous, entry.hash)


def _parse_cursor(cursor: str) -> int | None:
    """The number before which a page goes on; None: the newest.  Raises AuditCursorUnknown."""
    if cursor and not (cursor.isascii() and cursor.isdigit() and len(cursor) <= 18):
        raise AuditCursorUnknown
    return int(cursor) if cursor else None
