"""Deletion by the author: the envelope goes, its hash and the signed wish stay.  protocol §3 (tombstone), §7 (`del`)

What was read cannot be taken back from those who read it; what the server keeps can.  The log goes on: whoever reads
it later sees that something stood there, and who took it away.
"""

from miss.base.clock import Clock, to_ms
from miss.base.errors import NotFound
from miss.base.ids import BlobId
from miss.chat.alarms import store as alarm_store
from miss.chat.blobs import store as blob_store
from miss.chat.blobs.service import Blobs
from miss.chat.conversations import store as conversation_store
from miss.chat.delivery import store
from miss.chat.delivery.errors import NotAuthor, TombstoneMismatch
from miss.chat.delivery.model import Grave
from miss.chat.devices import store as device_store
from miss.chat.devices.ledger import Announce
from miss.chat.devices.model import LinkedDevice
from miss.chat.devices.service import Devices
from miss.chat.notices import store as notice_store
from miss.chat.notices.model import Deleted, Told
from miss.protocol.crypto.tombstones import Tombstone, parse_tombstone, verify_tombstone
from miss.protocol.errors import TombstoneForged
from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Del
from miss.storage import Database, Transaction


class Deletions:
    """Takes tombstones."""

    def __init__(
        self, db: Database, clock: Clock, devices: Devices, blobs: Blobs, *, origin: bytes, announce: Announce
    ) -> None:
        """`origin`: this process, in notices."""
        self._db = db
        self._clock = clock
        self._devices = devices
        self._blobs = blobs
        self._origin = origin
        self._announce = announce

    async def delete(self, by: LinkedDevice, frame: Del) -> None:
        """Delete what `by`'s account wrote, and tell whoever may read that place; again: tell the account only.

        Raises BadTombstone, TombstoneForged, NotFound (no such place for this person), NotAuthor, TombstoneMismatch.
        """
        wish = parse_tombstone(frame.tombstone)
        if (wish.cid, wish.seq, wish.uid) != (frame.cid, frame.seq, by.uid):
            raise TombstoneForged(seq=frame.seq)
        chain = await self._devices.find_chain(by.uid)
        if chain is None:
            raise NotFound(cid=frame.cid.hex())
        verify_tombstone(wish, chain)
        notices = (Deleted(frame.cid, frame.seq),)
        async with self._db.transaction() as tx:
            # Held, so that neither retention nor another device of the author does the same work meanwhile.
            await conversation_store.lock(tx, [frame.cid])
            await _require_author(tx, wish)
            grave = await store.find_grave(tx, wish.cid, wish.seq)
            if grave is None:
                now = self._clock.now()
                grave = Grave(wish.cid, wish.seq, wish.uid, wish.raw, to_ms(now))
                loose = await _bury(tx, grave)
                number = await notice_store.append(tx, self._origin, notices, now)
            else:
                loose, number = [], 0
        if number:
            await self._blobs.erase(loose)
            await self._announce(number, notices)
        else:
            echo = encode(Del(grave.cid, grave.seq, grave.tombstone, grave.uid))
            await self._announce(0, (Told((by.uid,), echo, ephemeral=False),))


async def _require_author(tx: Transaction, wish: Tombstone) -> None:
    """Raises NotFound if the author may not read the place, NotAuthor, TombstoneMismatch."""
    intervals = await conversation_store.intervals_of(tx, wish.cid, wish.uid)
    standing = await store.find_standing(tx, wish.cid, wish.seq)
    if standing is None or not any(interval.clip(wish.seq, wish.seq) for interval in intervals):
        raise NotFound(cid=wish.cid.hex())
    sender = await device_store.find_device(tx, standing.did)
    if sender is None or sender.uid != wish.uid:
        raise NotAuthor(seq=wish.seq)
    if standing.env_hash != wish.env_hash:
        raise TombstoneMismatch(seq=wish.seq)


async def _bury(tx: Transaction, grave: Grave) -> list[BlobId]:
    """The blobs that nothing names any more."""
    await store.blank(tx, grave.cid, [grave.seq])
    await store.add_grave(tx, grave)
    await alarm_store.remove(tx, grave.cid, [grave.seq])
    return await blob_store.detach(tx, grave.cid, [grave.seq])
