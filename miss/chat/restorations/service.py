"""Statements of restores kept and told; links that a restore lost, put back by whoever holds them.  protocol §5

A link carries its owner's signatures and the operator's: it is worth the same from any hand.  So whoever has met
somebody can put back what this server has forgotten of them, a revocation above all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from miss.base.clock import Clock
from miss.base.errors import NotFound
from miss.chat.devices.errors import StaleLink
from miss.chat.devices.ledger import Attested, Ledger
from miss.chat.devices.service import Devices
from miss.chat.recovery import store as recovery_store
from miss.chat.restorations import store
from miss.chat.restorations.errors import NothingWasRestored, RestorationFork
from miss.chat.vault import store as vault_store
from miss.directory.signer import Signer
from miss.protocol.crypto.chains import verify_chain
from miss.protocol.crypto.links import Link, Op, parse_link
from miss.protocol.crypto.restorations import Restoration
from miss.storage import Database, Transaction

PUT_BACK: Final = "Appareil rétabli"
"""The name of a device whose own was lost; its owner can change it."""


@dataclass(frozen=True, slots=True)
class StorePoint:
    """What `ready` tells: how many restores, and the hash of the last statement."""

    epoch: int = 0
    head: bytes = b""


class Restorations:
    """The service of this room."""

    def __init__(self, db: Database, clock: Clock, devices: Devices, ledger: Ledger, signer: Signer) -> None:
        self._db = db
        self._clock = clock
        self._devices = devices
        self._ledger = ledger
        self._signer = signer
        self.point = StorePoint()
        """As last looked up (`look`)."""

    async def look(self) -> bool:
        """Read how many restores were declared; True if there are others than when it was last read."""
        async with self._db.snapshot() as tx:
            last = await store.find_last(tx)
        before, self.point = self.point, StorePoint(last.epoch, last.hash) if last else StorePoint()
        return before != self.point

    async def list_after(self, epoch: int) -> list[bytes]:
        """The statements after that epoch, as signed, oldest first."""
        async with self._db.snapshot() as tx:
            return [one.raw for one in await store.list_after(tx, epoch)]

    async def put_back(self, data: Sequence[bytes]) -> int:
        """Append those links that follow what is here; how many.  Known ones change nothing.

        Raises NothingWasRestored; a LinkError or StaleLink for the first that is neither known nor the next one of
        its chain, after those before it were appended; NotFound for somebody who has no account here.
        """
        await self.look()
        if not self.point.epoch:
            raise NothingWasRestored
        return sum([await self._put_back(parse_link(raw)) for raw in data])

    async def _put_back(self, link: Link) -> bool:
        core = link.core
        chain = await self._devices.find_chain(core.uid)
        if chain is not None and core.seq <= chain.seq:
            if not any(state.head == link.hash for state in chain.states()):
                raise StaleLink(uid=core.uid.hex())
            return False
        after = verify_chain([link], self._signer.root_public, self._signer.opcerts, after=chain)
        if not await self._devices.has_account(core.uid):
            raise NotFound(uid=core.uid.hex())
        async with self._db.transaction() as tx:
            written = await self._ledger.append(tx, Attested(link, after), name=PUT_BACK, detail="put back")
            if core.op is Op.RESET:
                await vault_store.forget(tx, core.uid)
                await recovery_store.forget(tx, core.uid)
        await self._ledger.announce(written)
        return True


async def keep(tx: Transaction, statements: Sequence[Restoration], clock: Clock) -> None:
    """Keep the whole list, of which the database may have the beginning already.  Raises RestorationFork."""
    known = {one.epoch: one for one in await store.list_after(tx, 0)}
    by_epoch = {one.epoch: one for one in statements}
    for epoch, one in known.items():
        if epoch not in by_epoch or by_epoch[epoch].raw != one.raw:
            raise RestorationFork(epoch=epoch)
    await store.add_all(tx, [one for one in statements if one.epoch not in known], clock.now())
