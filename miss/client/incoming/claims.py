"""What people have signed and the server passes on: believed by the signature, for whoever is known by then.

Receipts, deletions and acknowledgements come on their own, and may overtake the commit or the link that makes their
author somebody who may say so.  Before the server is called a liar it is asked for both.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from miss.base.ids import ConversationId
from miss.client.epochs import Epochs
from miss.client.incidents import Incidents
from miss.client.people.identities import Identities
from miss.client.store import Store
from miss.protocol.crypto.acknowledgements import Acknowledgement, parse_acknowledgement
from miss.protocol.crypto.receipts import ReadReceipt, parse_read_receipt
from miss.protocol.crypto.tombstones import Tombstone, parse_tombstone
from miss.protocol.errors import AcknowledgementForged, ReceiptForged, TombstoneForged
from miss.protocol.wire.frames import AlarmChanged, Del, Read

F = TypeVar("F", Read, Del, AlarmChanged)
Signed = ReadReceipt | Tombstone | Acknowledgement


class Claims:
    """Taken once more where it was too early to judge."""

    def __init__(self, store: Store, identities: Identities, epochs: Epochs, incidents: Incidents) -> None:
        self._store = store
        self._identities = identities
        self._epochs = epochs
        self._incidents = incidents

    async def take(self, frame: F, take: Callable[[F], Awaitable[None]]) -> None:
        """Let `take` have the frame, if its conversation is known here: heads tell of one that is not, and the log.

        Raises as `take` if nothing that the server has makes it hold, and as `Epochs.catch_up` and
        `Identities.refresh`.
        """
        if self._store.conversations.find(frame.cid) is None:
            return
        try:
            await take(frame)
        except (ReceiptForged, TombstoneForged, AcknowledgementForged) as error:
            signed = _signed(frame)
            if self._is_known(frame.cid, signed):
                raise
            # One that was found out a moment ago is not asked about for each repetition.
            if self._incidents.is_recent(error, frame) or not await self._learn_of(frame.cid, signed):
                raise
            await take(frame)

    def _is_known(self, cid: ConversationId, signed: Signed) -> bool:
        """True if its author is a member, on a device of theirs, as far as this device knows."""
        chain = self._identities.find(signed.uid)
        if chain is None or not self._store.conversations.was_member(cid, signed.uid):
            return False
        return any(signed.did in state.devices for state in chain.states())

    async def _learn_of(self, cid: ConversationId, signed: Signed) -> bool:
        """Fetch the commits, and a member's links, that are missing here; True if its author is known by them."""
        await self._epochs.catch_up(cid)
        if self._store.conversations.was_member(cid, signed.uid) and not self._is_known(cid, signed):
            await self._identities.refresh(signed.uid)
        return self._is_known(cid, signed)


def _signed(frame: Read | Del | AlarmChanged) -> Signed:
    """What its author signed: it has the right shape, or it would not have come to its signature."""
    match frame:
        case Read():
            return parse_read_receipt(frame.receipt)
        case Del():
            return parse_tombstone(frame.tombstone)
        case AlarmChanged():
            return parse_acknowledgement(frame.ack or b"")
