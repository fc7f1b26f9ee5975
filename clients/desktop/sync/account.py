"""One account, open: its sealed store, its client at work, its desk.  Lives in the core's thread.

What is told is in `state.facts`; what may be asked for, in `sync.calls`.  Closing it releases both files, and drops
the keys: nothing of it is left in this process but what Python has not reclaimed yet.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from ssl import SSLContext

from clients.desktop.policy import Policy
from clients.desktop.state import facts as f
from clients.desktop.state.model import Me, Settings
from clients.desktop.store.desk import Desk
from clients.desktop.store.errors import DeskDamaged, DeskFull
from clients.desktop.store.opened import OpenedFiles
from clients.desktop.store.profiles import Profile
from clients.desktop.sync import describe
from clients.desktop.sync.calls.cases import CaseCalls
from clients.desktop.sync.calls.conversations import ConversationCalls
from clients.desktop.sync.calls.files import FileCalls
from clients.desktop.sync.calls.owner import OwnerCalls
from clients.desktop.sync.calls.people import PeopleCalls
from clients.desktop.sync.calls.reading import ReadingCalls
from clients.desktop.sync.calls.writing import WritingCalls
from clients.desktop.sync.following import Following
from clients.desktop.sync.imposed import Imposed
from clients.desktop.sync.pump import Pump
from clients.desktop.sync.updates import Updates
from clients.desktop.sync.wake import Wake
from clients.desktop.words import spoken
from miss.base.clock import Clock
from miss.base.ids import ConversationId
from miss.base.random import RandomBytes
from miss.client import Client, Store
from miss.client.errors import StoreDamaged
from miss.client.events import EventStream
from miss.protocol.crypto.links import Who


class Account(ReadingCalls, WritingCalls, FileCalls, ConversationCalls, PeopleCalls, OwnerCalls, CaseCalls):
    """Everything of one account."""

    def __init__(
        self,
        profile: Profile,
        key: bytes,
        *,
        clock: Clock,
        random_bytes: RandomBytes,
        tell: Callable[[f.Fact], None],
        policy: Policy,
        ssl_context: SSLContext,
        updates: Updates | None = None,
    ) -> None:
        """`key`: 32 bytes, as `FolderLock.open` gives it.  Raises StoreDamaged, StoreInUse, StoreHasNoDevice…"""
        self.profile = profile
        self.clock = clock
        self.tell = tell
        self._machine_policy = policy
        self.verify = ssl_context
        self._updates = updates
        self._wake = Wake(clock, self.try_now)
        self.opened = OpenedFiles(profile.opened_path)
        self.store = Store(profile.chat_path, key, random_bytes)
        try:
            self.client = Client.open(
                self.store,
                clock=clock,
                random_bytes=random_bytes,
                language=spoken(),
                ssl_context=ssl_context,
            )
            self.desk = Desk(profile.desk_path, key)
        except sqlite3.DatabaseError:
            self.store.close()
            raise StoreDamaged(where="file") from None
        except BaseException:
            self.store.close()
            raise
        self.policy = policy.under(self.client.lock_limit)
        self.pump = Pump(self.client, self.desk, tell)
        self._stack = AsyncExitStack()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Go to work; what the store holds is told at once, without waiting for the network."""
        settings = self._settings()
        self.tell(f.AccountOpened(self._me(), settings))
        self.tell(f.SettingsTold(settings, self.policy.lock_after_min_max))
        self.tell_rows()
        self.tell(f.AlarmsTold(tuple(self.client.open_alarms())))
        self.tell(f.WarningsTold(describe.warned_of(self.client)))
        self.pump.tell_losses()
        self.client.set_presence(settings.presence)
        stream = self.client.events()
        await self._stack.enter_async_context(self.client)
        self._tasks = [
            asyncio.create_task(self._pump(stream), name="desktop pump"),
            asyncio.create_task(self.pump.index_everything(), name="desktop index"),
            asyncio.create_task(self._wake.run(), name="desktop wake"),
            asyncio.create_task(self._following().run(), name="desktop following"),
            asyncio.create_task(Imposed(self.client, self._limit).run(self.client.events()), name="desktop imposed"),
        ]
        if self._updates is not None:
            asking = self._updates.run(self.store.device.get().server_url, self.verify)
            self._tasks.append(asyncio.create_task(asking, name="desktop updates"))
        if self.desk.was_damaged:
            self.tell(f.Troubled(DeskDamaged().sentence(spoken())))

    async def _pump(self, stream: EventStream) -> None:
        await self.pump.run(stream)
        # Nobody has closed the account: its client has failed, and a store that cannot be written is the usual reason.
        self.tell(f.Troubled(DeskFull().sentence(spoken())))

    def _following(self) -> Following:
        async def token(renew: bool) -> str:
            return await self.client.http_token(renew=renew)

        return Following(self.store.device.get().server_url, token, self.verify, self.read_cases)

    def _settings(self) -> Settings:
        return replace(self.policy.impose(self.desk.settings()), tells_reading=self.client.tells_reading)

    def _limit(self, minutes: int | None) -> None:
        """What this machine's policy and the person's establishments say together, from now on."""
        self.policy = self._machine_policy.under(minutes)
        self.tell(f.SettingsTold(self._settings(), self.policy.lock_after_min_max))

    def _me(self) -> Me:
        device = self.store.device.get()
        return Me(self.client.uid, self.client.did, self.profile.name, device.server_url, self.profile.id)

    def tell_rows(self) -> None:
        """Every conversation, read at once."""
        marks = self.desk.marks()
        rows = [describe.row_of(self.client, one, marks) for one in self.client.conversations()]
        self.tell(f.RowsTold(tuple(rows)))

    def show(self, cid: ConversationId | None) -> None:
        """Tell this conversation, and what happens in it from now on."""
        self.pump.open_cid = cid
        if cid is not None:
            self.tell(f.ThreadTold(describe.thread_of(self.client, cid)))

    def show_apart(self, cid: ConversationId, on: bool) -> None:
        """Tell this conversation as well, for a window of its own, or no longer."""
        if not on:
            self.pump.apart.discard(cid)
            return
        self.pump.apart.add(cid)
        self.tell(f.ThreadTold(describe.thread_of(self.client, cid)))

    async def try_now(self) -> None:
        """The machine has slept, or its network is another one: connect again at once."""
        await self.client.try_now()

    async def change_settings(self, settings: Settings) -> None:
        """Keep them, as far as they are allowed."""
        allowed = self.policy.impose(settings)
        self.desk.save_settings(allowed)
        self.client.set_presence(allowed.presence)
        if allowed.tells_reading != self.client.tells_reading:
            self.client.set_tells_reading(allowed.tells_reading)
        self.tell(f.SettingsTold(allowed, self.policy.lock_after_min_max))

    async def close(self) -> None:
        """Stop, and release every file; what was opened for other programs is deleted."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(Exception):  # whatever the client failed with was told already, and the files have to be released
            await self._stack.aclose()
        self.pump.end()
        self.desk.close()
        self.store.close()
        self.opened.clear()

    def identity(self) -> Who | None:
        """Who this is, as certified."""
        for conversation in self.client.conversations():
            for member in conversation.members:
                if member.uid == self.client.uid:
                    return member.who
        return None
