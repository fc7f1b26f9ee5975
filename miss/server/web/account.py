"""The pages of one's own account: linked devices, and the ticket that lets the recovery key bring in a new one.

Nothing here holds a key: revoking a device, or making a recovery key, is done on a device.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.chat.devices.service import Devices
from miss.chat.recovery.errors import RecoveryNone
from miss.chat.recovery.service import Recovery
from miss.directory.accounts import Accounts, ActivationPurpose
from miss.server.service import MenuEntry, in_own_name
from miss.server.web.access import requires, with_entry
from miss.server.web.pages import Pages
from miss.server.web.sessions import require_signed_in

DEVICES_PATH = "/compte/appareils"
DEVICES_ENTRY = MenuEntry(DEVICES_PATH, Text(fr="Mes appareils", en="My devices"), shown=in_own_name)


@dataclass(frozen=True, slots=True)
class AccountPages:
    """The pages of one's own account."""

    pages: Pages
    accounts: Accounts
    devices: Devices
    recovery: Recovery

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(DEVICES_PATH, self.show_devices, methods=["GET"]),
            Route(f"{DEVICES_PATH}/recuperation", self.issue_ticket, methods=["POST"]),
        ]

    @with_entry
    async def show_devices(self, request: Request) -> Response:
        uid = require_signed_in(request).account.uid
        devices = await self.devices.list_(uid)
        return await self.pages.render(
            request,
            "devices.html",
            active=[device for device in devices if device.revoked_at is None],
            revoked=[device for device in devices if device.revoked_at is not None],
            recovery=await self.recovery.find(uid),
        )

    @requires(fresh=True)
    async def issue_ticket(self, request: Request) -> Response:
        """The ticket, shown in the answer to this request and never again.  Raises RecoveryNone, StepUpNeeded."""
        person = require_signed_in(request)
        uid = person.account.uid
        if await self.recovery.find(uid) is None:
            raise RecoveryNone
        ticket = await self.accounts.issue_activation(uid, ActivationPurpose.RECOVERY, by=uid.hex())
        rpps = person.practitioner.rpps
        return await self.pages.render(request, "recovery_ticket.html", ticket=ticket, rpps=rpps)
