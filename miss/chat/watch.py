"""Whoever no longer counts is shown out within a second, on every process, whatever the broker carried.  protocol §7

Every `watch_s` a light look at what was revoked or closed lately: the sockets of those devices and accounts end here.
The same round writes down when devices were last heard of, and looks whether a restore was declared: then everybody
comes back, to be told.
"""

import asyncio
from datetime import timedelta

import structlog

from miss.base.clock import Clock
from miss.chat.devices import store as device_store
from miss.chat.devices.last_seen import LastSeen
from miss.chat.hub import Hub
from miss.chat.restorations.service import Restorations
from miss.directory.accounts import Accounts
from miss.protocol.wire.close import CloseCode
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable

log = structlog.get_logger("miss.chat")

LOOK_BACK = timedelta(minutes=2)
"""Processes' clocks differ, and a transaction dates a change before it commits."""


class Watch:
    """The rounds of this process."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        accounts: Accounts,
        hub: Hub,
        last_seen: LastSeen,
        restorations: Restorations,
        *,
        every_s: float,
    ) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._hub = hub
        self._last_seen = last_seen
        self._restorations = restorations
        self._every_s = every_s
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run(), name="miss.chat.watch")

    async def close(self) -> None:
        """Stop, and write down what is left to write."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            await self._do_round()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self._do_round()

    async def _do_round(self) -> None:
        try:
            if await self._restorations.look():
                self._hub.end_all(CloseCode.RESTART)
            if len(self._hub):
                await self.look()
            await self._last_seen.flush()
        except DatabaseUnreachable:
            log.warning("chat.watch_unreachable")
        except Exception:
            # The next round may succeed; without this task nobody would be shown out any more.
            log.exception("chat.watch_failed")

    async def look(self) -> None:
        """End the sockets of devices and accounts that stopped counting lately."""
        since = self._clock.now() - LOOK_BACK
        async with self._db.snapshot() as tx:
            devices = await device_store.revoked_since(tx, since)
            accounts = await self._accounts.closed_since(tx, since)
        for did in devices:
            self._hub.end_device(did, CloseCode.REVOKED)
        for uid in accounts:
            self._hub.end_account(uid, CloseCode.AUTH)
