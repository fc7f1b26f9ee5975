"""How often somebody may do something, whichever process they ask: buckets are spent from here, and settled together.

Each process has a bucket of its own for each subject, so the hot path asks nobody.  Once every `settle_s` what was
spent is told to the shared bucket, in one question for all subjects, and the bucket here is lowered to what the shared
one has left, below zero if others have spent as well: a subject who spreads over n processes gets up to n bursts
within one such period, owes them (a burst at most), and over time has one rate as long as a burst has as many tokens
as there are processes.  What must not be guessed at (`ask`) is taken from the
shared bucket before the answer.  Without the shared counts each process goes on with its own.  ADR 28
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable

import structlog

from miss.base.clock import monotonic_s
from miss.broker.counts import Counts, CountsAway, Spend, key_of
from miss.protocol.session.limits import Rate
from miss.protocol.session.rates import TokenBucket

log = structlog.get_logger("miss.broker")

MAX_BUCKETS = 100_000
"""The ones unused for longest are forgotten first: a full bucket is as good as none."""
SETTLE_S = 1.0


class SharedBucket(TokenBucket):
    """This process's part of a bucket; remembers what was spent and is not settled."""

    __slots__ = ("_owe", "key", "unsettled")

    def __init__(self, key: bytes, rate: Rate, now_s: float, owe: "Callable[[SharedBucket], None]") -> None:
        """`owe`: called when there is something to settle."""
        super().__init__(rate, now_s)
        self.key = key
        self.unsettled = 0
        self._owe = owe

    def take(self, now_s: float) -> float:
        """See `TokenBucket`."""
        wait_s = super().take(now_s)
        if not wait_s:
            self.unsettled += 1
            if self.unsettled == 1:
                self._owe(self)
        return wait_s

    def take_unowed(self, now_s: float) -> float:
        """Take what the caller settles itself."""
        return super().take(now_s)

    def spend(self) -> Spend:
        """What is to be settled."""
        return Spend(self.key, self._rate.burst, self._rate.per_s, self.unsettled, is_spent=True)

    def settle(self, settled: int, left: float, now_s: float) -> None:
        """`settled` tokens have been told, after which the shared bucket had `left`."""
        self.unsettled -= settled
        self.lower(left - self.unsettled, now_s)
        if self.unsettled:
            self._owe(self)

    def owe(self, tokens: float, now_s: float) -> None:
        """Lack `tokens` more: they are gone, whether they were there or not; the caller settles them itself."""
        self._fill(now_s)
        self._tokens -= tokens

    def forgive(self) -> None:
        """Nobody can be told: what was spent here has been counted here."""
        self.unsettled = 0


class Rates:
    """The buckets of this process."""

    def __init__(self, counts: Counts, *, settle_s: float = SETTLE_S) -> None:
        self._counts = counts
        self._settle_s = settle_s
        self._buckets: OrderedDict[tuple[str, bytes], SharedBucket] = OrderedDict()
        self._owing: list[SharedBucket] = []
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to settle."""
        self._task = asyncio.create_task(self._run(), name="miss.rates")

    async def close(self) -> None:
        """Settle what is left, and stop.  Again: nothing happens."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await self.settle()

    def bucket(self, kind: str, subject: bytes, rate: Rate) -> SharedBucket:
        """The bucket of `subject` for `kind`; always asked for with the same rate."""
        key = kind, subject
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = SharedBucket(key_of(*key), rate, monotonic_s(), self._owing.append)
            if len(self._buckets) > MAX_BUCKETS:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        return bucket

    def take(self, kind: str, subject: bytes, rate: Rate) -> float:
        """Count one at once and return 0; if there is none left, in how many seconds there will be."""
        return self.bucket(kind, subject, rate).take(monotonic_s())

    async def ask(self, kind: str, subject: bytes, rate: Rate) -> float:
        """As `take`, from the shared bucket: no process lets through what another one has used up."""
        bucket = self.bucket(kind, subject, rate)
        wait_s = bucket.take_unowed(monotonic_s())
        if wait_s:
            return wait_s
        try:
            (balance,) = await self._counts.spend([Spend(bucket.key, rate.burst, rate.per_s)])
        except CountsAway:
            return 0.0
        bucket.lower(balance.tokens, monotonic_s())
        return 0.0 if balance.taken else (1 - balance.tokens) / rate.per_s

    async def owe(self, kind: str, subject: bytes, rate: Rate, tokens: int) -> None:
        """Count `tokens` that are gone already: what the bucket lacks, it regains before anything is taken again."""
        bucket = self.bucket(kind, subject, rate)
        bucket.owe(tokens, monotonic_s())
        try:
            (balance,) = await self._counts.spend([Spend(bucket.key, rate.burst, rate.per_s, tokens, is_spent=True)])
        except CountsAway:
            return
        bucket.lower(balance.tokens, monotonic_s())

    async def settle(self) -> None:
        """Tell what was spent since the last time, and learn what others have spent."""
        owing = self._owing[:]
        self._owing.clear()
        spends = [bucket.spend() for bucket in owing]
        try:
            balances = await self._counts.spend(spends)
        except BaseException as error:
            for bucket in owing:
                bucket.forgive()
            if isinstance(error, CountsAway):
                return
            raise
        now_s = monotonic_s()
        for bucket, spend, balance in zip(owing, spends, balances, strict=True):
            bucket.settle(int(spend.tokens), balance.tokens, now_s)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._settle_s)
            if self._owing:
                try:
                    await self.settle()
                except Exception:
                    # The next time may do; without this task each process would count for itself for ever.
                    log.exception("broker.settle_failed")
