"""Addresses given, flows watched, statistics counted: what runs by itself at night, and the console's pages on it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from starlette.routing import BaseRoute

from miss.directory.addresses.giving import AddressGiving
from miss.directory.establishments.service import Establishments
from miss.mail.flows import FlowWatch
from miss.server.console.addresses import AddressPages
from miss.server.console.flows import FlowPages
from miss.server.console.queues import Queues
from miss.server.console.sent_mails import SentMailPages
from miss.server.console.statistics.pages import AUDITORS_ENTRY, StatisticsPages
from miss.server.house import House
from miss.storage.jobs import JobHandler


@dataclass(frozen=True, slots=True)
class Figures:
    """What the composition root mounts, registers and starts."""

    routes: Sequence[BaseRoute]
    job_handlers: Sequence[JobHandler]
    starts: Sequence[Callable[[], Awaitable[None]]]


def build_figures(house: House, queues: Queues) -> Figures:
    """From now on everybody who is verified is given an address.  Raises AddressMalformed."""
    db, clock, random_bytes = house.db, house.clock, house.random_bytes
    giving = AddressGiving(house.addresses, house.accounts, house.practitioners, db, clock, random_bytes)
    house.accounts.observe(giving.observe)
    establishments = Establishments(db, clock, random_bytes)
    watch = FlowWatch(
        db,
        clock,
        random_bytes,
        house.practitioners,
        establishments,
        house.outbox,
        house.audit,
        house.settings.mail_domain,
    )
    flows = FlowPages(house.pages, watch, establishments)
    mails = SentMailPages(house)
    for pages in (flows, mails):
        queues.add(pages.queue())
    statistics = StatisticsPages(house.pages, house.statistics)
    house.pages.add_menu([AUDITORS_ENTRY])
    rooms = (giving, watch, house.statistics)
    return Figures(
        routes=[*AddressPages(house).routes(), *flows.routes(), *mails.routes(), *statistics.routes()],
        job_handlers=[room.job_handler() for room in rooms],
        starts=[room.start for room in rooms],
    )
