"""A client at work, and the names of everything it noticed."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path

from miss.base.errors import MissError
from miss.base.ids import ConversationId
from miss.base.random import system_random
from miss.client import Client, Message, Store
from miss.client.events import ConnectionChanged, Event, EventStream
from miss.client.model import TEXT
from tests.conditions import WAIT_S, holds
from tests.miss.chat.kit import Place

KEY = b"k" * 32
"""How long anything may take before a test fails."""


def prompt_random(size: int) -> bytes:
    """Randomness, but for the four bytes of a reconnection's pause: a client comes back at once."""
    return bytes(4) if size == 4 else system_random(size)


def store_of(folder: Path, name: str) -> Store:
    return Store(folder / f"{name}.db", KEY, system_random)


class Watch:
    """A client at work, and the names of all it noticed."""

    def __init__(self, client: Client, logs: "_Logs") -> None:
        self.client = client
        self.names: list[str] = []
        """Events by class, with their code; errors that were raised ("raised …"), and logged ("logged …")."""
        self._stream: EventStream = client.events()
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._listen())
        self._logs = logs

    async def _listen(self) -> None:
        async for event in self._stream:
            self.names.append(name_of(event))
            self._news.set()

    def note(self, name: str) -> None:
        self.names.append(name)
        self._news.set()

    async def attempt(self, doing: Awaitable[object]) -> None:
        """Do something that may be refused; the refusal is noted."""
        try:
            async with asyncio.timeout(WAIT_S):
                await doing
        except MissError as error:
            self.note(f"raised {getattr(error, 'server_code', '') or error.code}")

    async def until(self, condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
        """Wait until something that happens here has made `condition` true."""
        try:
            async with asyncio.timeout(timeout_s):
                while not holds(condition):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"it did not happen; noticed: {self.names}") from None

    async def settle(self, quiet_s: float = 0.25) -> None:
        """Return once the client has been quiet for a moment."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                while True:
                    self._news.clear()
                    await asyncio.wait_for(self._news.wait(), quiet_s)

    def shown(self, cid: ConversationId) -> list[Message]:
        """What a person sees of a conversation."""
        return [one for one in self.client.messages(cid) if not one.refused and not one.is_deleted]

    def texts(self, cid: ConversationId) -> list[str]:
        return [one.text for one in self.shown(cid) if one.type == TEXT]

    def knows(self, cid: ConversationId) -> bool:
        """True if the conversation is there."""
        return any(one.cid == cid for one in self.client.conversations())

    def shows(self, cid: ConversationId, texts: Iterable[str]) -> bool:
        """True if all of these are shown."""
        return set(texts) <= set(self.texts(cid))

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)


def name_of(event: Event) -> str:
    """ "MessageRefused bad_envelope", "ContactChanged 1 reset", "ConnectionChanged refused"."""
    kind = type(event).__name__
    if isinstance(event, ConnectionChanged):
        return f"{kind} {event.state}"
    message = getattr(event, "message", None)
    code = getattr(event, "code", "") or getattr(message, "refused", "")
    resets = getattr(event, "resets", 0)
    return f"{kind} {code or (f'{resets} reset' if resets else '')}".strip()


class _Logs(logging.Handler):
    """What the client logs by name, for whoever watches it."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.watch: Watch | None = None

    def emit(self, record: logging.LogRecord) -> None:
        if self.watch is not None and record.args:
            self.watch.note(f"logged {record.args[0] if isinstance(record.args, tuple) else ''}")


@contextlib.asynccontextmanager
async def watching(store: Store, url: str, place: Place, *, synced: bool = True) -> AsyncIterator[Watch]:
    """The client of a store, from before its first connection.  `synced`: wait until it has caught up."""
    logs = _Logs()
    logger = logging.getLogger("miss.client")
    with store:
        client = Client.open(store, clock=place.clock, random_bytes=prompt_random, server_url=url)
        watch = logs.watch = Watch(client, logs)
        logger.addHandler(logs)
        try:
            async with client:
                if synced:
                    async with asyncio.timeout(WAIT_S):
                        await client.wait_synced()
                yield watch
        finally:
            logger.removeHandler(logs)
            await watch.close()
