"""Where this device stands in its owner's chain: still in it, or out.  protocol §4, §7

Out by a link that another device of the owner signed: everything held here is deleted.  Turned away in any other
way, by the server's word or by the operator's reset: locked, and nothing is deleted, since neither may destroy what
a person holds.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import StrEnum

from miss.base.ids import AccountId
from miss.client.account.user_keys import UserKeys
from miss.client.errors import IdentityError, ServerRefused, ServerUnreachable
from miss.client.events import Announcer, DeviceRevoked
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.links import Op, parse_link
from miss.protocol.errors import ProtocolError


class LockReason(StrEnum):
    """Why a device is locked."""

    SERVER = "server"  # the server says that it was revoked, and shows no link
    RESET = "reset"  # the operator started the owner's devices over


class Standing:
    """Reads the owner's chain for what it says of this device, and acts on it."""

    def __init__(
        self,
        store: Store,
        device: DeviceRecord,
        user_keys: UserKeys,
        announcer: Announcer,
        refresh_own: Callable[[AccountId], Awaitable[object]],
        stop: Callable[[], None],
    ) -> None:
        """`refresh_own`: `Identities.refresh_own`.  `stop`: end the connection, for good."""
        self._store = store
        self._device = device
        self._user_keys = user_keys
        self._announcer = announcer
        self._refresh_own = refresh_own
        self._stop = stop
        self.is_out = False
        """True once this device does not count any more: nothing more is taken in."""
        self.locked = store.device.locked()
        """Why nothing is shown to anybody until the server takes this device again; empty while all is well."""

    async def review(self) -> None:
        """The owner's chain has changed, or may have: hold the user key in force, or leave.

        Raises as `UserKeys.follow`.
        """
        if self.is_out:
            return
        if self._device.did in self._user_keys.chain().revoked:
            self._leave()
            return
        await self._user_keys.follow()

    async def turned_away(self) -> None:
        """The server closed the door: does the owner's chain say so too?"""
        if self.is_out:
            return
        with suppress(ServerRefused, ServerUnreachable, IdentityError, ProtocolError):
            await self._refresh_own(self._device.uid)
        if self._device.did in self._user_keys.chain().revoked:
            self._leave()
        elif not self.is_out:
            self._lock(LockReason.SERVER)

    def welcomed(self) -> None:
        """The server takes this device: whatever it said before, it is not locked any more."""
        if self.locked:
            self._store.device.unlock()
            self.locked = ""

    def _leave(self) -> None:
        if self.is_out:
            return
        if not self._was_revoked():
            self._lock(LockReason.RESET)
            return
        self.is_out = True
        self._store.wipe()
        self._stop()
        self._announcer.announce(DeviceRevoked(wiped=True, reason=Op.REVOKE.value))

    def _was_revoked(self) -> bool:
        """True if a device of the owner signed this one out; the chain that holds the link is verified."""
        links = map(parse_link, self._store.people.links(self._device.uid))
        return any(link.core.op is Op.REVOKE and link.core.did == self._device.did for link in links)

    def _lock(self, reason: LockReason) -> None:
        self.is_out = True
        self._store.device.lock(reason.value)
        self.locked = reason.value
        self._stop()
        self._announcer.announce(DeviceRevoked(wiped=False, reason=reason.value))
