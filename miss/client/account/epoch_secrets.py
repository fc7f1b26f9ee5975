"""How a device comes by the secrets of epochs: from its person's box, from history, or from the vault.  protocol §4, §5

A box is sealed to one generation of the user key.  Once that key was replaced the box is gone, and the secret is in
the vault; so an epoch without a secret here is no fault, and is completed when something needs it.
"""

from typing import Final

from miss.base.ids import ConversationId
from miss.client.account.user_keys import UserKeys
from miss.client.account.vault import Vault
from miss.client.api import ServerApi
from miss.client.errors import ServerRefused
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.commits import Commit, open_box, open_history
from miss.protocol.errors import CommitError

NOT_FOUND: Final = "not_found"

OpenedSecrets = tuple[bytes | None, dict[int, bytes]]
"""The secret of an epoch, if it opens here, and those of earlier ones that came with it as history."""


class EpochSecrets:
    """What one device can open."""

    def __init__(self, store: Store, device: DeviceRecord, user_keys: UserKeys, vault: Vault, api: ServerApi) -> None:
        self._store = store
        self._device = device
        self._user_keys = user_keys
        self._vault = vault
        self._api = api
        self._completed: dict[ConversationId, tuple[int, int]] = {}
        """Generation and number of epochs when a conversation was last completed."""

    def open(self, commit: Commit) -> OpenedSecrets:
        """What a verified commit, with this person's boxes put back, gives.

        Nothing for an epoch this person is no member of, whose box is gone, or whose user key is not held (yet): see
        `complete`.  Raises a CommitError if a box does not open or its secret is not the commit's.
        """
        member = commit.member(self._device.uid)
        if member is None or commit.box(self._device.uid) is None:
            return None, {}
        key = self._user_keys.find(member.uek_gen)
        if key is None:
            return None, {}
        es = open_box(commit, self._device.uid, key)
        if commit.history_box(self._device.uid) is None:
            return es, {}
        known = self._store.conversations.epochs(commit.core.cid)
        commits = {number: epoch.commit for number, epoch in known.items()}
        return es, open_history(commit, self._device.uid, key, commits)

    def keep(self, commit: Commit, opened: OpenedSecrets) -> None:
        """Store what `open` gave, the older secrets with the commits they belong to; in one transaction."""
        es, older = opened
        with self._store.transaction():
            self._store.conversations.add_epoch(commit, es)
            for number, secret in older.items():
                epoch = self._store.conversations.find_epoch(commit.core.cid, number)
                if epoch is not None:
                    self._store.conversations.add_epoch(epoch.commit, secret)

    def restart(self) -> None:
        """A new connection: what the server kept back it may give now."""
        self._completed.clear()
        self._vault.restart()

    def forget(self, cid: ConversationId) -> None:
        """Its epochs are others than before: look again."""
        self._completed.pop(cid, None)

    async def complete(self, cid: ConversationId) -> None:
        """Open every epoch of `cid` that is known here and can be opened, in the vault or by a box not opened before.

        Costs nothing while nothing changes.  Raises ServerUnreachable, ServerRefused, and as `UserKeys.follow`.
        """
        known = self._store.conversations.epochs(cid)
        if all(epoch.es is not None for epoch in known.values()):
            return
        state = (await self._user_keys.follow()).generation, len(known)
        if self._completed.get(cid) == state:
            return
        await self._vault.open_epochs(cid)
        await self._open_boxes(cid)
        self._completed[cid] = state

    async def _open_boxes(self, cid: ConversationId) -> None:
        """Ask again for the boxes of this person that could not be opened when their commits came."""
        own = self._device.uid
        epochs = self._store.conversations.epochs(cid)
        closed = [number for number, epoch in epochs.items() if epoch.es is None]
        missing = [
            number
            for number, epoch in epochs.items()
            if (epoch.es is None and epoch.commit.member(own))
            or (any(box.uid == own for box in epoch.commit.history) and closed and closed[0] < number)
        ]
        while missing:
            try:
                lines = (await self._api.fetch_commits(cid, missing[0])).lines
            except ServerRefused as refused:
                if refused.server_code == NOT_FOUND:
                    return
                raise
            for number, (_, box, history) in enumerate(lines, missing[0]):
                epoch = epochs.get(number)
                if epoch is None or box is None:
                    continue
                try:
                    commit = epoch.commit.with_box(own, box, history)
                    self.keep(commit, self.open(commit))
                except CommitError:
                    continue
            reached = missing[0] + len(lines)
            missing = [number for number in missing if number >= reached] if lines else []
