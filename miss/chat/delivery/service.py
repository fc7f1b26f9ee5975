"""Group commit: envelopes that wait together are stored together.  protocol §4, §7, ADR 4

One pending list and one flusher per process.  The flusher takes all that waits, stores it in one transaction, and
only after the commit answers each sender and tells everybody else.  One question and one order a flush, whatever the
number of conversations: each is locked once (in sorted order), and moved with all others; who may write, in which
epoch and at which place is decided by what the lock shows, never by a cache.

A batch that fails is halved until the envelope at fault stands alone: it delays nobody.  A database that is away
fails everybody at once, with an error that says to repeat; nothing was acknowledged.
"""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
import structlog
from sqlalchemy.exc import IntegrityError

from miss.base.clock import Clock, monotonic_s, to_ms
from miss.base.errors import MissError
from miss.base.ids import BlobId
from miss.chat.alarms.service import Alarms
from miss.chat.blobs import store as blob_store
from miss.chat.blobs.model import BlobUse
from miss.chat.conversations.members import Members
from miss.chat.delivery import store
from miss.chat.delivery.errors import DeliveryBusy
from miss.chat.delivery.model import Deposit, Facts, Placed, Stored, place_all
from miss.chat.delivery.pace import Pace
from miss.chat.devices.ledger import Announce
from miss.chat.metrics import ChatMetrics
from miss.chat.notices.model import Deposited
from miss.directory.signer import Signer
from miss.protocol.crypto.receipts import Leaf, sign_batch
from miss.protocol.packing import pack
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Msg
from miss.storage import Database, Transaction
from miss.storage.errors import DatabaseUnreachable

log = structlog.get_logger("miss.chat")

MAX_BATCH = 500
"""Envelopes one transaction stores."""
COMPANY = 50
"""With so many a flush waits for no more."""
MAX_PENDING = 20_000
"""Envelopes that may wait; each sender's own rate keeps this far away."""


class Delivered(msgspec.Struct, frozen=True):
    """What a sender is told: durable, and proved by `receipt`."""

    seq: int
    ts_ms: int
    receipt: bytes
    dup: bool


Answer = Callable[[Delivered | MissError], None]
"""Called once for each deposit, after the commit; must not block."""


class _Pending(msgspec.Struct, frozen=True):
    deposit: Deposit
    answer: Answer


@dataclass(frozen=True, slots=True)
class _Flushed:
    """What one transaction decided; `number`: where its notices are written down."""

    outcomes: list[Placed | MissError]
    number: int
    notices: tuple[Deposited, ...]


