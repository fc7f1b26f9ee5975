"""The composition root: the only place that constructs.

`open_server` builds every room on its arguments, brings the databases to their schema, installs the services and
returns a `Server` (`doors.py`) whose doors can be opened.
"""

import contextlib
from collections.abc import Sequence

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
from miss.mail.inbound import MailDoor
from miss.server.console.home import CONSOLE_ENTRY
from miss.server.console.queues import Queues
from miss.server.console.rooms import build_console
from miss.server.doors import Server
from miss.server.establishments.rooms import ESTABLISHMENT_ENTRY, build_establishments
from miss.server.health import Health
from miss.server.house import House
from miss.server.service import Installed, Service, Services
from miss.server.settings import Settings
from miss.server.web.account import DEVICES_ENTRY, AccountPages
from miss.server.web.answers import answer_errors, answer_not_found
from miss.server.web.directory import DIRECTORY_ENTRY
from miss.server.web.own_pages import own_account_routes
from miss.server.web.own_sessions import ACCOUNT_ENTRY
from miss.server.web.routes import HousePages
from miss.server.web.security import SameOriginForms, SecurityHeaders
from miss.server.web.sessions import PageSessions
from miss.server.wiring.chat import build_chat
from miss.server.wiring.directory import build_directory_desk
from miss.server.wiring.figures import build_figures
from miss.server.wiring.furniture import furnish
from miss.server.wiring.signing_in import build_front, build_password_reset, front_routes
from miss.server.wiring.signing_up import build_signing_up
from miss.server.wiring.upkeep import build_upkeep
from miss.storage import Database
from miss.storage.migrate import application_schema, keystore_schema, migrate


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
    house = furnish(settings, clock, random_bytes, db, keys, register)
    signer = load_or_create_signer(settings.operator_keys, clock, random_bytes)
    chat = build_chat(house, signer)
    house.devices.lend(chat.devices.device_of)
    upkeep = build_upkeep(house, keys, signer)
    front = build_front(house, per_minute(settings.http_sign_ins_per_min))
    reset = build_password_reset(house, front)
    signing_up = build_signing_up(house)
    own = (house.intakes, house.outbox, reset, signing_up)
    for handler in (*(room.job_handler() for room in own), *upkeep.job_handlers, *chat.job_handlers()):
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
    return Server(
        app=_web_app(house, chat, routes),
        house=house,
        chat=chat,
        mail_door=_mail_door(house),
        keys=keys,
        register=register,
        starts=(
            *(*upkeep.starts, desk.feed.start, establishments.nag.start, *figures.starts),
            *(one.start for one in installed if one.start),
        ),
        samples=tuple(one.sample for one in installed if one.sample),
        stops=tuple(one.stop for one in installed if one.stop),
    )


def _mail_door(house: House) -> MailDoor:
    settings = house.settings
    return MailDoor(
        house.intakes, settings.mail_host, settings.mail_port, settings.mail_max_bytes, settings.mail_domain
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
