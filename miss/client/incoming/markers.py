"""Who has received and read how far: delivery on the server's word, reading on a signature.  protocol §3, §7"""

from miss.client.events import Announcer, Delivered, ReadBy
from miss.client.incoming.logbook import Logbook
from miss.client.people.identities import Identities
from miss.client.store import Store
from miss.client.store.conversations import READ, RECEIVED
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.receipts import parse_read_receipt, verify_read_receipt
from miss.protocol.errors import ReceiptForged
from miss.protocol.wire.frames import Read, Recv


class Markers:
    """Markers of others, and of this person's other devices; they only move forward."""

    def __init__(
        self, store: Store, device: DeviceRecord, identities: Identities, logbook: Logbook, announcer: Announcer
    ) -> None:
        self._store = store
        self._device = device
        self._identities = identities
        self._logbook = logbook
        self._announcer = announcer

    def take_received(self, frame: Recv) -> None:
        """A device of `frame.uid` has everything up to `frame.seq`, in a conversation and of a person known here."""
        if frame.uid is None or frame.uid == self._device.uid:
            return
        if self._store.conversations.find(frame.cid) is None or self._identities.find(frame.uid) is None:
            return
        if self._store.conversations.mark(frame.cid, frame.uid, RECEIVED, frame.seq):
            self._announcer.announce(Delivered(frame.cid, frame.uid, frame.seq))

    async def take_read(self, frame: Read) -> None:
        """`frame.uid` opened everything up to `frame.seq`; if their log is not ours, that is announced (SplitView).

        Raises ReceiptForged or BadReceipt if the receipt does not say so, and what `Identities.get` raises.
        """
        if frame.uid is None:
            return
        receipt = parse_read_receipt(frame.receipt)
        is_members = self._store.conversations.was_member(frame.cid, frame.uid)
        if (receipt.uid, receipt.cid, receipt.seq) != (frame.uid, frame.cid, frame.seq) or not is_members:
            raise ReceiptForged(seq=frame.seq)
        verify_read_receipt(receipt, await self._identities.get(frame.uid))
        if frame.uid == self._device.uid:
            self._store.conversations.advance(frame.cid, read_seq=frame.seq, read_reported_seq=frame.seq)
        elif self._store.conversations.mark(frame.cid, frame.uid, READ, frame.seq):
            # What was read was received, whatever the server forwards first.
            self.take_received(Recv(cid=frame.cid, seq=frame.seq, uid=frame.uid))
            self._announcer.announce(ReadBy(frame.cid, frame.uid, frame.seq))
            for event in self._logbook.take_receipt(receipt):
                self._announcer.announce(event)
