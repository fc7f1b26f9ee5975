"""Messages past their conversation's `ttl` leave this device too, whether it is online or not.  protocol §5"""

import asyncio
from typing import Final

from miss.base.ids import ConversationId
from miss.client.events import Announcer, MessagesExpired
from miss.client.server_time import ServerTime
from miss.client.store import Store

LOOK_S: Final = 60.0
"""At most this long between two looks; sooner if something is due sooner."""


class Expiry:
    """One task."""

    def __init__(self, store: Store, time: ServerTime, announcer: Announcer) -> None:
        self._store = store
        self._time = time
        self._announcer = announcer
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """A policy or a message is new."""
        self._wake.set()

    async def run(self) -> None:
        """Drop what is due, whenever it is."""
        while True:
            self._wake.clear()
            pause_s = LOOK_S
            for record in self._store.conversations.list_():
                pause_s = min(pause_s, self._look(record.cid))
            try:
                async with asyncio.timeout(pause_s):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _look(self, cid: ConversationId) -> float:
        """Drop what is past its time; seconds until the next is."""
        epoch = self._store.conversations.last_epoch(cid)
        ttl_ms = 0 if epoch is None else epoch.commit.core.policy.ttl_s * 1000
        if not ttl_ms:
            return LOOK_S
        now_ms = self._time.certain_ms()
        if seqs := self._store.messages.expire(cid, now_ms - ttl_ms):
            self._announcer.announce(MessagesExpired(cid, tuple(seqs)))
        self._store.lost.expire(cid, now_ms - ttl_ms)
        oldest_ms = self._store.messages.oldest_ms(cid)
        return LOOK_S if oldest_ms is None else max(0.05, (oldest_ms + ttl_ms - now_ms) / 1000)
