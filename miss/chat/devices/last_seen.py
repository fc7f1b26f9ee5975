"""When each device was last heard of: noted in memory, written down together.

A reconnect storm must not cost one write a device at once, so a device's instant is renewed once a quarter of an hour
at most, and whatever was noted goes to the database in one statement.
"""

from datetime import datetime, timedelta

from miss.base.ids import DeviceId
from miss.chat.devices import store
from miss.chat.devices.model import LinkedDevice
from miss.storage import Database

LAST_SEEN_STEP = timedelta(minutes=15)


class LastSeen:
    """What this process heard of, and has not written down yet."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._noted: dict[DeviceId, datetime] = {}

    def note(self, device: LinkedDevice, now: datetime) -> None:
        """`device` has just authenticated or asked for something."""
        if device.last_seen is None or now - device.last_seen >= LAST_SEEN_STEP:
            self._noted[device.did] = now

    async def flush(self) -> None:
        """Write down what was noted; kept for the next time if the database is away."""
        if not self._noted:
            return
        noted = dict(self._noted)
        async with self._db.transaction() as tx:
            await store.note_seen(tx, noted)
        self._noted = {did: at for did, at in self._noted.items() if noted.get(did) != at}
