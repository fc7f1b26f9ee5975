"""The real chat server on a free port of 127.0.0.1, with the fictive register and an operator of its own."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import uvicorn
from prometheus_client import CollectorRegistry
from sqlmodel import SQLModel
from starlette.applications import Starlette

from miss.base.clock import Clock, SystemClock
from miss.base.ids import AccountId
from miss.base.random import system_random
from miss.broker import MemoryBroker
from miss.chat import Chat, ChatLimits, chat_routes
from miss.client import Client, Store, link_device
from miss.directory.accounts import Accounts, ActivationPurpose
from miss.directory.practitioners import Practitioners
from miss.directory.sample import open_register
from miss.directory.signer import load_or_create_signer
from miss.server.websocket import DirectWebSocket
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from miss.storage.jobs import JobRunner
from tests.conditions import LOOK_S, WAIT_S, holds
from tests.miss.client.devices import KEY

CLOCK = SystemClock()


class _Uvicorn(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # uvicorn's own name; pytest keeps its signals
        yield


class ChatServer:
    """A running server; it can be stopped and started again on the same port and data."""

    def __init__(self, folder: Path, limits: ChatLimits | None = None) -> None:
        self.folder = folder
        self.limits = limits
        self.clock: Clock = CLOCK
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database_path = folder / "miss.db"
        self._stack = contextlib.AsyncExitStack()

    async def start(self, *, first: bool = False) -> None:
        db = Database(f"sqlite:///{self.database_path}")
        if first:
            async with db.engine.begin() as connection:
                await connection.run_sync(SQLModel.metadata.create_all)
        self.practitioners = Practitioners(db, self.clock, system_random)
        self.accounts = Accounts(db, self.clock, system_random)
        self.signer = load_or_create_signer(self.folder / "operator", self.clock, system_random)
        if first:
            with open_register() as lines:
                await self.practitioners.import_register(lines)
        broker = MemoryBroker()
        chat = Chat(
            db=db,
            broker=broker,
            blobs=DiskBlobs(self.folder / "blobs"),
            clock=self.clock,
            random_bytes=system_random,
            accounts=self.accounts,
            practitioners=self.practitioners,
            signer=self.signer,
            metrics=CollectorRegistry(),
            public_origin=self.url,
            limits=self.limits,
        )
        self.chat = chat
        self.jobs = JobRunner(db, self.clock, system_random, poll_s=0.1)
        for handler in chat.job_handlers():
            self.jobs.register(handler)
        await broker.start()
        await chat.start()
        app = Starlette(routes=chat_routes(chat))
        config = uvicorn.Config(
            app, host="127.0.0.1", port=self.port, lifespan="off", log_config=None, ws=DirectWebSocket
        )
        web = _Uvicorn(config)
        serving = asyncio.create_task(web.serve())
        while not web.started:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.005)

        async def stop() -> None:
            await chat.close()
            web.should_exit = True
            await serving
            await broker.close()
            await db.close()

        self._stack.push_async_callback(stop)

    async def stop(self) -> None:
        await self._stack.aclose()

    @contextlib.asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """What is due is done meanwhile: alarms escalate, what has expired is swept."""
        work = asyncio.create_task(self.jobs.run())
        try:
            yield
        finally:
            self.jobs.stop()
            await work

    async def activate(self, rpps: str) -> str:
        """A verified account for this number, and its device code."""
        practitioner = await self.practitioners.find_by_rpps(rpps)
        assert practitioner is not None
        account = await self.accounts.find_by_rpps(rpps)
        if account is None:
            account = await self.accounts.open(practitioner.id, by="test")
            await self.accounts.verify(account.uid, "test")
        return (await self.accounts.issue_activation(account.uid, ActivationPurpose.DEVICE, "test")).code

    async def link(self, store: Store, rpps: str, code: str | None = None) -> AccountId:
        return await link_device(
            store,
            self.url,
            rpps=rpps,
            code=code or await self.activate(rpps),
            device_name="Poste d'essai",
            expected_fingerprint=self.signer.root_fingerprint,
            clock=CLOCK,
            random_bytes=system_random,
        )

    def store(self, rpps: str) -> Store:
        """The store of this person's device, open."""
        return Store(self.store_path(rpps), KEY, system_random)

    def store_path(self, rpps: str) -> Path:
        return self.folder / f"client-{rpps}.db"

    async def link_everybody(self, *numbers: str) -> list[AccountId]:
        """A device for each of these RPPS numbers; their accounts."""
        uids = []
        for rpps in numbers:
            with self.store(rpps) as store:
                uids.append(await self.link(store, rpps))
        return uids

    @contextlib.asynccontextmanager
    async def online(self, rpps: str, url: str | None = None) -> AsyncIterator[Client]:
        """The client of a linked device, caught up.  `url`: another way to the server."""
        with self.store(rpps) as store:
            async with Client.open(store, clock=CLOCK, random_bytes=system_random, server_url=url) as client:
                async with asyncio.timeout(WAIT_S):
                    await client.wait_synced()
                yield client


async def until_true(client: Client, condition: Callable[[], object]) -> None:
    """Wait until `condition` is true: looked at whenever `client` announces something, and now and then besides."""
    events = client.events()
    try:
        async with asyncio.timeout(WAIT_S):
            while not holds(condition):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_S):
                        await anext(events)
    except TimeoutError:
        raise AssertionError("it did not happen") from None


class Proxy:
    """A TCP relay between one client and the server, that can go quiet towards the client, and be cut."""

    def __init__(self, server: ChatServer) -> None:
        self._port = server.port
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()
        self.quiet = False
        """True: what the server says to the client is swallowed."""
        self.lose_answers_after = b""
        """Once a request with these bytes has passed, its connection is cut as soon as the server answers."""
        self.lose_requests_with = b""
        """A request with these bytes never arrives: its connection is cut."""
        self.before_requests_with: tuple[bytes, Callable[[], Awaitable[object]]] | None = None
        """The first request with these bytes waits until that is done."""
        self.url = ""

    async def __aenter__(self) -> "Proxy":
        self._listener = await asyncio.start_server(self._relay, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._listener.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._listener.close()
        self.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Drop every connection."""
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_server = await asyncio.open_connection("127.0.0.1", self._port)
        self._writers |= {writer, to_server[1]}
        lost = asyncio.Event()
        for source, sink, is_answer in ((reader, to_server[1], False), (to_server[0], writer, True)):
            task = asyncio.create_task(self._pump(source, sink, is_answer, lost))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, is_answer: bool, lost: asyncio.Event
    ) -> None:
        try:
            while data := await source.read(65_536):
                if not is_answer and self.lose_requests_with and self.lose_requests_with in data:
                    return
                if not is_answer and self.before_requests_with and self.before_requests_with[0] in data:
                    first, self.before_requests_with = self.before_requests_with[1], None
                    await first()
                if not is_answer and self.lose_answers_after and self.lose_answers_after in data:
                    lost.set()
                if is_answer and lost.is_set():
                    return
                if not (is_answer and self.quiet):
                    sink.write(data)
                    await sink.drain()
        except OSError:
            pass
        finally:
            sink.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def running(folder: Path, limits: ChatLimits | None = None) -> AsyncIterator[ChatServer]:
    server = ChatServer(folder, limits)
    await server.start(first=True)
    try:
        yield server
    finally:
        await server.stop()
