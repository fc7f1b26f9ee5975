"""The composition root: the only place that constructs.

`open_server` builds every room on its arguments, brings the databases to their schema, installs the services and
returns a `Server` (`doors.py`) whose doors can be opened.
"""

import contextlib
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.random import RandomBytes
from miss.broker import MemoryBroker, Rates, RedisBroker
from miss.chat import (
    Chat,
    ChatLimits,
    HttpRates,
    SocketCaps,
    SocketsFirst,
    chat_routes,
    per_hour,
    per_minute,
    session_limits,
)
from miss.directory.accounts import Accounts
from miss.directory.addresses.service import Addresses
from miss.directory.audit import AuditLog, AuditUpkeep
from miss.directory.imports.daily import DailyImport
from miss.directory.practitioners import Practitioners
from miss.directory.register.store import register_schema
from miss.directory.retirement import Retirements
from miss.directory.roles import Roles
from miss.directory.search.quota import daily_rate
from miss.directory.sign_in import SignIn
from miss.directory.signer import Signer, load_or_create_signer
from miss.mail.inbound import Intakes, MailDoor
from miss.mail.outbound import MailTransport, Outbox, SmtpRelay, Spool
from miss.server.console.home import CONSOLE_ENTRY
from miss.server.console.queues import Queues
from miss.server.console.rooms import build_console
from miss.server.console.statistics.service import Statistics
from miss.server.directory_desk import build_directory_desk
from miss.server.doors import Server
from miss.server.establishments.rooms import ESTABLISHMENT_ENTRY, build_establishments
from miss.server.figures import build_figures
from miss.server.health import Health
from miss.server.house import House
from miss.server.mails.retirement import RetirementMails
from miss.server.mails.wakeups import WakeupMails
from miss.server.own_rooms import build_own_rooms
from miss.server.service import Installed, Service, Services
from miss.server.settings import Settings
from miss.server.signing_in import build_front, build_password_reset, front_routes
from miss.server.signing_up import build_signing_up
from miss.server.web.account import DEVICES_ENTRY, AccountPages
from miss.server.web.answers import answer_errors, answer_not_found
from miss.server.web.assets import Assets
from miss.server.web.directory import DIRECTORY_ENTRY
from miss.server.web.own_pages import own_account_routes
from miss.server.web.own_sessions import ACCOUNT_ENTRY
from miss.server.web.pages import Pages
from miss.server.web.routes import HousePages
from miss.server.web.security import SameOriginForms, SecurityHeaders
from miss.server.web.sessions import PageSessions
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from miss.storage.jobs import JobRunner
from miss.storage.migrate import application_schema, keystore_schema, migrate
from miss.storage.sealed import KeyStore, MasterKey, create_master_key, load_master_key

STATIC = Path(__file__).parent / "web" / "static"
IMPORT_COMMAND = (
    *(sys.executable, "-c", "from miss.server.cli import main; main()"),
    *("directory", "import", "--quiet"),
)
"""What the daily import runs: this very installation, in a process of its own."""


async def open_server(settings: Settings, clock: Clock, random_bytes: RandomBytes, services: Services) -> Server:
    """Build every room and bring the databases to their schema; nothing listens yet.

    Raises what a bad setting, key file or database says: MasterKeyUnsafe, DatabaseNewer, DatabaseUnreachable.
    """
    async with contextlib.AsyncExitStack() as on_failure:
        db, keys = Database(settings.database), Database(settings.keystore)
        register = Database(settings.register) if settings.register != settings.database else db
        for database in (db, keys, register):
            on_failure.push_async_callback(database.close)
        await migrate(db, application_schema(services.versions))
        await migrate(keys, keystore_schema())
        await migrate(register, register_schema())
        server = _build(settings, clock, random_bytes, services, db, keys, register)
        on_failure.pop_all()
    return server


def _build(
    settings: Settings,
    clock: Clock,
    random_bytes: RandomBytes,
    services: Services,
    db: Database,
    keys: Database,
    register: Database,
) -> Server:
    house = _furnish(settings, clock, random_bytes, db, keys, register)
    signer = load_or_create_signer(settings.operator_keys, clock, random_bytes)
    chat = _chat(house, signer)
    upkeep = AuditUpkeep(house.db, clock, random_bytes, signer.audit_key, settings.audit_retention_months)
    daily = _daily_import(house)
    front = build_front(house, per_minute(settings.http_sign_ins_per_min))
    reset = build_password_reset(house, front)
    signing_up = build_signing_up(house)
    own = (house.intakes, house.outbox, daily, upkeep, reset, signing_up)
    for handler in (*(room.job_handler() for room in own), *chat.job_handlers()):
        house.jobs.register(handler)
    assets, queues = house.pages.assets, Queues()
    desk = build_directory_desk(house, register, chat.devices)
    for queue in (signing_up.queue(), desk.queue):
        queues.add(queue)
    console = build_console(house, chat.devices, signer.root_fingerprint, queues)
    establishments, figures = build_establishments(house, queues), build_figures(house, queues)
    for handler in (desk.feed.job_handler(), *console.job_handlers, *figures.job_handlers):
        house.jobs.register(handler)
    routes: list[BaseRoute] = [
        *HousePages(house.pages, settings.https).routes(),
        *front_routes(house, front, reset),
        *signing_up.routes(front.attempts),
        *console.routes,
        *AccountPages(house.pages, house.accounts, chat.devices, chat.recovery).routes(),
        *own_account_routes(house, front, chat, signing_up.agreements, queues),
        *(*desk.routes, *establishments.routes, *figures.routes),
        *Health(house, keys, settings.metrics_allowed).routes(),
        *chat_routes(chat),
        assets.route(),
    ]
    installed = [_install(service, house) for service in services.all]
    for one in installed:
        routes.extend(one.routes)
    house.pages.add_menu([DIRECTORY_ENTRY, ESTABLISHMENT_ENTRY, DEVICES_ENTRY, ACCOUNT_ENTRY, CONSOLE_ENTRY])
    mail_door = MailDoor(
        house.intakes, settings.mail_host, settings.mail_port, settings.mail_max_bytes, settings.mail_domain
    )
    return Server(
        app=_web_app(house, chat, routes),
        house=house,
        chat=chat,
        mail_door=mail_door,
        keys=keys,
        register=register,
        starts=(
            *(daily.start, upkeep.start, desk.feed.start, establishments.nag.start, *figures.starts),
            *(one.start for one in installed if one.start),
        ),
        samples=tuple(one.sample for one in installed if one.sample),
    )


