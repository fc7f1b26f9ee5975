"""Commits that the restored server has forgotten: given back by their author, else gone on without.  protocol §4, §5

Their author has them whole and sends them again, in order.  Until then, or for good, the group goes on from the last
epoch that both know; but nobody whom a lost commit had taken out is written to, and an admin's device takes them out
again.
"""

import logging

from miss.base.ids import ConversationId
from miss.client.api import ServerApi
from miss.client.epochs import Epochs, unchanged
from miss.client.errors import ServerRefused
from miss.client.outgoing.sending import TEMPORARY
from miss.client.store import Store
from miss.client.store.conversations import Epoch
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.commits import Role, parse_commit

_log = logging.getLogger(__name__)


class GroupReturn:
    """One device's part in it."""

    def __init__(self, store: Store, device: DeviceRecord, api: ServerApi, epochs: Epochs) -> None:
        self._store = store
        self._device = device
        self._api = api
        self._epochs = epochs

    async def reconcile(self, cid: ConversationId, server_epoch: int) -> None:
        """Bring the epochs of a conversation that the server knows together with those known here.

        Raises ServerRefused, ServerUnreachable, and as `Epochs.change`.
        """
        last = self._store.conversations.last_epoch(cid)
        if last is None:
            return
        common = await self._find_common(cid, min(server_epoch, last.number))
        if common == server_epoch:
            common = await self.send_again(cid, common)
        if common >= last.number:
            return
        before = self._store.conversations.find_epoch(cid, common)
        with self._store.transaction():
            if before is not None:
                self._note_out(cid, before, last)
            self._epochs.drop(cid, common)
        if common == server_epoch and before is not None:
            await self._remake(cid, before, last)

    async def _find_common(self, cid: ConversationId, number: int) -> int:
        """The last epoch, up to `number`, whose commit is the same here and there; 0 if none is."""
        while number:
            ours = self._store.conversations.find_epoch(cid, number)
            theirs = (await self._api.fetch_commits(cid, number)).commits
            if ours is not None and theirs and parse_commit(theirs[0]).hash == ours.commit.hash:
                return number
            number -= 1
        return 0

    async def send_again(self, cid: ConversationId, after: int) -> int:
        """Give back the commits after that epoch that are this device's own, in order; the last epoch reached."""
        while (epoch := self._store.conversations.find_epoch(cid, after + 1)) is not None:
            whole = self._store.restorations.find_commit(cid, epoch.number, epoch.commit.hash)
            if whole is None:
                break
            try:
                await self._api.send_commit(whole)
            except ServerRefused as refused:
                if refused.server_code in TEMPORARY:
                    raise
                _log.warning("a commit was not taken back: %s", refused.server_code)
                break
            after += 1
        return after

    def _note_out(self, cid: ConversationId, before: Epoch, last: Epoch) -> None:
        staying, known = unchanged(last.commit)[0], unchanged(before.commit)[0]
        out = known.keys() - staying.keys()
        self._store.restorations.note_out(cid, out)
        for uid in out:
            self._store.conversations.note_departure(cid, uid, before.number)

    async def _remake(self, cid: ConversationId, before: Epoch, last: Epoch) -> None:
        """What the lost commits had changed, changed again, if this person may and nobody went on meanwhile."""
        me, wanted = before.commit.member(self._device.uid), unchanged(last.commit)
        if me is None or me.role is not Role.ADMIN or self._device.uid not in wanted[0]:
            return
        if wanted == unchanged(before.commit):
            return  # secrets only: whoever writes next makes a new one
        await self._epochs.change(cid, lambda now: wanted if now.hash == before.commit.hash else None)
