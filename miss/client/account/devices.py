"""The owner's devices: listed, named, let in, taken out.  protocol §3, §5

Whether a device counts is read from the verified chain; the server adds names and times, which it could invent.
"""

from datetime import datetime

from miss.base.clock import from_ms
from miss.base.ids import DeviceId
from miss.base.random import RandomBytes
from miss.client.account.invitation import Invitation
from miss.client.account.model import OwnDevice, require_room
from miss.client.account.rotation import Rotation
from miss.client.account.user_keys import UserKeys
from miss.client.api import ServerApi
from miss.client.people.identities import Identities
from miss.client.server_time import ServerTime
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.pairing import compose_pairing_code, compose_pairing_uri, pairing_keys


class Devices:
    """`Client.devices`."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        server_url: str,
        identities: Identities,
        user_keys: UserKeys,
        rotation: Rotation,
        api: ServerApi,
        time: ServerTime,
        random_bytes: RandomBytes,
    ) -> None:
        self._store = store
        self._device = device
        self._server_url = server_url
        self._identities = identities
        self._user_keys = user_keys
        self._rotation = rotation
        self._api = api
        self._time = time
        self._random_bytes = random_bytes

    async def list_(self) -> list[OwnDevice]:
        """Every device the owner has or had, those that count first, each group as linked.

        Raises ServerRefused, ServerUnreachable, and as `Identities.refresh`.
        """
        chain = await self._identities.refresh(self._device.uid)
        told = {DeviceId(line.did): line for line in await self._api.identity.fetch_devices()}
        entered, left = self._dates()
        devices = []
        for did in entered:
            line = told.get(did)
            counts = did in chain.devices
            devices.append(
                OwnDevice(
                    did=did,
                    name=line.name if line else "",
                    linked_at=entered[did],
                    revoked_at=None if counts else left.get(did, from_ms(chain.ts_ms)),
                    is_paper=chain.devices[did].paper if counts else bool(line and line.paper),
                    last_seen_at=from_ms(line.last_seen) if line and line.last_seen else None,
                    is_current=did == self._device.did,
                )
            )
        return sorted(devices, key=lambda device: (device.revoked_at is not None, device.linked_at))

    def _dates(self) -> tuple[dict[DeviceId, datetime], dict[DeviceId, datetime]]:
        """When each device entered and left, by the dates of the links."""
        entered: dict[DeviceId, datetime] = {}
        left: dict[DeviceId, datetime] = {}
        states = list(self._user_keys.chain().states())[::-1]
        for state in states:
            for did in state.devices:
                entered.setdefault(did, from_ms(state.ts_ms))
            for did in state.revoked:
                left.setdefault(did, from_ms(state.ts_ms))
        return entered, left

    async def rename(self, did: DeviceId, name: str) -> None:
        """Give one of the owner's devices another name.  Raises ServerRefused (`not_found`…), ServerUnreachable."""
        await self._api.identity.rename_device(did, name)

    async def revoke(self, did: DeviceId) -> None:
        """Take a device out, and change the user key so that it opens nothing sent from now on.

        It wipes itself when it reads the link.  Raises LinkNotAllowed for this very device (sign it out on another
        one), and as `Rotation.revoke`.
        """
        await self._rotation.revoke(did)

    async def rotate(self) -> None:
        """Change the user key now; it changes by itself every month.  Raises as `Rotation.rotate`."""
        await self._rotation.rotate()

    async def invite(self) -> Invitation:
        """Open a slot for a new device, and the code to show it: valid for ten minutes, for one device.

        Raises TooManyDevices, ServerRefused (`pairing_too_many`), ServerUnreachable, and as `Identities.refresh`.
        """
        require_room(await self._identities.refresh(self._device.uid))
        code = compose_pairing_code(self._random_bytes)
        keys = pairing_keys(code)
        expires_at_ms = await self._api.identity.open_pairing(keys.slot)
        return Invitation(
            code=code,
            uri=compose_pairing_uri(self._server_url, code),
            expires_at=from_ms(expires_at_ms),
            keys=keys,
            store=self._store,
            device=self._device,
            identities=self._identities,
            user_keys=self._user_keys,
            api=self._api,
            time=self._time,
            random_bytes=self._random_bytes,
        )
