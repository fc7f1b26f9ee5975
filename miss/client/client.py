"""The client: what a desktop, a bot or a test calls.

    async with Client.open(store, clock=clock, random_bytes=random_bytes) as client:
        cid = await client.create_conversation([colleague])
        mid = client.send_text(cid, "Bonjour")
        await client.wait_sent(mid)

What is written is durable when a call returns, and leaves as soon as the connection allows; what is announced is
already stored.  No part of a message ever reaches a log.  The calls themselves stand in `miss.client.calls`, one
module a subject.
"""

import asyncio
from ssl import SSLContext
from types import TracebackType
from typing import Self

from miss.base.clock import Clock
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.client.account.devices import Devices
from miss.client.account.recovery import Recovery
from miss.client.assembly import Assembly, assemble
from miss.client.calls.alarms import AlarmCalls
from miss.client.calls.conversations import ConversationCalls
from miss.client.calls.files import FileCalls
from miss.client.calls.people import PeopleCalls
from miss.client.calls.presence import PresenceCalls
from miss.client.calls.reading import ReadingCalls
from miss.client.calls.services import ServiceCalls
from miss.client.calls.writing import WritingCalls
from miss.client.errors import ClientClosed, DeviceRefused
from miss.client.events import ConnectionChanged, ConnectionState, Synced
from miss.client.people.contacts import Contacts
from miss.client.store import Store
from miss.client.sync import Sync


class Client(
    PeopleCalls,
    ConversationCalls,
    ReadingCalls,
    WritingCalls,
    FileCalls,
    AlarmCalls,
    PresenceCalls,
    ServiceCalls,
):
    """One device at work.  Everything runs on the event loop that entered it."""

    def __init__(self, parts: Assembly, store: Store, random_bytes: RandomBytes) -> None:
        """Use `Client.open`."""
        self._parts = parts
        self._sync = Sync(parts.inbox, parts)
        self._held = store
        self._random_bytes = random_bytes
        self._tasks: list[asyncio.Task[None]] = []
        self._failure: BaseException | None = None

    @classmethod
    def open(
        cls,
        store: Store,
        *,
        clock: Clock,
        random_bytes: RandomBytes,
        server_url: str | None = None,
        language: Language = Language.FR,
        ssl_context: SSLContext | None = None,
    ) -> "Client":
        """A client on a store whose device is linked (`link_device`); `async with` starts it.

        `server_url`: where the server has moved to, if it has.  Raises StoreHasNoDevice.
        """
        parts = assemble(store, clock, random_bytes, server_url, language, ssl_context)
        return cls(parts, store, random_bytes)

    async def __aenter__(self) -> Self:
        for work in (
            self._parts.connection.run,
            self._sync.run,
            self._parts.sending.run,
            self._parts.reports.run,
            self._parts.statements.run,
            self._parts.departures.run,
            self._parts.expiry.run,
            self._parts.rotation.run,
        ):
            task = asyncio.create_task(work(), name=f"client {work.__qualname__}")
            task.add_done_callback(self._note_end)
            self._tasks.append(task)
        self._parts.sending.wake()
        return self

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (failure := task.exception()) is not None and self._failure is None:
            # A defect of ours: whoever waits is released, and `async with` raises it.
            self._failure = failure
            self._parts.announcer.end()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks.clear()
        await self._parts.http.aclose()
        self._parts.announcer.end()
        if self._failure is not None and error is None:
            raise self._failure

    @property
    def devices(self) -> Devices:
        """This person's devices: list, name, let in, take out, change the user key."""
        return self._parts.devices

    @property
    def recovery(self) -> Recovery:
        """This person's recovery key: make, test, replace."""
        return self._parts.recovery

    @property
    def contacts(self) -> Contacts:
        """What this person decides about the keys of others: warnings, safety words, acceptance."""
        return self._parts.contacts

    @property
    def connection_state(self) -> ConnectionState:
        return self._parts.connection.state

    async def try_now(self) -> None:
        """The machine has slept, or its network is another one: connect again at once."""
        self._parts.connection.try_now()
        await self._parts.http.renew()

    async def wait_synced(self) -> None:
        """Return once everything the server had for this device is stored.

        Lasts as long as there is no network: put it in `asyncio.timeout`.  Raises DeviceRefused, ClientClosed.
        """
        stream = self.events()
        if self._sync.synced.is_set():
            return
        if self.connection_state is ConnectionState.REFUSED:
            raise DeviceRefused(reason=self._parts.connection.refusal)
        async for event in stream:
            match event:
                case Synced():
                    return
                case ConnectionChanged(state=ConnectionState.REFUSED, reason=reason):
                    raise DeviceRefused(reason=reason)
        raise ClientClosed
