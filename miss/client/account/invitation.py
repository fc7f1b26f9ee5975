"""Letting a new device in, from one that counts: the code shown, the device that answers, the owner's yes.  §5

The owner compares the name that `offer` returns with the new device in hand, then says `accept` or `cancel`.
Whoever saw the code within its ten minutes could answer first; that is what the comparison is for.
"""

from datetime import datetime

from miss.base.random import RandomBytes
from miss.client.account.user_keys import UserKeys
from miss.client.api import ServerApi
from miss.client.errors import PairingExpired, PairingRefused, ServerRefused
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.changes import compose_add
from miss.protocol.crypto.keys import seal_user_key
from miss.protocol.crypto.links import Proof
from miss.protocol.crypto.pairing import Offer, PairingKeys, compose_answer, parse_offer
from miss.protocol.errors import PairingUnreadable

METHOD = "device"


class Invitation:
    """One pairing, on the side that invites."""

    def __init__(
        self,
        *,
        code: str,
        uri: str,
        expires_at: datetime,
        keys: PairingKeys,
        store: Store,
        device: DeviceRecord,
        identities: Identities,
        user_keys: UserKeys,
        api: ServerApi,
        time: ServerTime,
        random_bytes: RandomBytes,
    ) -> None:
        """Use `Devices.invite`."""
        self.code = code
        """To be typed on the new device, in groups."""
        self.uri = uri
        """The text of the QR code: the code and the server's address."""
        self.expires_at = expires_at
        self._keys = keys
        self._store = store
        self._device = device
        self._identities = identities
        self._user_keys = user_keys
        self._api = api
        self._time = time
        self._random_bytes = random_bytes
        self._offer: bytes | None = None

    async def offer(self) -> Offer:
        """Wait for the new device: its keys, and the name it gives itself.

        Raises PairingExpired, PairingRefused (`offer`: something without the code lies in the slot), ServerRefused,
        ServerUnreachable (nothing is lost, call again).
        """
        while self._offer is None:
            try:
                self._offer = await self._api.identity.wait_for_offer(self._keys.slot)
            except ServerRefused as refused:
                raise _named(refused) from None
        try:
            return parse_offer(self._keys, self._offer)
        except PairingUnreadable:
            raise PairingRefused(reason="offer") from None

    async def accept(self) -> None:
        """Vouch for the device that answered and hand it the user key; it links itself within a moment.

        Raises as `offer`, and as `Identities.refresh` and `UserKeys.follow`.
        """
        offer = await self.offer()
        chain = await self._identities.refresh(self._device.uid)
        key = await self._user_keys.follow()
        link = compose_add(
            chain,
            device=offer.device,
            by=self._device.did,
            by_keys=self._device.keys,
            proof=Proof(METHOD, self._time.now_ms()),
            ts_ms=self._time.now_ms(),
        )
        answer = compose_answer(
            self._keys,
            self._offer or b"",
            root=self._device.root,
            opcerts=self._store.device.opcerts(),
            links=self._store.people.links(self._device.uid),
            link=link,
            user_key_box=seal_user_key(key, self._device.uid, offer.device.did, offer.device.ek),
            random_bytes=self._random_bytes,
        )
        try:
            await self._api.identity.put_answer(self._keys.slot, answer)
        except ServerRefused as refused:
            raise _named(refused) from None

    async def cancel(self) -> None:
        """Close the slot: the code is worth nothing any more.  Raises ServerRefused, ServerUnreachable."""
        try:
            await self._api.identity.cancel_pairing(self._keys.slot)
        except ServerRefused as refused:
            if refused.server_code != "pairing_unknown":
                raise


def _named(refused: ServerRefused) -> ServerRefused | PairingExpired:
    return PairingExpired() if refused.server_code == "pairing_unknown" else refused
