"""Telling how far this device has received and its person has read: cumulative, at most once a second.  protocol §7"""

import asyncio
from typing import Final

from miss.base.clock import monotonic_s
from miss.base.ids import ConversationId
from miss.client.connection import Connection
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.conversations import ConversationRecord
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.receipts import compose_read_receipt, log_start
from miss.protocol.errors import NotConnected
from miss.protocol.wire.frames import Read, Recv

PAUSE_S: Final = 1.0
"""Between two reports about one conversation."""


class Reports:
    """One task; what is to be told is read from the store, so nothing is forgotten by a crash."""

    def __init__(self, store: Store, device: DeviceRecord, connection: Connection, time: ServerTime) -> None:
        self._store = store
        self._device = device
        self._connection = connection
        self._time = time
        self._wake = asyncio.Event()
        self._due: set[ConversationId] = set()
        self._last_at_s: dict[ConversationId, float] = {}

    def note(self, cid: ConversationId) -> None:
        """Something moved in `cid`."""
        self._due.add(cid)
        self._wake.set()

    @property
    def tells_reading(self) -> bool:
        """Whether what is read here is told to the others."""
        return self._store.device.tells_reading()

    def set_tells_reading(self, on: bool) -> None:
        """From now on.  What was read in silence stays untold, until something after it is read."""
        with self._store.transaction():
            self._store.device.set_tells_reading(on)
            self._store.conversations.settle_reading()

    def restart(self) -> None:
        """A new connection: tell what was not told yet."""
        for record in self._store.conversations.list_():
            if _has_news(record):
                self.note(record.cid)

    async def run(self) -> None:
        """Report whatever is due, whenever it may be."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._due and self._connection.is_open:
                now_s = monotonic_s()
                ready = {cid for cid in self._due if now_s - self._last_at_s.get(cid, -PAUSE_S) >= PAUSE_S}
                for cid in ready:
                    self._due.discard(cid)
                    # What the server names may be nothing that is known here: its commits did not hold.
                    record = self._store.conversations.find(cid)
                    if record is not None and self._report(record):
                        self._last_at_s[cid] = now_s
                if self._due:
                    oldest_s = min(self._last_at_s[cid] for cid in self._due)
                    await asyncio.sleep(max(0.0, oldest_s + PAUSE_S - now_s))

    def _report(self, record: ConversationRecord) -> bool:
        """Tell what is new of one conversation; True if anything was said."""
        cid, told = record.cid, False
        try:
            if record.synced_seq > record.received_reported_seq:
                self._connection.report(Recv(cid=cid, seq=record.synced_seq))
                told = self._store.conversations.advance(cid, received_reported_seq=record.synced_seq)
            if record.read_seq > record.read_reported_seq:
                if self.tells_reading:
                    self._connection.report(Read(cid=cid, seq=record.read_seq, receipt=self._sign(record)))
                told = self._store.conversations.advance(cid, read_reported_seq=record.read_seq)
        except NotConnected:
            self.note(cid)
        return told

    def _sign(self, record: ConversationRecord) -> bytes:
        """The read receipt.  Its log is the start of the log if this device did not see all of it (protocol §3)."""
        log = self._store.messages.log_at(record.cid, record.read_seq) or log_start(record.cid)
        return compose_read_receipt(
            cid=record.cid,
            seq=record.read_seq,
            log=log,
            uid=self._device.uid,
            did=self._device.did,
            ts_ms=self._time.now_ms(),
            ik=self._device.keys.ik,
        ).raw


def _has_news(record: ConversationRecord) -> bool:
    return record.synced_seq > record.received_reported_seq or record.read_seq > record.read_reported_seq
