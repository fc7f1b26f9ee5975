"""Linking a device with an activation code: a person's first one, or a fresh start after everything was lost.

protocol §3.  The code proves who asks, the operator attests it; further devices come by another device (`pairing`) or
by the recovery key (`recovery`), never by a code alone.
"""

from miss.base.ids import AccountId
from miss.chat.devices import store
from miss.chat.devices.errors import AlreadyLinked, NothingToReset
from miss.chat.devices.ledger import Ledger
from miss.chat.devices.model import Activation, require_name, require_op
from miss.chat.recovery import store as recovery_store
from miss.chat.vault import store as vault_store
from miss.directory.accounts import Accounts, ActivationPurpose
from miss.directory.practitioners import Practitioners
from miss.directory.signer import Signer, who_of
from miss.protocol.crypto.links import Op, parse_link
from miss.storage import Database

OPENED_BY = {ActivationPurpose.DEVICE: Op.GENESIS, ActivationPurpose.RESET: Op.RESET}
"""What a code of each purpose lets in."""


class Linking:
    """The service behind the activation letter."""

    def __init__(
        self, db: Database, accounts: Accounts, practitioners: Practitioners, signer: Signer, ledger: Ledger
    ) -> None:
        self._db = db
        self._accounts = accounts
        self._practitioners = practitioners
        self._signer = signer
        self._ledger = ledger

    async def activation(
        self, rpps: str, code: str, purpose: ActivationPurpose = ActivationPurpose.DEVICE
    ) -> Activation:
        """What the client shows before it makes keys; uses nothing up.

        Raises as `Accounts.check_activation`, and NothingToReset.
        """
        account = await self._accounts.check_activation(rpps, code, purpose)
        links = await self._list_links(account.uid)
        if purpose is ActivationPurpose.RESET and not links:
            raise NothingToReset
        who = who_of(await self._practitioners.get(account.practitioner_id))
        return Activation(account.uid, who, self._signer.root_public, self._signer.opcerts, links)

    async def link(
        self, rpps: str, code: str, data: bytes, name: str, purpose: ActivationPurpose = ActivationPurpose.DEVICE
    ) -> bytes:
        """Link a device: the code is consumed, the link countersigned and appended, in one transaction.

        A reset also takes away what only the lost devices could open: user keys, vault, boxes, recovery key.  The
        same call again, after a crash on either side, returns the same link.  Raises as `Accounts.check_activation`,
        a LinkError, what `Signer.countersign` raises, StaleLink, DeviceKnown, DeviceNameRefused, AlreadyLinked,
        NothingToReset.
        """
        link = parse_link(data)
        require_op(link, frozenset({OPENED_BY[purpose]}))
        name = require_name(name)
        known = await self._accounts.find_by_rpps(rpps)
        if known is not None and (stored := await self._ledger.find_repeated(link, known.uid)) is not None:
            return stored
        account = await self._accounts.check_activation(rpps, code, purpose)
        await self._require_fits(account.uid, purpose)
        attested = await self._ledger.attest(link, account)
        async with self._db.transaction() as tx:
            await self._accounts.consume_activation(tx, account.uid, purpose, code)
            written = await self._ledger.append(tx, attested, name=name)
            if purpose is ActivationPurpose.RESET:
                await vault_store.forget(tx, account.uid)
                await recovery_store.forget(tx, account.uid)
        await self._ledger.announce(written)
        return attested.link.to_bytes()

    async def _require_fits(self, uid: AccountId, purpose: ActivationPurpose) -> None:
        has_chain = bool(await self._list_links(uid))
        if purpose is ActivationPurpose.DEVICE and has_chain:
            raise AlreadyLinked
        if purpose is ActivationPurpose.RESET and not has_chain:
            raise NothingToReset

    async def _list_links(self, uid: AccountId) -> tuple[bytes, ...]:
        async with self._db.snapshot() as tx:
            return tuple(await store.list_links(tx, uid))
