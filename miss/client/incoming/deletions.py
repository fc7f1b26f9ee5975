"""Envelopes that the server does not show: deleted by their author, expired, or withheld.  protocol §3, §7

A deletion counts by the author's tombstone, expiry by the conversation's `ttl`.  An empty place with neither is
withheld, and refused by name; it keeps its place, and its hash continues the log.  So is a place left out between
two others, if this person was a member all the time: what is not theirs to read are the times they were not.
"""

from datetime import timedelta
from typing import Final

from miss.base.clock import from_ms
from miss.base.ids import ConversationId
from miss.client.errors import MessageWithheld
from miss.client.events import Event
from miss.client.incoming.effects import Effects
from miss.client.model import Message
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.tombstones import Tombstone, parse_tombstone, verify_tombstone
from miss.protocol.errors import TombstoneForged
from miss.protocol.wire.frames import Del, Gone, Item

LEAST_RETENTION: Final = timedelta(days=30)
"""Where the members agreed on no `ttl`, the server keeps at least this long: what goes earlier was withheld."""
MAX_MISSING: Final = 1000
"""Places of one gap that are noted; a server may claim any number."""
SLACK: Final = timedelta(seconds=5)
"""Clocks differ."""


class Deletions:
    """What is gone, and whether it may be."""

    def __init__(
        self, store: Store, device: DeviceRecord, identities: Identities, time: ServerTime, effects: Effects
    ) -> None:
        self._store = store
        self._uid = device.uid
        self._identities = identities
        self._time = time
        self._effects = effects

    async def read(self, cid: ConversationId, item: Item, before: Message | None) -> Message:
        """The message that an empty item stands for.  `before`: the one before it in the log, if it is here.

        Raises MessageWithheld, TombstoneForged, BadTombstone, and what `Identities.get` raises.
        """
        if item.gone is None:
            raise MessageWithheld(seq=item.seq)
        if item.gone.tombstone is None:
            if not self._may_have_expired(cid, item, before):
                raise MessageWithheld(seq=item.seq)
            return _left(cid, item)
        tombstone = await self._verify(cid, item.seq, item.gone)
        return Message(
            cid=cid,
            seq=item.seq,
            mid=None,
            uid=tombstone.uid,
            did=None,
            is_mine=tombstone.uid == self._uid,
            sent_at=from_ms(item.ts),
            deposited_at=from_ms(item.ts),
            is_deleted=True,
            deleted_at=from_ms(tombstone.ts_ms),
        )

    def missing(self, cid: ConversationId, up_to: int) -> list[Item]:
        """The places after what was fetched before, up to `up_to`, that the server left out and had to show."""
        after = self._store.conversations.get(cid).synced_seq
        found: list[Item] = []
        for first, last in self._store.messages.gaps(cid, after, up_to):
            before, at_ms = self._store.messages.epoch_around(cid, first - 1, back=True) or (1, self._time.now_ms())
            behind = self._store.messages.epoch_around(cid, last + 1, back=False)
            since = behind[0] if behind else None
            if self._store.conversations.is_member_throughout(cid, self._uid, before, since):
                found += [Item(seq, b"", at_ms) for seq in range(first, min(last, first + MAX_MISSING) + 1)]
        return found

    def _may_have_expired(self, cid: ConversationId, item: Item, before: Message | None) -> bool:
        """The time is up by what the server says, and by what the message before it, if any is here, lets it be."""
        kept_s = self._store.conversations.shortest_ttl_s(cid)
        kept = timedelta(seconds=kept_s) if kept_s else LEAST_RETENTION
        at = from_ms(item.ts)
        if before is not None and before.uid is not None and not before.is_deleted:
            at = max(at, before.sent_at)
        return at + kept <= self._time.now() + SLACK

    async def _verify(self, cid: ConversationId, seq: int, gone: Gone) -> Tombstone:
        tombstone = parse_tombstone(gone.tombstone or b"")
        about = tombstone.cid, tombstone.seq, tombstone.env_hash
        if about != (cid, seq, gone.env_hash) or not self._store.conversations.was_member(cid, tombstone.uid):
            raise TombstoneForged(seq=seq)
        verify_tombstone(tombstone, await self._identities.get(tombstone.uid))
        return tombstone

    async def take(self, frame: Del) -> list[Event]:
        """The server tells of a deletion.  Raises TombstoneForged, BadTombstone, and what `Identities.get` raises."""
        known = self._store.messages.env_hash_at(frame.cid, frame.seq)
        if known is None:
            return []  # not here yet: it will come with its tombstone in place of its content
        tombstone = await self._verify(frame.cid, frame.seq, Gone(known, frame.tombstone))
        message = self._store.messages.find(frame.cid, frame.seq)
        if message is None:
            return []
        if message.uid is not None and message.uid != tombstone.uid:
            raise TombstoneForged(seq=frame.seq)
        with self._store.transaction():
            return self._effects.delete(message, tombstone.ts_ms)


def _left(cid: ConversationId, item: Item) -> Message:
    """A place that has outlived the conversation's `ttl`."""
    at = from_ms(item.ts)
    return Message(
        cid=cid, seq=item.seq, mid=None, uid=None, did=None, is_mine=False, sent_at=at, deposited_at=at, is_deleted=True
    )
