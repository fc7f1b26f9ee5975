"""A new user key, and everything that comes along with it: in one transaction, or not at all.  protocol §3, §5

Whoever leaves knows the old user key.  So the new one is sealed to each device that stays, what the old one opened is
sealed again under the new one, the old boxes are deleted, and every conversation of the person needs a new epoch
before its next message.
"""

from collections.abc import Sequence

from miss.base.ids import AccountId
from miss.chat.devices.ledger import Ledger
from miss.chat.devices.model import ROTATING, LinkedDevice, require_op
from miss.chat.devices.service import Devices
from miss.chat.recovery import store as recovery_store
from miss.chat.vault import store
from miss.chat.vault.model import DeviceBox, Entry, Place, VaultPage, require_boxes, require_complete
from miss.directory.accounts import Accounts
from miss.protocol.crypto.links import parse_link
from miss.protocol.errors import LinkNotAllowed
from miss.storage import Database, Transaction

MAX_ENTRIES = 1000
"""Entries one page holds."""


class Vault:
    """The service of this room."""

    def __init__(self, db: Database, accounts: Accounts, devices: Devices, ledger: Ledger) -> None:
        self._db = db
        self._accounts = accounts
        self._devices = devices
        self._ledger = ledger

    async def find_user_key(self, by: LinkedDevice) -> tuple[int, bytes | None]:
        """The generation in force, and that user key sealed to this device; None if the device made it itself."""
        async with self._db.snapshot() as tx:
            generation = await self._generation(tx, by.uid)
            box = await store.find_box(tx, by.did)
        return generation, box[1] if box is not None and box[0] == generation else None

    async def read(self, uid: AccountId, after: Place | None, limit: int) -> VaultPage:
        """A page of the vault.  A generation that changes between two pages says to start over."""
        async with self._db.snapshot() as tx:
            generation = await self._generation(tx, uid)
            entries, more = await store.read_page(tx, uid, after, min(limit, MAX_ENTRIES))
        return VaultPage(generation, entries, more)

    async def _generation(self, tx: Transaction, uid: AccountId) -> int:
        return (await self._devices.chains_in(tx, [uid]))[uid].uek_gen

    async def rotate(
        self, by: LinkedDevice, data: bytes, boxes: Sequence[DeviceBox], entries: Sequence[Entry]
    ) -> bytes:
        """Revoke a device or renew the user key, signed by `by`; the countersigned link.

        `boxes`: the new user key for each device that counts after the change; `entries`: all that this person can
        open, under the new user key.  The same call again, after a lost answer, returns the same link.  Raises a
        LinkError, what `Signer.countersign` raises, StaleLink (another change came first), BoxSizeRefused,
        BoxesIncomplete, VaultEntryRefused, VaultIncomplete.
        """
        link = parse_link(data)
        require_op(link, ROTATING)
        if link.by != by.did:
            raise LinkNotAllowed(rule="by_another", seq=link.core.seq, op=link.core.op.value)
        if (stored := await self._ledger.find_repeated(link, by.uid)) is not None:
            return stored
        attested = await self._ledger.attest(link, await self._accounts.get(by.uid))
        require_boxes(attested.after.devices, boxes)
        lost = sum(not entry.sealed for entry in entries)
        async with self._db.transaction() as tx:
            # The chain is held from here on: no commit can seal another box to the old user key.
            written = await self._ledger.append(tx, attested, detail=f"lost={lost}" if lost else "")
            require_complete(await store.list_held(tx, by.uid), entries)
            existing = await store.existing_epochs(tx, by.uid)
            kept = [entry for entry in entries if entry.sealed and entry.epoch <= existing.get(entry.cid, 0)]
            await store.forget(tx, by.uid)
            await store.fill(tx, by.uid, link.core.uek_gen, boxes, kept)
            await recovery_store.forget_paper(tx, link.core.did)
        await self._ledger.announce(written)
        return attested.link.to_bytes()
