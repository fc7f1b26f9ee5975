"""One conversation after the other, brought together with what a restored server still has.  protocol §5, Restoration

What both have goes on.  What only this device has is kept apart and shown as lost, its own messages are sent again.
Nothing is done without a statement that ROOT has signed, and nothing that the statement does not cover.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from miss.base.errors import MissError
from miss.base.ids import ConversationId
from miss.client.api import ServerApi
from miss.client.epochs import Epochs
from miss.client.errors import RollbackNotCovered, ServerRefused, ServerUnreachable
from miss.client.events import Announcer, ConversationReconciled
from miss.client.incidents import LIES, Incidents
from miss.client.outgoing.sending import TEMPORARY
from miss.client.restoring.groups import GroupReturn
from miss.client.restoring.links import LinkReturn
from miss.client.restoring.logs import LogComparison
from miss.client.restoring.notices import RestorationNotices
from miss.client.restoring.resending import repeat_statements, resend_lost
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.errors import NotConnected
from miss.protocol.wire.frames import Head, Ready

RETRY_S: Final = 5.0

_log = logging.getLogger(__name__)


class Reconciling:
    """One client's; `Sync` is the only task that calls it."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        api: ServerApi,
        epochs: Epochs,
        time: ServerTime,
        announcer: Announcer,
        notices: RestorationNotices,
        incidents: Incidents,
        is_open: Callable[[], bool],
    ) -> None:
        """`is_open`: whether there is a connection."""
        self._store = store
        self._device = device
        self._time = time
        self._announcer = announcer
        self._api = api
        self._notices = notices
        self._incidents = incidents
        self._is_open = is_open
        self._links = LinkReturn(store, device, api)
        self._groups = GroupReturn(store, device, api, epochs)
        self._logs = LogComparison(store, device, api)

    def is_waiting(self, cid: ConversationId) -> bool:
        """True while a conversation was not brought together with the server's: nothing of it is taken or sent."""
        return self._store.restorations.since(cid) is not None

    async def prepare(self, ready: Ready, note: Callable[[Ready, MissError], None]) -> tuple[Head, ...]:
        """A connection begins: all heads if there is something to reconcile; nothing is pulled or sent before that.

        A statement that does not hold changes nothing: it is told to `note`.  Raises NotConnected, and ServerRefused
        for heads unless that passes by itself.
        """
        while True:
            try:
                pinned_ms = await self._notices.take(ready)
                waiting = self._store.restorations.unreconciled()
                # As long as something waits they are given back anew: the time before may have ended halfway.
                since = [ms for ms in (pinned_ms, *waiting.values()) if ms is not None]
                if since:
                    await self._links.put_back(min(since))
                if not waiting:
                    return ()
                heads = await self._api.fetch_heads()
                if await self._give_back_absent({head.cid for head in heads}):
                    heads = await self._api.fetch_heads()
                return tuple(heads)
            except LIES as error:
                note(ready, error)
                return ()
            except (ServerUnreachable, ServerRefused) as error:
                if not _is_passing(error):
                    raise
                await asyncio.sleep(RETRY_S)
                if not self._is_open():
                    raise NotConnected from None

    async def rescue(self) -> bool:
        """The server does not know this device: True if it may next time.

        Either a restore explains it and the device's link was given back, or the server could not say just now.
        """
        try:
            await self._notices.look()
            since_ms = self._notices.last_since()
            return since_ms is not None and await self._links.put_back(since_ms)
        except MissError as error:
            return _is_passing(error)

    async def _give_back_absent(self, known: set[ConversationId]) -> bool:
        """Conversations that the server does not know at all: True if it took one back from its author."""
        found = False
        for cid in self._store.restorations.unreconciled():
            if cid not in known:
                found |= await self._groups.send_again(cid, 0) > 0
        return found

    async def reconcile(self, head: Head) -> bool:
        """Bring one conversation together with what the server has of it.

        False if the server has lost more than its operator says: it is noted, and all is as strict as ever.  Raises
        ServerRefused, ServerUnreachable, a ProtocolError: what was done stays done, the same call does the rest.
        """
        cid = head.cid
        since_ms, last = self._store.restorations.since(cid), self._store.restorations.last()
        if since_ms is None or last is None:
            return False
        try:
            common = await self._logs.find_common(cid, head.last_seq, since_ms)
        except RollbackNotCovered as error:
            self._incidents.note(error, head)
            self._store.restorations.settle(cid)
            return False
        await self._groups.reconcile(cid, head.epoch)
        self._go_on(head, common, since_ms, last.epoch)
        return True

    def _go_on(self, head: Head, common: int, since_ms: int, restoration: int) -> None:
        """From the common place on, all of it or nothing."""
        cid, now_ms = head.cid, self._time.now_ms()
        with self._store.transaction():
            lost = self._store.lost.cut(cid, common, restoration)
            self._store.conversations.rewind(cid, common)
            self._store.conversations.report_again(cid, head.read_seq)
            self._store.outbox.seal_anew(cid)
            repeat_statements(self._store, self._device, cid, since_ms, now_ms)
            resent = resend_lost(self._store, self._device, cid, restoration, now_ms)
            self._store.restorations.settle(cid)
        _log.info("a conversation was reconciled: %d lost, %d sent again", lost, resent)
        self._announcer.announce(ConversationReconciled(cid, lost, resent))


def _is_passing(error: MissError) -> bool:
    """True for what the same question may not meet a moment later."""
    refused = isinstance(error, ServerRefused) and error.server_code in TEMPORARY
    return refused or isinstance(error, ServerUnreachable)
