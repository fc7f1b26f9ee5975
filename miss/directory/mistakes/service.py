"""Reports of mistakes: taken from readers, closed by technicians; both in the access log."""

from collections.abc import Sequence
from math import ceil

from miss.base.clock import Clock
from miss.base.ids import AccountId, PractitionerId, new_row_id
from miss.base.random import RandomBytes
from miss.broker import Rates
from miss.directory.audit import AuditLog, Subject
from miss.directory.mistakes import store
from miss.directory.mistakes.errors import (
    MistakeAlreadyClosed,
    MistakeNotFound,
    MistakeWordsRefused,
    TooManyMistakes,
)
from miss.directory.mistakes.model import WORDS_LENGTH, Mistake, MistakeKind, Outcome, tidy_words
from miss.directory.practitioners import Practitioners
from miss.protocol.session.limits import Rate
from miss.storage import Database, Transaction

RATE = Rate(burst=10, per_s=10 / 3600)
"""Reports of one person."""
MAX_SHOWN = 100
_RATE_KIND = "directory.mistakes"


class Mistakes:
    """What readers hold for wrong."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        random_bytes: RandomBytes,
        practitioners: Practitioners,
        audit: AuditLog,
        rates: Rates,
    ) -> None:
        self._db = db
        self._clock = clock
        self._random_bytes = random_bytes
        self._practitioners = practitioners
        self._audit = audit
        self._rates = rates

    async def report(self, by: AccountId, about: PractitionerId, kind: MistakeKind, words: str) -> Mistake:
        """Take a report.  Raises MistakeWordsRefused, PractitionerNotFound, TooManyMistakes."""
        words = tidy_words(words)
        if not words or len(words) > WORDS_LENGTH:
            raise MistakeWordsRefused(max=WORDS_LENGTH)
        await self._practitioners.get(about)
        if wait_s := await self._rates.ask(_RATE_KIND, by, RATE):
            raise TooManyMistakes(retry_after_s=ceil(wait_s), minutes=ceil(wait_s / 60))
        now = self._clock.now()
        mistake = Mistake(
            id=new_row_id(now, self._random_bytes),
            practitioner_id=about,
            by=by,
            kind=kind,
            words=words,
            reported_at=now,
        )
        async with self._db.transaction() as tx:
            await store.insert(tx, mistake)
            self._append(tx, by.hex(), "directory.mistake_reported", mistake, kind.value)
        return mistake

    async def list_open(self) -> Sequence[Mistake]:
        """Those that wait for a technician, oldest first; the first `MAX_SHOWN`."""
        async with self._db.snapshot() as tx:
            return await store.list_open(tx, MAX_SHOWN)

    async def count_open(self) -> int:
        """How many wait."""
        async with self._db.snapshot() as tx:
            return await store.count_open(tx)

    async def close(self, mistake_id: str, outcome: Outcome, *, by: AccountId) -> None:
        """A technician has looked at it.  Raises MistakeNotFound, MistakeAlreadyClosed."""
        if not mistake_id.isprintable():
            raise MistakeNotFound
        async with self._db.transaction() as tx:
            mistake = await store.find(tx, mistake_id)
            if mistake is None:
                raise MistakeNotFound
            if not await store.close(tx, mistake_id, outcome, by.hex(), self._clock.now()):
                raise MistakeAlreadyClosed
            self._append(tx, by.hex(), "directory.mistake_closed", mistake, outcome.value)

    def _append(self, tx: Transaction, actor: str, act: str, mistake: Mistake, said: str) -> None:
        subject = Subject.practitioner(mistake.practitioner_id)
        self._audit.append(tx, actor=actor, act=act, subject=subject, detail=f"{mistake.id} {said}")
