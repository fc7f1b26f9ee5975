"""The user key of the owner: which generation is in force, and how a device comes to hold it.  protocol §2, §5

The verified chain says which key it is; the server only hands over the box.  Older generations are forgotten as soon
as the next is held: the rotation that made it has sealed all they opened into the vault.
"""

import asyncio

from miss.client.api import ServerApi
from miss.client.errors import NotReachable, UserKeyForged, UserKeyWithheld
from miss.client.events import Announcer, UserKeyChanged
from miss.client.people.identities import Identities
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.chains import Chain
from miss.protocol.crypto.keys import UserKey, open_user_key
from miss.protocol.errors import BadSealed


class UserKeys:
    """The generations of one person's user key on one device."""

    def __init__(
        self, store: Store, device: DeviceRecord, identities: Identities, api: ServerApi, announcer: Announcer
    ) -> None:
        self._store = store
        self._device = device
        self._identities = identities
        self._api = api
        self._announcer = announcer
        self._lock = asyncio.Lock()

    def chain(self) -> Chain:
        """The owner's own pinned chain.  Raises NotReachable if the store holds none."""
        chain = self._identities.find(self._device.uid)
        if chain is None:
            raise NotReachable(uid=self._device.uid.hex())
        return chain

    def find(self, generation: int) -> UserKey | None:
        """The key of one generation, if this device (still) holds it."""
        return self._store.device.find_user_key(generation)

    async def follow(self) -> UserKey:
        """The key in force by the pinned chain, fetched if another device made it.

        Raises UserKeyWithheld if the server has none for this device, UserKeyForged if it is not the chain's;
        ServerRefused, ServerUnreachable, and as `Identities.refresh`.
        """
        async with self._lock:
            held = self._store.device.last_user_key()
            if held.generation == self.chain().uek_gen:
                return held
            answer = await self._api.identity.fetch_user_key()
            if answer.generation > self.chain().uek_gen:
                await self._identities.refresh(self._device.uid)
            chain = self.chain()
            if answer.generation != chain.uek_gen or answer.box is None:
                raise UserKeyWithheld(generation=chain.uek_gen)
            key = self._open(answer.box, chain)
            self._store.device.replace_user_key(key)
        self._announcer.announce(UserKeyChanged(key.generation))
        return key

    async def catch_up(self) -> UserKey:
        """`follow`, after the owner's chain was fetched again.  Raises as both."""
        await self._identities.refresh(self._device.uid)
        return await self.follow()

    def _open(self, box: bytes, chain: Chain) -> UserKey:
        try:
            key = open_user_key(box, self._device.uid, self._device.did, chain.uek_gen, self._device.keys)
        except BadSealed:
            raise UserKeyForged(generation=chain.uek_gen) from None
        if key.public != chain.uek_pk:
            raise UserKeyForged(generation=chain.uek_gen)
        return key

    def take_own(self, key: UserKey) -> None:
        """This device has just made `key`, and the operator has countersigned it."""
        if key.public != self.chain().uek_pk:
            # Another rotation came right after: its key is followed like any other.
            return
        self._store.device.replace_user_key(key)
        self._announcer.announce(UserKeyChanged(key.generation))
