"""Links that the restored server has forgotten, given back by whoever holds them: a revocation stays one.  §5

They carry every signature they need, the operator's included, so they are worth the same from any hand.
"""

import logging
from datetime import timedelta
from typing import Final

from miss.client.api import ServerApi
from miss.client.errors import ServerRefused
from miss.client.outgoing.sending import TEMPORARY
from miss.client.store import Store
from miss.client.store.device import DeviceRecord
from miss.protocol.crypto.links import Op, parse_link

MARGIN_MS: Final = timedelta(minutes=15) // timedelta(milliseconds=1)
"""Links are dated by the device that made them, which may be ten minutes off."""
MAX_AT_ONCE: Final = 100

_log = logging.getLogger(__name__)


class LinkReturn:
    """One device's part in it."""

    def __init__(self, store: Store, device: DeviceRecord, api: ServerApi) -> None:
        self._store = store
        self._device = device
        self._api = api

    async def put_back(self, since_ms: int) -> bool:
        """Give back every link of that time or later, one's own first; True if some of one's own were missing.

        Raises ServerUnreachable, and ServerRefused where that passes by itself.
        """
        own, own_missing = self._device.uid, False
        others = [uid for uid in self._store.people.list_() if uid != own]
        for uid in (own, *others):
            links = self._store.people.links(uid)
            recent = [raw for raw in links if parse_link(raw).core.ts >= since_ms - MARGIN_MS]
            # From the first of them on: a chain has no gaps, whatever its dates say.
            first = links.index(recent[0]) if recent else len(links)
            added = 0
            for start in range(first, len(links), MAX_AT_ONCE):
                added += await self._send(links[start : start + MAX_AT_ONCE])
            own_missing |= added > 0 and uid == own
            if uid == own and any(parse_link(raw).core.op in _NEW_KEY for raw in links[first:]):
                # What that change of key brought along, boxes and vault, may be lost: it is made once more.
                self._store.device.ask_rotation()
        return own_missing

    async def _send(self, links: list[bytes]) -> int:
        try:
            return await self._api.put_back_links(links)
        except ServerRefused as refused:
            if refused.server_code in TEMPORARY:
                raise
            # The chain went on another way meanwhile, which those who hold this one will not follow unseen.
            _log.warning("links were not taken back: %s", refused.server_code)
            return 0


_NEW_KEY: Final = (Op.REVOKE, Op.UEK, Op.RESET)