class Delivery:
    """The flusher and its pending list."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        signer: Signer,
        members: Members,
        metrics: ChatMetrics,
        alarms: Alarms,
        *,
        origin: bytes,
        announce: Announce,
        gather_s: float = 0.0,
        gather_above_per_s: float = 0.0,
    ) -> None:
        """`gather_s`: wait this long for company before a flush, while more than `gather_above_per_s` envelopes come
        a second; 0: never wait."""
        self._db = db
        self._clock = clock
        self._signer = signer
        self._members = members
        self._metrics = metrics
        self._alarms = alarms
        self._origin = origin
        self._announce = announce
        self._gather_s = gather_s
        self._gather_above_per_s = gather_above_per_s
        self._pace = Pace(monotonic_s())
        self._pending: list[_Pending] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        """Begin to store what is deposited."""
        self._task = asyncio.create_task(self._run(), name="miss.chat.delivery")

    async def close(self) -> None:
        """Store what waits, then stop."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    def submit(self, deposit: Deposit, answer: Answer) -> None:
        """Have an envelope stored with the next flush."""
        if self._closing or len(self._pending) >= MAX_PENDING:
            answer(DeliveryBusy())
            return
        self._pending.append(_Pending(deposit, answer))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._pending:
                if self._waits_for_company():
                    await asyncio.sleep(self._gather_s)
                batch, self._pending = self._pending[:MAX_BATCH], self._pending[MAX_BATCH:]
                self._pace.note(len(batch), monotonic_s())
                try:
                    await self._flush(batch)
                except Exception:
                    # Whoever was not answered repeats; without this task nobody would be answered any more.
                    log.exception("chat.flush_failed")
            if self._closing:
                return

    def _waits_for_company(self) -> bool:
        is_busy = self._pace.per_s > self._gather_above_per_s
        return is_busy and self._gather_s > 0 and len(self._pending) < COMPANY and not self._closing

    async def _flush(self, batch: Sequence[_Pending], *, again: bool = False) -> None:
        started_s = monotonic_s()
        try:
            flushed = await self._store([each.deposit for each in batch])
        except DatabaseUnreachable as error:
            log.warning("chat.flush_unreachable", envelopes=len(batch))
            _answer_all(batch, error)
        except Exception as error:
            if len(batch) > 1:
                await self._flush(batch[: len(batch) // 2])
                await self._flush(batch[len(batch) // 2 :])
            elif isinstance(error, IntegrityError) and not again:
                # Another process stored the same envelope meanwhile: this time it is found.
                await self._flush(batch, again=True)
            else:
                # The text of an unknown error may quote the envelope; its type may not.
                log.error("chat.envelope_failed", reason=type(error).__name__)
                _answer_all(batch, MissError())
        else:
            self._metrics.flushed(len(batch), monotonic_s() - started_s)
            for each, answer in zip(batch, self._answers(flushed.outcomes), strict=True):
                each.answer(answer)
            if flushed.notices:
                await self._announce(flushed.number, flushed.notices)

    async def _store(self, deposits: Sequence[Deposit]) -> _Flushed:
        now = self._clock.now()
        number = 0
        async with self._db.hot_transaction() as tx:
            facts = await self._read_facts(tx, deposits, now)
            outcomes = place_all(deposits, facts)
            new = [outcome for outcome in outcomes if isinstance(outcome, Placed) and not outcome.dup]
            new.sort(key=lambda placed: (placed.stored.cid, placed.stored.seq))
            notices = _notices(new, facts)
            if new:
                number = await store.append(tx, new, origin=self._origin, notices=notices, at=now)
                if uses := [_use(blob, each) for each in new for blob in each.deposit.blobs]:
                    await blob_store.attach(tx, uses)
                if raised := [alarm for each in new if (alarm := each.alarm)]:
                    await self._alarms.raise_all(tx, raised)
        return _Flushed(outcomes, number, notices)

    async def _read_facts(self, tx: Transaction, deposits: Sequence[Deposit], now: datetime) -> Facts:
        found = await store.look_up(tx, deposits)
        blobs = {blob for deposit in deposits for blob in deposit.blobs}
        return Facts(
            states=found.states,
            members={cid: await self._members.at(tx, cid, state.version) for cid, state in found.states.items()},
            stored=found.stored,
            active=found.active,
            uploaders=await blob_store.uploaders_of(tx, blobs) if blobs else {},
            ts_ms=to_ms(now),
        )

    def _answers(self, outcomes: Sequence[Placed | MissError]) -> list[Delivered | MissError]:
        """What each sender is told; one signature for all of them (protocol §2, RC)."""
        placed = [outcome for outcome in outcomes if isinstance(outcome, Placed)]
        leaves = [_leaf(each.stored) for each in placed]
        # `pack` gives what `to_bytes` gives without reading it back: these values are our own.
        receipts = iter([pack(receipt) for receipt in sign_batch(leaves, self._signer.receipt_key)] if leaves else [])
        return [
            outcome
            if isinstance(outcome, MissError)
            else Delivered(outcome.stored.seq, outcome.stored.ts_ms, next(receipts), outcome.dup)
            for outcome in outcomes
        ]


def _answer_all(batch: Sequence[_Pending], error: MissError) -> None:
    for each in batch:
        each.answer(error)


def _leaf(stored: Stored) -> Leaf:
    return Leaf(stored.cid, stored.seq, stored.env_hash, stored.log, stored.ts_ms)


def _use(blob: BlobId, placed: Placed) -> BlobUse:
    return BlobUse(blob, placed.stored.cid, placed.stored.seq)


def _notices(new: Sequence[Placed], facts: Facts) -> tuple[Deposited, ...]:
    """One notice a conversation; each `msg` frame is encoded here, once for all who receive it."""
    notices = []
    for cid, group in itertools.groupby(new, key=lambda placed: placed.stored.cid):
        placed = list(group)
        notices.append(
            Deposited(
                cid=cid,
                version=facts.states[cid].version,
                first_seq=placed[0].stored.seq,
                last_seq=placed[-1].stored.seq,
                sockets=tuple(each.deposit.socket for each in placed),
                frames=tuple(
                    encode(Msg(cid=cid, seq=each.stored.seq, env=each.deposit.env, ts=each.stored.ts_ms))
                    for each in placed
                ),
            )
        )
    return tuple(notices)
