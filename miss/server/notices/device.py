"""The platform's own device: a folder with a sealed store, opened while there is something to send.

One process at a time holds the store; another one that has something to send meets StoreInUse and comes back.  The
folder is the operator's to back up, like any device's: a copy that is put back is noticed (protocol §7).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.client import Client, Store, key_from_file, link_device, reset_device
from miss.server.notices.errors import DeviceLinkedAlready
from miss.server.settings import Settings

SYNC_S: Final = 15.0
"""Longer than a server on the same machine takes, short enough for the jobs that wait behind."""
DEVICE_NAME: Final = "Serveur MiSS"
FOLDER: Final = "platform-device"
_STORE, _KEY, _LINKED = "chat.db", "chat.key", "linked"


class PlatformDevice:
    """Where it lies, and how it is used."""

    def __init__(self, folder: Path, clock: Clock, random_bytes: RandomBytes) -> None:
        self.folder = folder
        self._clock = clock
        self._random_bytes = random_bytes

    @property
    def is_linked(self) -> bool:
        """False: notices go by mail only."""
        return (self.folder / _LINKED).exists()

    async def link(self, server_url: str, *, rpps: str, code: str, fingerprint: str, reset: bool = False) -> None:
        """Make the folder a device of the platform's account; the same again after a crash goes on.

        `reset`: the device before is lost, and the code is one to start over with; those whom it wrote to are
        warned.  Raises DeviceLinkedAlready, and as `link_device`, `reset_device`.
        """
        if self.is_linked:
            raise DeviceLinkedAlready(folder=self.folder)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._store() as store:
            await (reset_device if reset else link_device)(
                store,
                server_url,
                rpps=rpps,
                code=code,
                device_name=DEVICE_NAME,
                expected_fingerprint=fingerprint,
                clock=self._clock,
                random_bytes=self._random_bytes,
            )
        (self.folder / _LINKED).touch(mode=0o600)

    @asynccontextmanager
    async def online(self) -> AsyncIterator[Client]:
        """The device, caught up.  Raises TimeoutError if the server does not answer, StoreInUse, DeviceRefused."""
        with self._store() as store:
            async with Client.open(store, clock=self._clock, random_bytes=self._random_bytes) as client:
                async with asyncio.timeout(SYNC_S):
                    await client.wait_synced()
                yield client

    def _store(self) -> Store:
        return Store(self.folder / _STORE, key_from_file(self.folder / _KEY, self._random_bytes), self._random_bytes)


def platform_device(settings: Settings, clock: Clock, random_bytes: RandomBytes) -> PlatformDevice:
    """The platform's own device, where this deployment keeps it."""
    return PlatformDevice(settings.platform_device_dir or settings.data_dir / FOLDER, clock, random_bytes)
