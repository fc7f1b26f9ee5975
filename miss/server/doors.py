"""A built server and its doors: HTTP and WebSocket, SMTP, the job runner; opened together, closed in order."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import structlog
import uvicorn
from starlette.applications import Starlette

from miss.chat import Chat
from miss.mail.inbound import MailDoor
from miss.server.errors import PortTaken
from miss.server.house import House
from miss.storage import Database

log = structlog.get_logger("miss.server")


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
    mail_door: MailDoor
    keys: Database
    starts: tuple[Callable[[], Awaitable[None]], ...]
    """What services do before the doors open."""
    samples: tuple[Callable[[], Awaitable[None]], ...]
    """What makes the services' fictive data."""

    async def serve(self, stop: asyncio.Event, ready: asyncio.Event | None = None) -> None:
        """Open the doors, keep them open until `stop` is set, then close them in order.

        Raises PortTaken.  Open requests have `shutdown_grace_s` to end; sockets are told to reconnect (4010).
        """
        settings = self.house.settings
        listener = _listen(settings.host, settings.port, "HTTP", "MISS_PORT")
        web = _WebServer(
            uvicorn.Config(
                self.app,
                ws="websockets-sansio",
                ws_per_message_deflate=False,
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=True,
                forwarded_allow_ips=settings.trusted_proxies,
                timeout_graceful_shutdown=int(settings.shutdown_grace_s),
            )
        )
        # uvicorn closes the listener when it has served; nobody else would if a later door stays shut.
        with contextlib.closing(listener):
            await self._serve_on(listener, web, stop, ready)
        log.info("server.stopped")

    async def _serve_on(
        self, listener: socket.socket, web: uvicorn.Server, stop: asyncio.Event, ready: asyncio.Event | None
    ) -> None:
        async with self._running():
            for start in self.starts:
                await start()
            serving = asyncio.create_task(web.serve([listener]), name="miss.http")
            log.info("server.ready", http_port=listener.getsockname()[1], smtp_port=self.mail_door.port)
            if ready is not None:
                ready.set()
            stopping = asyncio.create_task(stop.wait())
            await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
            stopping.cancel()
            await self.chat.close()
            web.should_exit = True
            await serving

    @contextlib.asynccontextmanager
    async def _running(self) -> AsyncIterator[None]:
        await self.house.broker.start()
        await self.chat.start()
        jobs = asyncio.create_task(self.house.jobs.run(), name="miss.jobs")
        try:
            await self._open_mail_door()
            yield
        finally:
            await self.mail_door.close()
            jobs.cancel()
            await asyncio.gather(jobs, return_exceptions=True)
            await self.chat.close()
            await self.house.broker.close()
            await self.close()

    async def _open_mail_door(self) -> None:
        try:
            await self.mail_door.open()
        except OSError:
            raise PortTaken(port=self.mail_door.port, what="SMTP", setting="MISS_MAIL_PORT") from None

    async def close(self) -> None:
        """Give the databases back."""
        await self.house.db.close()
        await self.keys.close()


def _listen(host: str, port: int, what: str, setting: str) -> socket.socket:
    try:
        return socket.create_server((host, port), backlog=1024)
    except OSError:
        raise PortTaken(port=port, what=what, setting=setting) from None