def _daily_import(house: House) -> DailyImport:
    return DailyImport(
        house.practitioners.imports,
        house.db,
        house.clock,
        house.random_bytes,
        folder=house.settings.directory_folder,
        hour=house.settings.directory_hour,
        command=IMPORT_COMMAND,
    )


def _furnish(
    settings: Settings, clock: Clock, random_bytes: RandomBytes, db: Database, keys: Database, register: Database
) -> House:
    """The rooms that services are lent."""
    keystore = KeyStore(keys, _master_key(settings, random_bytes), clock, random_bytes)
    jobs = JobRunner(db, clock, random_bytes)
    accounts = Accounts(
        db,
        clock,
        random_bytes,
        validity=settings.activation_validity,
        ticket_validity=settings.recovery_ticket_validity,
        tries=settings.activation_tries,
    )
    practitioners = Practitioners(db, clock, random_bytes, register=register, kept=accounts.list_practitioner_ids)
    roles = Roles(db, clock, random_bytes, accounts)
    sign_in = SignIn(
        db,
        clock,
        random_bytes,
        practitioners,
        accounts,
        idle=settings.session_idle,
        absolute=settings.session_absolute,
        shared_idle=settings.session_shared_idle,
        fresh=settings.step_up_validity,
        second_factor_required=settings.is_second_factor_required,
    )
    sign_in.sessions.add_grants(roles.of)
    outbox = Outbox(db, keystore, _transport(settings), clock, random_bytes)
    leaving = RetirementMails(accounts, practitioners, outbox, settings.mail_domain)
    assets = Assets()
    assets.add("house", STATIC)
    broker = RedisBroker(settings.redis_url.get_secret_value()) if settings.redis_url else MemoryBroker()
    return House(
        settings=settings,
        clock=clock,
        random_bytes=random_bytes,
        db=db,
        keystore=keystore,
        blobs=DiskBlobs(settings.data_dir / "blobs"),
        broker=broker,
        rates=Rates(broker.counts),
        jobs=jobs,
        practitioners=practitioners,
        accounts=accounts,
        addresses=Addresses(db, clock, base_domain=settings.address_domain or settings.mail_domain, register=register),
        audit=AuditLog(db, clock),
        own=build_own_rooms(db, clock, random_bytes, practitioners, accounts, jobs, outbox, settings.mail_domain),
        roles=roles,
        retirements=Retirements(db, clock, random_bytes, accounts, leaving),
        sign_in=sign_in,
        intakes=Intakes(db, keystore, practitioners, jobs, clock, random_bytes),
        outbox=outbox,
        statistics=Statistics(practitioners, db, clock, random_bytes, register=register),
        pages=Pages(clock, assets),
        metrics=CollectorRegistry(),
    )


def _install(service: Service, house: House) -> Installed:
    """Let a service move in: its jobs, pages and files; its routes are mounted by the caller."""
    installed = service.install(house)
    for handler in installed.job_handlers:
        house.jobs.register(handler)
    if installed.templates:
        house.pages.add_service(service.name, installed.templates, installed.locale, installed.menu)
    for flow in installed.flows:
        house.statistics.add(flow)
    if installed.own_data:
        house.own.data.add(installed.own_data)
    if installed.grants:
        house.sign_in.sessions.add_grants(installed.grants)
    if installed.static:
        house.pages.assets.add(service.name, installed.static)
    return installed


def _web_app(house: House, chat: Chat, routes: Sequence[BaseRoute]) -> Starlette:
    settings = house.settings
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(SocketsFirst, chat=chat),
            Middleware(SecurityHeaders, https=settings.https),
            Middleware(SameOriginForms, public_origin=settings.public_origin),
            Middleware(PageSessions, sign_in=house.sign_in, https=settings.https),
        ],
        exception_handlers={MissError: answer_errors(house.pages), 404: answer_not_found(house.pages)},
    )


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
        notify=WakeupMails(
            house.accounts, house.practitioners, house.own.preferences, house.outbox, settings.mail_domain
        ),
        blocks_among=house.own.blocking.list_between,
        redirections_of=house.retirements.redirections_of,
        limits=ChatLimits(
            session=session_limits(settings.send_burst, settings.send_per_s),
            retention=timedelta(days=settings.retention_days),
            http=HttpRates(
                commits=per_minute(settings.http_commits_per_min),
                blobs=per_minute(settings.http_blobs_per_min),
                requests=per_minute(settings.http_requests_per_min),
                identity=per_minute(settings.http_identity_per_min),
                searches=per_hour(settings.searches_per_hour),
                searches_daily=daily_rate(settings.searches_per_day),
                openings=per_minute(settings.socket_openings_per_min),
            ),
            sockets=SocketCaps(
                per_address=settings.sockets_per_address,
                unknown_per_address=settings.sockets_unknown_per_address,
                per_account=settings.sockets_per_account,
                per_process=settings.sockets_per_process,
            ),
            gather_s=settings.gather_ms / 1000,
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
