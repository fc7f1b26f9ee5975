"""A desk of the tests: the core in its thread, what it tells reduced in the test's own loop, no Qt."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from clients.desktop.policy import Policy
from clients.desktop.state import facts as f
from clients.desktop.state.model import State
from clients.desktop.state.reduce import reduce
from clients.desktop.store.lock import Keyring, NoKeyring
from clients.desktop.store.profiles import Profiles
from clients.desktop.sync.account import Account
from clients.desktop.sync.core import Core
from clients.desktop.sync.ways import Letter, Way
from clients.desktop.words import speak
from miss.base.clock import Clock, SystemClock
from miss.base.ids import ConversationId
from miss.base.random import system_random
from miss.base.text import Language
from miss.client import Client
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.conditions import LOOK_S, WAIT_S, holds
from tests.miss.client.chat_server import ChatServer, until_true

T = TypeVar("T")
PIN = "azertY-92-tournesol"


class Desk:
    """One machine."""

    def __init__(
        self,
        root: Path,
        policy: Policy | None = None,
        keyring: Keyring | None = None,
        clock: Clock | None = None,
        release_key: bytes | None = None,
    ) -> None:
        speak(Language.FR)  # whatever a window of another test has left the process speaking
        clock = clock or SystemClock()
        self.state = State()
        self.facts: list[f.Fact] = []
        self._loop = asyncio.get_running_loop()
        self._moved = asyncio.Event()
        self.profiles = Profiles(root, keyring or NoKeyring(), clock, system_random)
        self.core = Core(
            self.profiles,
            deliver=self._deliver,
            tell=self._hear,
            clock=clock,
            random_bytes=system_random,
            policy=policy,
            release_key=release_key,
        )
        self.core.start()

    def _deliver(self, work: Callable[[], None]) -> None:
        def run() -> None:
            work()
            self._moved.set()

        self._loop.call_soon_threadsafe(run)

    def _hear(self, fact: f.Fact) -> None:
        self.facts.append(fact)
        self.state = reduce(self.state, fact)

    def do(self, fact: f.Fact) -> None:
        """The person does something."""
        self._hear(fact)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until `condition` is true: looked at whenever something is told, and now and then besides."""
        try:
            async with asyncio.timeout(WAIT_S):
                while not holds(condition):
                    self._moved.clear()
                    with contextlib.suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_S):
                            await self._moved.wait()
        except TimeoutError:
            raise AssertionError("it did not happen") from None

    async def ask(self, call: Callable[[Account], Awaitable[T]]) -> T:
        """A call, and what it returns.  Raises AssertionError with the sentence of its refusal."""
        answer: asyncio.Future[T] = self._loop.create_future()
        self.core.ask(call, answer.set_result, lambda sentence: answer.set_exception(AssertionError(sentence)))
        return await asyncio.wait_for(answer, WAIT_S)

    async def _done(self, begin: Callable[[Callable[[], None], Callable[[str], None]], object]) -> None:
        answer: asyncio.Future[None] = self._loop.create_future()
        begin(lambda: answer.set_result(None), lambda sentence: answer.set_exception(AssertionError(sentence)))
        await asyncio.wait_for(answer, WAIT_S)

    async def link(self, server: ChatServer, rpps: str, pin: str = PIN) -> None:
        """Link with a new letter, and open."""
        code = await server.activate(rpps)
        await self.enrol(Letter(server.url, rpps, code, server.signer.root_fingerprint), pin)

    async def enrol(self, way: Way, pin: str = PIN) -> None:
        """Link in any way, and open."""
        await self._done(lambda then, failed: self.core.enrol(way, pin, "Poste d’essai", then, failed))

    async def open(self, name: str, pin: str = PIN) -> None:
        """Open the account whose owner's name holds `name`."""
        [profile] = [one for one in self.profiles.list_() if name in one.name]
        await self._done(lambda then, failed: self.core.open(profile, pin, then, failed))

    async def close_account(self) -> None:
        await self._done(lambda then, _failed: self.core.close_account(then))

    async def stop(self) -> None:
        await asyncio.to_thread(self.core.stop)


@contextlib.asynccontextmanager
async def begun(server: ChatServer, desk: Desk) -> AsyncIterator[tuple[Client, ConversationId]]:
    """Anne at the desk, linked just now; Paul, who is online, and the conversation that she has begun with him."""
    await server.link_everybody(PAUL_EXEMPLE)
    await desk.link(server, ANNE_MODELE)
    async with server.online(PAUL_EXEMPLE) as paul:
        cid = await desk.ask(lambda account: account.begin([paul.uid]))
        await until_true(paul, lambda: paul.conversations())
        yield paul, cid
