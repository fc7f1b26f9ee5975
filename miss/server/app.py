"""The composition root: the only place that constructs.

`open_server` builds every room on its arguments, brings the databases to their schema, installs the services and
returns a `Server` whose doors can be opened; `Server.serve` keeps them open until it is told to stop.
"""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import structlog
import uvicorn
from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from miss.base.clock import Clock
from miss.base.errors import MissError, NotFound
from miss.base.random import RandomBytes
from miss.broker import Broker, MemoryBroker, RedisBroker
from miss.chat import Chat, ChatLimits, chat_routes, session_limits
from miss.directory.accounts import Accounts
from miss.directory.practitioners import Practitioners
from miss.directory.sign_in import SignIn
from miss.directory.signer import Signer, load_or_create_signer
from miss.mail.inbound import Intakes, MailDoor
from miss.mail.outbound import MailTransport, Outbox, SmtpRelay, Spool
from miss.server.errors import PortTaken, SignInNeeded
from miss.server.health import Health
from miss.server.house import House
from miss.server.service import Services
from miss.server.settings import Settings
from miss.server.web.assets import Assets
from miss.server.web.pages import Pages, language_of
from miss.server.web.routes import HousePages
from miss.server.web.security import SameOriginForms, SecurityHeaders
from miss.server.web.sessions import PageSessions
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from miss.storage.jobs import JobRunner
from miss.storage.migrate import application_schema, keystore_schema, migrate
from miss.storage.sealed import KeyStore, MasterKey, create_master_key, load_master_key

log = structlog.get_logger("miss.server")

STATIC = Path(__file__).parent / "web" / "static"


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


async def open_server(settings: Settings, clock: Clock, random_bytes: RandomBytes, services: Services) -> Server:
    """Build every room and bring the databases to their schema; nothing listens yet.

    Raises what a bad setting, key file or database says: MasterKeyUnsafe, DatabaseNewer, DatabaseUnreachable.
    """
    async with contextlib.AsyncExitStack() as on_failure:
        db, keys = Database(settings.database), Database(settings.keystore)
        on_failure.push_async_callback(db.close)
        on_failure.push_async_callback(keys.close)
        await migrate(db, application_schema(services.versions))
        await migrate(keys, keystore_schema())
        server = _build(settings, clock, random_bytes, services, db, keys)
        on_failure.pop_all()
    return server


def _build(
    settings: Settings, clock: Clock, random_bytes: RandomBytes, services: Services, db: Database, keys: Database
) -> Server:
    keystore = KeyStore(keys, _master_key(settings, random_bytes), clock, random_bytes)
    blobs = DiskBlobs(settings.data_dir / "blobs")
    broker: Broker = RedisBroker(settings.redis_url.get_secret_value()) if settings.redis_url else MemoryBroker()
    metrics = CollectorRegistry()
    jobs = JobRunner(db, clock, random_bytes)

    practitioners = Practitioners(db, clock, random_bytes)
    accounts = Accounts(db, clock, random_bytes, validity=settings.activation_validity, tries=settings.activation_tries)
    sign_in = SignIn(
        db,
        clock,
        random_bytes,
        practitioners,
        accounts,
        idle=settings.session_idle,
        absolute=settings.session_absolute,
    )
    intakes = Intakes(db, keystore, practitioners, jobs, clock, random_bytes)
    outbox = Outbox(db, keystore, _transport(settings), clock, random_bytes)
    assets = Assets()
    assets.add("house", STATIC)
    pages = Pages(clock, assets)
    house = House(
        settings,
        clock,
        random_bytes,
        db,
        keystore,
        blobs,
        broker,
        jobs,
        practitioners,
        accounts,
        sign_in,
        intakes,
        outbox,
        pages,
        metrics,
    )
    chat = _chat(house, load_or_create_signer(settings.operator_keys, clock, random_bytes))
    for handler in (intakes.job_handler(), outbox.job_handler(), *chat.job_handlers()):
        jobs.register(handler)

    health = Health(db, keys, broker, metrics, settings.metrics_allowed)
    house_pages = HousePages(pages, sign_in, settings.https)
    routes = [*house_pages.routes(), *health.routes(), *chat_routes(chat), assets.route()]
    starts: list[Callable[[], Awaitable[None]]] = []
    samples: list[Callable[[], Awaitable[None]]] = []
    for service in services.all:
        installed = service.install(house)
        routes.extend(installed.routes)
        for handler in installed.job_handlers:
            jobs.register(handler)
        if installed.templates:
            pages.add_service(service.name, installed.templates, installed.locale, installed.menu)
        if installed.static:
            assets.add(service.name, installed.static)
        if installed.start:
            starts.append(installed.start)
        if installed.sample:
            samples.append(installed.sample)

    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(SecurityHeaders, https=settings.https),
            Middleware(SameOriginForms, public_origin=settings.public_origin),
            Middleware(PageSessions, sign_in=sign_in, https=settings.https),
        ],
        exception_handlers={MissError: _answer_error(pages), 404: _answer_not_found(pages)},
    )
    mail_door = MailDoor(intakes, settings.mail_host, settings.mail_port, settings.mail_max_bytes, settings.mail_domain)
    return Server(app, house, chat, mail_door, keys, tuple(starts), tuple(samples))


def _master_key(settings: Settings, random_bytes: RandomBytes) -> MasterKey:
    """The embedded default makes its master key at the first start; one that a deployment names must be there."""
    if settings.master_key_file is None:
        ensure_master_key(settings, random_bytes)
    return load_master_key(settings.master_key)


def ensure_master_key(settings: Settings, random_bytes: RandomBytes) -> None:
    """Make the master key if there is none."""
    with contextlib.suppress(FileExistsError):
        create_master_key(settings.master_key, random_bytes)


def _chat(house: House, signer: Signer) -> Chat:
    settings = house.settings
    return Chat(
        db=house.db,
        broker=house.broker,
        blobs=house.blobs,
        clock=house.clock,
        random_bytes=house.random_bytes,
        accounts=house.accounts,
        practitioners=house.practitioners,
        signer=signer,
        metrics=house.metrics,
        public_origin=settings.public_origin,
        limits=ChatLimits(
            session=session_limits(settings.send_burst, settings.send_per_s), gather_s=settings.gather_ms / 1000
        ),
    )


def _transport(settings: Settings) -> MailTransport:
    if not settings.relay_host:
        return Spool(settings.data_dir / "spool")
    password = settings.relay_password.get_secret_value() if settings.relay_password else ""
    return SmtpRelay(
        settings.relay_host,
        settings.relay_port,
        require_tls=settings.relay_tls,
        user=settings.relay_user,
        password=password,
    )


def _wants_page(request: Request) -> bool:
    return "text/html" in request.headers.get("accept", "")


def _answer_error(pages: Pages) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        if not isinstance(error, MissError):
            raise error
        if isinstance(error, SignInNeeded) and _wants_page(request):
            return RedirectResponse(f"/connexion?{urlencode({'suite': request.url.path})}", 303)
        sentence = error.sentence(language_of(request))
        if not _wants_page(request):
            return JSONResponse({"code": error.code, "text": sentence}, error.http_status)
        return await pages.render(request, "error.html", error.http_status, status=error.http_status, sentence=sentence)

    return answer


def _answer_not_found(pages: Pages) -> Callable[[Request, Exception], Awaitable[Response]]:
    answer = _answer_error(pages)

    async def not_found(request: Request, _error: Exception) -> Response:
        return await answer(request, NotFound())

    return not_found
