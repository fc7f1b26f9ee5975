"""Members who said goodbye are taken out by an admin's device, by itself.  protocol §4

Whoever leaves cannot commit it: they would know the next secret.  Every admin's device waits a random moment, so
that mostly one commits; the others find nothing left to do.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Final

from miss.base.errors import MissError
from miss.base.ids import AccountId, ConversationId
from miss.base.random import RandomBytes
from miss.client.connection import Connection
from miss.client.epochs import Epochs, unchanged
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.commits import Commit, Policy, Role

JITTER_S: Final = 2.0
RETRY_S: Final = 30.0

_log = logging.getLogger(__name__)


class Departures:
    """One task; who is leaving is read from the store, so nobody is forgotten by a crash."""

    def __init__(
        self, store: Store, device: DeviceRecord, epochs: Epochs, connection: Connection, random_bytes: RandomBytes
    ) -> None:
        self._store = store
        self._device = device
        self._epochs = epochs
        self._connection = connection
        self._random_bytes = random_bytes
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Somebody said goodbye, or there is a way to commit it."""
        self._wake.set()

    async def run(self) -> None:
        """Take them out, whenever it is this device's turn."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            if not self._connection.is_open or not any(map(self._mine, self._store.conversations.with_departures())):
                continue
            await asyncio.sleep(JITTER_S * int.from_bytes(self._random_bytes(4), "big") / 2**32)
            for cid in self._store.conversations.with_departures():
                try:
                    await self._take_out(cid)
                except MissError as error:
                    _log.warning("nobody was taken out: %s", error.code)
                    asyncio.get_running_loop().call_later(RETRY_S, self.wake)

    async def _take_out(self, cid: ConversationId) -> None:
        if self._mine(cid):
            await self._epochs.change(cid, lambda last: self._without(cid, last))

    def _mine(self, cid: ConversationId) -> set[AccountId]:
        """Whom this device may take out: others, while its own person is an admin."""
        last = self._store.conversations.last_epoch(cid)
        me = None if last is None else last.commit.member(self._device.uid)
        leaving = set(self._store.conversations.departures(cid))
        return leaving - {self._device.uid} if me is not None and me.role is Role.ADMIN else set()

    def _without(self, cid: ConversationId, last: Commit) -> tuple[Mapping[AccountId, Role], Policy] | None:
        roles, policy = unchanged(last)
        staying = {uid: role for uid, role in roles.items() if uid not in self._mine(cid)}
        return None if staying == roles else (staying, policy)
