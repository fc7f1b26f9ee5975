"""The composition root: the only place that constructs.

`open_server` builds every room on its arguments, brings the databases to their schema, installs the services and
returns a `Server` (`doors.py`) whose doors can be opened.
"""

import contextlib
from collections.abc import Iterable, Sequence

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.base.random import RandomBytes
from miss.chat import (
    Chat,
    SocketsFirst,
    chat_routes,
    per_minute,
)
from miss.directory.register.store import register_schema
from miss.directory.signer import load_or_create_signer
from miss.server.client import CLIENT_ENTRY, ClientPages, load_client
from miss.server.console.home import CONSOLE_ENTRY
from miss.server.console.queues import Queues
from miss.server.console.rooms import build_console
from miss.server.desktop_releases import DesktopReleases
from miss.server.doors import Server
from miss.server.establishments.rooms import ESTABLISHMENT_ENTRY, build_establishments
from miss.server.health import Health
from miss.server.house import House
from miss.server.premises import require_keys, require_writable
from miss.server.service import Installed, Service, Services
from miss.server.settings import Settings
from miss.server.web.accessibility import AccessibilityPage
from miss.server.web.account import DEVICES_ENTRY, AccountPages
from miss.server.web.answers import answer_errors, answer_not_found
from miss.server.web.directory import DIRECTORY_ENTRY
from miss.server.web.own_mandates import MANDATES_ENTRY
from miss.server.web.own_pages import own_account_routes
from miss.server.web.own_sessions import ACCOUNT_ENTRY
from miss.server.web.routes import HousePages
from miss.server.web.security import SameOriginForms, SecurityHeaders
from miss.server.web.sessions import PageSessions
from miss.server.wiring.chat import build_chat
from miss.server.wiring.directory import build_directory_desk
from miss.server.wiring.figures import build_figures
from miss.server.wiring.furniture import furnish
from miss.server.wiring.images import build_images, image_routes
from miss.server.wiring.mail import build_mail_in
from miss.server.wiring.proofs import build_proofs, proof_routes
from miss.server.wiring.signing_in import build_front, build_password_reset, front_routes
from miss.server.wiring.signing_up import build_signing_up
from miss.server.wiring.upkeep import build_upkeep
from miss.storage import Database
from miss.storage.jobs import JobHandler
from miss.storage.migrate import application_schema, keystore_schema, migrate

MENU = (MANDATES_ENTRY, DIRECTORY_ENTRY, ESTABLISHMENT_ENTRY, DEVICES_ENTRY, ACCOUNT_ENTRY, CONSOLE_ENTRY)
"""After what the services bring."""


async def open_server(settings: Settings, clock: Clock, random_bytes: RandomBytes, services: Services) -> Server:
    """Build every room and bring the databases to their schema; nothing listens yet.

    Raises what a bad setting, key file or database says: MasterKeyUnsafe, MasterKeyLost, OperatorKeysLost,
    FolderNotWritable, DatabaseNewer, DatabaseUnreachable.
    """
    require_writable(settings)
    async with contextlib.AsyncExitStack() as on_failure:
        db, keys = Database(settings.database), Database(settings.keystore)
        register = Database(settings.register) if settings.register != settings.database else db
        for database in (db, keys, register):
            on_failure.push_async_callback(database.close)
        await migrate(db, application_schema(services.versions))
        await migrate(keys, keystore_schema())
        await migrate(register, register_schema())
        await require_keys(settings, clock, db, keys)
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
    house = furnish(settings, clock, random_bytes, db, keys, register)
    signer = load_or_create_signer(settings.operator_keys, clock, random_bytes)
    chat, upkeep = build_chat(house, signer), build_upkeep(house, keys, signer)
    house.devices.lend(chat.devices.device_of)
    house.intakes.take_reports(house.trace.receive)
    front = build_front(house, per_minute(settings.http_sign_ins_per_min))
    reset = build_password_reset(house, front)
    signing_up = build_signing_up(house)
    proofs, images = build_proofs(house, signer, signing_up.agreements), build_images(house)
    rooms = (house.intakes, house.outbox, house.notices, reset, proofs)
    _take_jobs(house, (room.job_handler() for room in (*rooms, images.retention)))
    _take_jobs(house, (*signing_up.job_handlers(), *upkeep.job_handlers, *chat.job_handlers()))
    queues, desk = Queues(), build_directory_desk(house, register, chat.devices)
    queues.add(signing_up.queue())
    queues.add(desk.queue)
    console = build_console(house, chat.devices, signer.root_fingerprint, queues)
    inviting = signing_up.inviter_desk()
    establishments = build_establishments(house, queues, inviting)
    figures, mail_in, web_client = build_figures(house, queues), build_mail_in(house, queues), load_client()
    _take_jobs(house, (desk.feed.job_handler(), *console.job_handlers, *figures.job_handlers))
    health = Health(house, keys, settings.metrics_allowed)
    routes: list[BaseRoute] = [
        *HousePages(house.pages, settings.https).routes(),
        *(*AccessibilityPage(house.pages, settings).routes(), *DesktopReleases(settings.desktop_releases).routes()),
        *front_routes(house, front, reset),
        *signing_up.routes(front.attempts),
        *console.routes,
        *AccountPages(house.pages, house.accounts, chat.devices, chat.recovery).routes(),
        *own_account_routes(house, front, chat, signing_up.agreements, queues, inviting),
        *(*desk.routes, *establishments.routes, *figures.routes, *mail_in.routes),
        *(*proof_routes(house, front, proofs, signing_up.agreements), *image_routes(house, front, images)),
        *(*health.routes(), *chat_routes(chat), *ClientPages(web_client).routes()),
        house.pages.assets.route(),
    ]
    installed = [_install(service, house, health) for service in services.all]
    routes += [route for one in installed for route in one.routes]
    house.pages.add_menu((CLIENT_ENTRY, *MENU) if web_client else MENU)
    return Server(
        app=_web_app(house, chat, routes),
        house=house,
        chat=chat,
        mail_in=mail_in,
        keys=keys,
        register=register,
        starts=(
            *(*upkeep.starts, desk.feed.start, establishments.nag.start, *figures.starts, proofs.start),
            *(images.retention.start, *(one.start for one in installed if one.start)),
        ),
        samples=tuple(one.sample for one in installed if one.sample),
        stops=tuple(one.stop for one in installed if one.stop),
    )


def _take_jobs(house: House, handlers: Iterable[JobHandler]) -> None:
    for handler in handlers:
        house.jobs.register(handler)


def _install(service: Service, house: House, health: Health) -> Installed:
    """Let a service move in: its jobs, pages and files; its routes are mounted by the caller."""
    installed = service.install(house)
    _take_jobs(house, installed.job_handlers)
    health.watch(installed.levels)
    if installed.templates:
        house.pages.add_service(service.name, installed.templates, installed.locale, installed.menu)
    for flow in installed.flows:
        house.statistics.add(flow)
    if installed.own_data:
        house.own.data.add(installed.own_data)
    if installed.leaving:
        house.leavings.add(installed.leaving)
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
