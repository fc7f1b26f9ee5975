"""Markers: how far each member has received and read.  protocol §3 (read receipt), §7 (`recv`, `read`)

Markers are cumulative, so what comes in within `MERGE_S` is merged by person and conversation and written in one
transaction, apart from the log: they never delay an ack.  Losing the last moment of them costs nothing, as clients
repeat theirs when they connect.  Only the latest read receipt is kept, as signed by the device.
"""

import asyncio
from collections.abc import Mapping

import structlog

from miss.base.clock import Clock
from miss.base.ids import AccountId, ConversationId
from miss.chat.conversations import store as conversation_store
from miss.chat.conversations.members import Members
from miss.chat.conversations.model import Mark
from miss.chat.devices.ledger import Announce
from miss.chat.devices.model import LinkedDevice
from miss.chat.devices.service import Devices
from miss.chat.notices.model import Told
from miss.protocol.crypto.receipts import parse_read_receipt, verify_read_receipt
from miss.protocol.errors import BadReceipt
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Read, Recv
from miss.storage import Database

log = structlog.get_logger("miss.chat")

MERGE_S = 0.2
MAX_PENDING = 20_000
"""Pairs of person and conversation that may wait; markers beyond are dropped, clients repeat them."""

Key = tuple[ConversationId, AccountId]


class Markers:
    """Merges, writes, tells."""

    def __init__(self, db: Database, clock: Clock, devices: Devices, members: Members, *, announce: Announce) -> None:
        self._db = db
        self._clock = clock
        self._devices = devices
        self._members = members
        self._announce = announce
        self._pending: dict[Key, Mark] = {}
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="miss.chat.markers")

    async def close(self) -> None:
        """Write what waits, then stop."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    def note_received(self, by: LinkedDevice, frame: Recv) -> None:
        """Everything up to `frame.seq` has reached a device of `by`."""
        self._note((frame.cid, by.uid), Mark(frame.seq))

    async def note_read(self, by: LinkedDevice, frame: Read) -> None:
        """`by` has opened everything up to `frame.seq`.  Raises BadReceipt, ReceiptForged."""
        receipt = parse_read_receipt(frame.receipt)
        if (receipt.cid, receipt.seq, receipt.uid, receipt.did) != (frame.cid, frame.seq, by.uid, by.did):
            raise BadReceipt(reason="names_another")
        chain = await self._devices.find_chain(by.uid)
        if chain is None:
            raise BadReceipt(reason="unknown_reader")
        verify_read_receipt(receipt, chain)
        self._note((frame.cid, by.uid), Mark(frame.seq, frame.seq, frame.receipt))

    def _note(self, key: Key, mark: Mark) -> None:
        if key not in self._pending and len(self._pending) >= MAX_PENDING:
            return
        self._pending[key] = self._pending.get(key, Mark()).merged(mark)
        self._wake.set()

    async def _run(self) -> None:
        while not self._closing or self._pending:
            await self._wake.wait()
            self._wake.clear()
            if not self._closing:
                await asyncio.sleep(MERGE_S)
            pending, self._pending = self._pending, {}
            try:
                await self._write(pending)
            except Exception as error:
                log.warning("chat.markers_lost", markers=len(pending), reason=type(error).__name__)

    async def _write(self, pending: Mapping[Key, Mark]) -> None:
        if not pending:
            return
        moved: dict[Key, Mark] = {}
        told: list[Told] = []
        async with self._db.transaction() as tx:
            states = await conversation_store.lock(tx, {cid for cid, _ in pending})
            known = await conversation_store.marks_of(tx, pending.keys())
            for (cid, uid), news in pending.items():
                state = states.get(cid)
                members = await self._members.at(tx, cid, state.version) if state else frozenset()
                if state is None or uid not in members or news.recv_seq > state.last_seq:
                    continue
                before = known.get((cid, uid), Mark())
                after = before.merged(news)
                if after != before:
                    moved[cid, uid] = after
                    told += _tell(cid, uid, before, after, tuple(members))
            if moved:
                await conversation_store.put_marks(tx, moved, known=known.keys(), at=self._clock.now())
        if told:
            await self._announce(0, tuple(told))


def _tell(cid: ConversationId, uid: AccountId, before: Mark, after: Mark, members: tuple[AccountId, ...]) -> list[Told]:
    """Frames for the members, the person's other devices included: badges agree everywhere."""
    frames = []
    if after.read_seq > before.read_seq and after.receipt is not None:
        frames.append(encode(Read(cid=cid, seq=after.read_seq, receipt=after.receipt, uid=uid)))
    if after.recv_seq > max(before.recv_seq, after.read_seq):
        frames.append(encode(Recv(cid=cid, seq=after.recv_seq, uid=uid)))
    return [Told(members, frame, ephemeral=False) for frame in frames]
