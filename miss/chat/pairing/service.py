"""A device lets another one in: offer, answer, link.  protocol §3

    existing device                    slot                        new device
    opens it, shows the code    ────>                  <────      offers its keys, sealed with the code
    looks, asks its owner       <────  offer
    vouches for the new device  ────>  answer          ────>      checks the chain, cosigns
                                       link            <────      enters

The server knows the slot and its owner; what is said there is sealed with a key that comes from the code, and goes
when the new device has entered.
"""

from miss.base.clock import Clock
from miss.base.ids import DeviceId
from miss.chat.devices.ledger import Ledger
from miss.chat.devices.model import LinkedDevice, require_name, require_op
from miss.chat.pairing import store
from miss.chat.pairing.bell import Bell
from miss.chat.pairing.errors import PairingNoAnswer, PairingNoOffer, PairingTaken, PairingTooMany, PairingUnknown
from miss.chat.pairing.model import MAX_OPEN_SLOTS, SLOT_LIFE, Slot
from miss.chat.vault import store as vault_store
from miss.chat.vault.model import require_box
from miss.directory.accounts import Accounts
from miss.protocol.crypto.links import PAPER, Op, parse_link
from miss.protocol.errors import LinkNotAllowed
from miss.storage import Database, Transaction


class Pairing:
    """The service of this room."""

    def __init__(self, db: Database, clock: Clock, accounts: Accounts, ledger: Ledger) -> None:
        self._db = db
        self._clock = clock
        self._accounts = accounts
        self._ledger = ledger
        self._bell = Bell()

    def close(self) -> None:
        """End every wait."""
        self._bell.close()

    # The device that is there

    async def open(self, by: LinkedDevice, slot: bytes) -> Slot:
        """Open a slot for ten minutes; the same one again is the same.  Raises PairingTaken, PairingTooMany."""
        now = self._clock.now()
        opened = Slot(slot, by.uid, by.did, now + SLOT_LIFE)
        async with self._db.transaction() as tx:
            known = await store.find(tx, slot, now)
            if known is not None and known.did == by.did and not known.has_served:
                return known
            if await store.count_open(tx, by.did, now) >= MAX_OPEN_SLOTS:
                raise PairingTooMany(max=MAX_OPEN_SLOTS)
            await store.add(tx, opened)
        return opened

    async def wait_offer(self, by: LinkedDevice, slot: bytes, wait_s: float) -> bytes | None:
        """The new device's offer, as soon as it is there; None if it is not within `wait_s`.

        Raises PairingUnknown, PairingTaken.
        """

        async def look() -> bytes | None:
            async with self._db.snapshot() as tx:
                return (await self._get_unused(tx, slot, by.did)).offer

        return await self._bell.wait(slot, look, wait_s)

    async def answer(self, by: LinkedDevice, slot: bytes, answer: bytes) -> None:
        """Leave the answer to the offer, once.  Raises PairingUnknown, PairingNoOffer, PairingTaken."""
        async with self._db.transaction() as tx:
            known = await self._get(tx, slot, by.did)
            if known.offer is None:
                raise PairingNoOffer
            if known.answer != answer and not await store.put_answer(tx, slot, answer):
                raise PairingTaken
        self._bell.ring(slot)

    async def cancel(self, by: LinkedDevice, slot: bytes) -> None:
        """Close the slot.  Raises PairingUnknown."""
        async with self._db.transaction() as tx:
            await self._get(tx, slot, by.did)
            await store.remove(tx, slot)
        self._bell.ring(slot)

    # The device that comes, which knows nothing but the code

    async def require_open(self, slot: bytes) -> None:
        """Raises PairingUnknown."""
        async with self._db.snapshot() as tx:
            await self._get(tx, slot)

    async def offer(self, slot: bytes, offer: bytes) -> None:
        """Leave the offer, once.  Raises PairingUnknown, PairingTaken."""
        async with self._db.transaction() as tx:
            known = await self._get(tx, slot)
            if known.offer != offer and not await store.put_offer(tx, slot, offer):
                raise PairingTaken
        self._bell.ring(slot)

    async def wait_answer(self, slot: bytes, wait_s: float) -> bytes | None:
        """The answer, as soon as it is there; None if it is not within `wait_s`.

        Raises PairingUnknown, PairingTaken.
        """

        async def look() -> bytes | None:
            async with self._db.snapshot() as tx:
                return (await self._get_unused(tx, slot)).answer

        return await self._bell.wait(slot, look, wait_s)

    async def enter(self, slot: bytes, data: bytes, box: bytes, name: str) -> bytes:
        """Let the new device in, for which the slot's owner vouches; the countersigned link.

        `box`: the user key, sealed to the new device.  The same call again returns the same link.  Raises
        PairingUnknown, PairingNoAnswer, PairingTaken (another device has entered here), a LinkError, what
        `Signer.countersign` raises, StaleLink, DeviceKnown, DeviceNameRefused, BoxSizeRefused.
        """
        link = parse_link(data)
        require_op(link, frozenset({Op.ADD}))
        name = require_name(name)
        require_box(box)
        async with self._db.snapshot() as tx:
            known = await self._get(tx, slot)
        if link.by != known.did or link.core.proof.method == PAPER:
            raise LinkNotAllowed(rule="way_in", op=link.core.op.value, seq=link.core.seq)
        if (stored := await self._ledger.find_repeated(link, known.uid)) is not None:
            return stored
        if known.has_served:
            raise PairingTaken
        if known.answer is None:
            raise PairingNoAnswer
        attested = await self._ledger.attest(link, await self._accounts.get(known.uid))
        async with self._db.transaction() as tx:
            written = await self._ledger.append(tx, attested, name=name)
            await vault_store.put_box(tx, known.uid, link.core.uek_gen, (link.core.did, box))
            await store.empty(tx, slot)
        await self._ledger.announce(written)
        return attested.link.to_bytes()

    async def sweep(self) -> None:
        """Forget slots that have expired."""
        async with self._db.transaction() as tx:
            await store.sweep(tx, self._clock.now())

    async def _get(self, tx: Transaction, slot: bytes, did: DeviceId | None = None) -> Slot:
        """The open slot; of the device `did`, if given.  Raises PairingUnknown."""
        known = await store.find(tx, slot, self._clock.now())
        if known is None or did not in (None, known.did):
            raise PairingUnknown
        return known

    async def _get_unused(self, tx: Transaction, slot: bytes, did: DeviceId | None = None) -> Slot:
        """`_get` where nobody has entered yet.  Raises PairingUnknown, PairingTaken."""
        known = await self._get(tx, slot, did)
        if known.has_served:
            raise PairingTaken
        return known
