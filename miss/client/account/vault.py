"""The vault: secrets of epochs whose box an earlier user key opened, kept on the server under the one in force.  §5

Fetched when something needs them, one conversation at a time; every secret is checked against the commit it is said
to belong to.  An entry that does not open, or is another epoch's, is passed over: it hides nothing that could be
read, and the place it was wanted for says so by name.
"""

import logging
from typing import Final

from miss.base.ids import ConversationId
from miss.client.account.user_keys import UserKeys
from miss.client.api import ServerApi
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.commits import require_confirmed
from miss.protocol.crypto.keys import UserKey
from miss.protocol.crypto.vault import open_vault_entry
from miss.protocol.errors import VaultEntryUnreadable, WrongConfirmation

ENTRIES_AT_ONCE: Final = 1000
MAX_RESTARTS: Final = 5
"""How often reading starts over because the user key changed meanwhile."""

Secrets = dict[tuple[ConversationId, int], bytes]

_log = logging.getLogger(__name__)


class Vault:
    """What one person's devices share about the past."""

    def __init__(self, store: Store, device: DeviceRecord, user_keys: UserKeys, api: ServerApi) -> None:
        self._store = store
        self._device = device
        self._user_keys = user_keys
        self._api = api
        self._looked_up: dict[ConversationId, tuple[int, int]] = {}
        """Generation of the vault when a conversation was looked up, and its epochs then."""

    def restart(self) -> None:
        """A new connection: what the server kept back it may give now."""
        self._looked_up.clear()

    async def open_epochs(self, cid: ConversationId) -> int:
        """Store the secrets that the vault has for epochs of `cid` known here without one; how many there were.

        Asks once for each generation and each new epoch, so calling again costs nothing.  Raises ServerUnreachable,
        ServerRefused, and as `UserKeys.follow`.
        """
        known = self._store.conversations.epochs(cid)
        missing = {number: epoch for number, epoch in known.items() if epoch.es is None}
        if not missing:
            return 0
        state = (await self._user_keys.follow()).generation, len(known)
        if self._looked_up.get(cid) == state:
            return 0
        opened = 0
        for (_, number), es in (await self._fetch(cid)).items():
            epoch = missing.get(number)
            if epoch is None:
                continue
            try:
                require_confirmed(epoch.commit, es)
            except WrongConfirmation:
                _log.warning("a vault entry holds the secret of another epoch")
                continue
            self._store.conversations.add_epoch(epoch.commit, es)
            opened += 1
        self._looked_up[cid] = state
        return opened

    async def fetch_all(self) -> Secrets:
        """Every secret in the vault that opens.  Raises as `open_epochs`."""
        return await self._fetch(None)

    async def _fetch(self, cid: ConversationId | None) -> Secrets:
        """The secrets of one conversation, or of all."""
        for _ in range(MAX_RESTARTS):
            key = await self._user_keys.follow()
            found = await self._read(cid, key)
            if found is not None:
                return found
            # The vault is under another generation than the key this device follows: what does the chain say now?
            await self._user_keys.catch_up()
        return {}

    async def _read(self, cid: ConversationId | None, key: UserKey) -> Secrets | None:
        """One reading under `key`; None if the vault is under another one by now."""
        found: Secrets = {}
        after: tuple[ConversationId, int] | None = None if cid is None else (cid, 0)
        while True:
            page = await self._api.identity.fetch_vault(after, ENTRIES_AT_ONCE)
            if page.generation != key.generation:
                return None
            wanted = [entry for entry in page.entries if cid is None or entry[0] == cid]
            self._open(wanted, key, found)
            if not page.more or not wanted or len(wanted) < len(page.entries):
                return found
            last = ConversationId(wanted[-1][0]), wanted[-1][1]
            if after is not None and last <= after:
                return found
            after = last

    def _open(self, entries: list[tuple[bytes, int, bytes]], key: UserKey, into: Secrets) -> None:
        for raw_cid, epoch, sealed in entries:
            cid = ConversationId(raw_cid)
            try:
                into[cid, epoch] = open_vault_entry(key, self._device.uid, cid, epoch, sealed)
            except VaultEntryUnreadable:
                _log.warning("a vault entry does not open")
