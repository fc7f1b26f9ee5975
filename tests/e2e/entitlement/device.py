"""One device: a store on disk, a line to the server, and a client while it is switched on."""

import shutil
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from miss.base.clock import Clock
from miss.base.ids import AccountId, DeviceId, MessageId
from miss.base.random import RandomBytes
from miss.client import Client, Store
from miss.client.events import CommitRefused, ConnectionState, EventStream, MessageRefused
from miss.client.model import SplitView
from tests.e2e.entitlement.line import Line
from tests.e2e.entitlement.model import Name
from tests.miss.client.devices import KEY

_PARTS = ("", "-wal")
"""The files of a store."""


class State(StrEnum):
    """What the owner's chain and the owner say of a device."""

    LIVING = "living"
    LOST = "lost"  # it counts still, but nobody has it
    REVOKED = "revoked"
    LOCKED = "locked"  # left behind by a reset


@dataclass
class Person:
    """Somebody with an account."""

    name: Name
    rpps: str
    uid: AccountId = field(default=AccountId(b""))
    recovery_code: str = ""
    was_reset: bool = False


@dataclass
class Backup:
    """What lies aside of a device."""

    folder: Path
    outbox: set[MessageId]


@dataclass(eq=False)
class Device:
    """A phone or a computer of one of the people."""

    name: Name
    owner: Person
    path: Path
    line: Line
    clock: Clock
    random_bytes: RandomBytes
    state: State = State.LIVING
    did: DeviceId = field(default=DeviceId(b""))
    outbox: set[MessageId] = field(default_factory=set)
    """What it has taken on, and was not seen in the log yet."""
    backup: Backup | None = None
    was_restored: bool = False
    """It may say again, later, what it had said already when it was put aside."""
    blind: set[tuple[Name, int]] = field(default_factory=set)
    """Places it could not open when it came to them, because its owner had no title to them then."""
    refused: list[CommitRefused | MessageRefused | SplitView] = field(default_factory=list)
    """Everything it has ever complained about."""
    _client: Client | None = None
    _events: EventStream | None = None
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    def blind_in(self, room: Name) -> set[int]:
        return {seq for name, seq in self.blind if name == room}

    @property
    def is_on(self) -> bool:
        return self._client is not None

    @property
    def is_connected(self) -> bool:
        """True if nothing lies between it and the server."""
        return self.is_on and self.line.is_whole

    @property
    def client(self) -> Client:
        assert self._client is not None, f"{self.name} is switched off"
        return self._client

    @property
    def store(self) -> Store:
        return self.client._held

    @property
    def is_caught_up(self) -> bool:
        """True if nothing that it has heard of is missing."""
        client, sync = self.client, self.client._sync
        if client._failure is not None:
            raise client._failure
        is_open = client.connection_state is ConnectionState.OPEN
        return is_open and sync.synced.is_set() and sync._fetching.is_done and sync._inbox.empty()

    async def switch_on(self) -> None:
        """Open the store; the client connects by itself, if it can."""
        store = self._stack.enter_context(Store(self.path, KEY, self.random_bytes))
        client = Client.open(store, clock=self.clock, random_bytes=self.random_bytes, server_url=self.line.url)
        self._events = client.events()
        self._client = await self._stack.enter_async_context(client)

    async def switch_off(self) -> None:
        """As a person does."""
        self.listen()
        self._client = self._events = None
        await self._stack.aclose()

    async def crash(self) -> None:
        """What is on the disk at this moment is all that is left."""
        left = self.path.with_name(f"{self.name}-crashed")
        self.copy_to(left)
        await self.switch_off()
        self.replace_by(left)

    def listen(self) -> None:
        """Note what the client has complained about."""
        while self._events is not None and not self._events._queue.empty():
            event = self._events._queue.get_nowait()
            if isinstance(event, CommitRefused | MessageRefused | SplitView):
                self.refused.append(event)

    def copy_to(self, folder: Path) -> None:
        """Put the store aside, even while it is at work."""
        folder.mkdir(exist_ok=True)
        for part in _PARTS:
            source, copy = Path(f"{self.path}{part}"), folder / f"store{part}"
            copy.unlink(missing_ok=True)
            with suppress(FileNotFoundError):
                shutil.copy(source, copy)

    def replace_by(self, folder: Path) -> None:
        """Have the store be as it was put aside; the device is off."""
        self.wipe()
        for part in _PARTS:
            with suppress(FileNotFoundError):
                shutil.copy(folder / f"store{part}", f"{self.path}{part}")

    def wipe(self) -> None:
        """Nothing is left on the disk."""
        for part in _PARTS:
            Path(f"{self.path}{part}").unlink(missing_ok=True)
