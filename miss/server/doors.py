"""A built server and its doors: HTTP and WebSocket, SMTP, the job runner; opened together, closed in order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Final

import structlog
import uvicorn
from starlette.applications import Starlette

from miss.chat import Chat
from miss.mail.inbound import MailDoor
from miss.protocol.limits import MAX_CLIENT_FRAME_BYTES
from miss.server.errors import PortTaken
from miss.server.house import House
from miss.server.mail_doors import MailIn
from miss.server.websocket import DirectWebSocket
from miss.storage import Database

log = structlog.get_logger("miss.server")

KEEP_ALIVE_S: Final = 75
"""nginx keeps its connections to us for 60 s, HAProxy for 5 (its `pool-purge-delay`)."""


class _WebServer(uvicorn.Server):
    """uvicorn without its signal handlers: who calls `Server.serve` decides when to stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@dataclass(slots=True)
class Server:
    """A built server; `house` is what its services were lent."""

    app: Starlette
    house: House
    chat: Chat
    mail_in: MailIn
    keys: Database
    register: Database
    """The house's own database, unless the register lies apart."""
    starts: tuple[Callable[[], Awaitable[None]], ...]
    """What services do before the doors open."""
    samples: tuple[Callable[[], Awaitable[None]], ...]
    """What makes the services' fictive data."""
    stops: tuple[Callable[[], None], ...] = ()
    """What services do when the doors begin to close."""

    @property
    def mail_door(self) -> MailDoor:
        """The SMTP listener."""
        return self.mail_in.door

    async def serve(self, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
        """Open the doors, keep them open until `stop` is set, then close them in order.

        Raises PortTaken.  Open requests have `shutdown_grace_s` to end; sockets are told to reconnect (4010).
        """
        settings = self.house.settings
        async with contextlib.AsyncExitStack() as doors:
            doors.push_async_callback(self.close)
            # uvicorn closes the listener when it has served; nobody else would if a later door stays shut.
            listener = doors.enter_context(contextlib.closing(_listen(settings.host, settings.port)))
            await doors.enter_async_context(self._running())
            for start in self.starts:
                await start()
            await self._serve_on(listener, stop, ready)
        log.info("server.stopped")

    async def _serve_on(self, listener: socket.socket, stop: asyncio.Event, ready: asyncio.Event | None) -> None:
        web = _WebServer(self._web_config())
        serving = asyncio.create_task(web.serve([listener]), name="miss.http")
        log.info("server.ready", http_port=listener.getsockname()[1], smtp_port=self.mail_door.port)
        if ready is not None:
            ready.set()
        stopping = asyncio.create_task(stop.wait())
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        # Before uvicorn ends: sockets are to hear 4010 (restart) from us, not 1012 from it.
        await self.chat.close()
        for end in self.stops:
            end()
        web.should_exit = True
        await serving

    def _web_config(self) -> uvicorn.Config:
        settings = self.house.settings
        return uvicorn.Config(
            self.app,
            ws=DirectWebSocket,
            ws_per_message_deflate=False,
            ws_max_size=MAX_CLIENT_FRAME_BYTES,
            ws_ping_interval=None,  # the session has pings of its own (protocol §7)
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=True,
            forwarded_allow_ips=settings.trusted_proxies,
            # Longer than any proxy keeps a connection to us idle: one that we close while it writes is a lost request.
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=int(settings.shutdown_grace_s),
        )

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        await self.house.broker.start()
        self.house.rates.start()
        await self.chat.start()
        jobs = asyncio.create_task(self.house.jobs.run(), name="miss.jobs")
        lines = asyncio.create_task(self.house.outbox.lines.run(), name="miss.mail.lines")
        try:
            await self.mail_in.open()
            yield
        finally:
            await self.mail_in.close()
            self.house.jobs.stop()
            self.house.outbox.lines.stop()
            await asyncio.wait({jobs, lines}, timeout=self.house.settings.shutdown_grace_s)
            for task in (jobs, lines):
                task.cancel()
            await asyncio.gather(jobs, lines, return_exceptions=True)
            await self.chat.close()
            await self.house.rates.close()
            await self.house.broker.close()

    async def close(self) -> None:
        """Give the databases back."""
        await self.house.db.close()
        await self.keys.close()
        await self.register.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        listener = socket.create_server((host, port), backlog=1024)
    except OSError:
        raise PortTaken(port=port, what="HTTP", setting="MISS_PORT") from None
    # Small answers leave at once instead of waiting 40 ms for company (Nagle's algorithm).
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
