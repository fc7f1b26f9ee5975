"""The owner's own: devices, pairing another, the recovery key."""

from datetime import datetime

from clients.desktop.sync.calls.base import Calls
from clients.desktop.sync.calls.values import Pairing
from miss.base.ids import DeviceId
from miss.client.account.invitation import Invitation
from miss.client.account.model import OwnDevice, RecoveryState
from miss.client.account.recovery import Prepared
from miss.client.errors import PairingExpired, RecoveryKeyMissing


class OwnerCalls(Calls):
    """What only the owner decides."""

    _invitation: Invitation | None = None
    _prepared: Prepared | None = None

    async def devices(self) -> list[OwnDevice]:
        """Every device of this person."""
        return await self.client.devices.list_()

    async def rename_device(self, did: DeviceId, name: str) -> None:
        """Another name, seen by this person only."""
        await self.client.devices.rename(did, name)

    async def revoke_device(self, did: DeviceId) -> None:
        """It wipes itself when it reads the link."""
        await self.client.devices.revoke(did)

    # Letting another device in

    async def invite(self) -> Pairing:
        """Open a slot, valid for ten minutes."""
        invitation = await self.client.devices.invite()
        self._invitation = invitation
        return Pairing(invitation.code, invitation.uri, invitation.expires_at)

    async def wait_invited(self) -> str:
        """Wait for the other device; the name it gives itself, for the owner to compare."""
        return (await self._invited().offer()).name

    async def accept_invited(self) -> None:
        """Let it in."""
        await self._invited().accept()
        self._invitation = None

    def _invited(self) -> Invitation:
        if self._invitation is None:
            raise PairingExpired
        return self._invitation

    async def cancel_invited(self) -> None:
        """Close the slot, if one is open."""
        invitation, self._invitation = self._invitation, None
        if invitation is not None:
            await invitation.cancel()

    # The recovery key

    async def recovery(self) -> RecoveryState:
        """Whether there is a recovery key, and when it was tested."""
        return await self.client.recovery.state()

    async def prepare_recovery(self, *, replace: bool) -> str:
        """A new recovery code, to be shown once; nothing has happened yet."""
        recovery = self.client.recovery
        self._prepared = await (recovery.replace() if replace else recovery.prepare())
        return self._prepared.secret

    async def confirm_recovery(self, typed: str) -> datetime:
        """It was typed back: put it in place, test it; when that worked."""
        if self._prepared is None:
            raise RecoveryKeyMissing
        at = await self._prepared.confirm(typed)
        self._prepared = None
        return at

    async def test_recovery(self, typed: str) -> datetime:
        """Open the recovery key from what the server keeps; when that worked."""
        return await self.client.recovery.test(typed)
