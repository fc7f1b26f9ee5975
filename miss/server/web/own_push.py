"""Where somebody's closed browsers are woken, for the export of their own data."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from miss.base.text import Text
from miss.chat.devices.service import Devices
from miss.chat.push.service import Push
from miss.directory.accounts import Account
from miss.server.own_data import Part


@dataclass(frozen=True, slots=True)
class OwnSubscriptions:
    """As `miss.server.own_data.Source`.  Of the address only its host: the rest is a secret of that browser."""

    push: Push
    devices: Devices

    async def gather(self, account: Account) -> Sequence[Part]:
        """One line a device."""
        names = {device.did: device.name for device in await self.devices.list_(account.uid)}
        content = [
            {
                "Appareil": names.get(one.did, one.did.hex()),
                "Service de notification": urlsplit(one.endpoint).hostname,
                "Depuis": one.since.isoformat(timespec="seconds"),
                "Confirmé le": one.confirmed_at.isoformat(timespec="seconds"),
                "Dernier réveil": one.sent_at.isoformat(timespec="seconds") if one.sent_at else "",
            }
            for one in await self.push.list_of(account.uid)
        ]
        title = Text(fr="Notifications de mes navigateurs fermés", en="Notifications to my closed browsers")
        return [Part("notifications-fermees", title, content)]
