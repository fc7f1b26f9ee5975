"""The directory's desk, built for the composition root: pages, HTTP API, exports, the feed, the queue of mistakes."""

from dataclasses import dataclass

from starlette.routing import BaseRoute

from miss.chat.devices.service import Devices
from miss.directory.certificates import CurrentCertificates
from miss.directory.consultation import Consultation
from miss.directory.establishments.roster.places import DeclaredPlaces
from miss.directory.establishments.tokens import ApiTokens
from miss.directory.exports import ChangeFeed, Exports, OwnEntries
from miss.directory.mistakes import Mistakes
from miss.directory.organizations import Organizations
from miss.directory.search.quota import SearchQuota, search_rates
from miss.server.api.callers import Callers
from miss.server.api.directory import DirectoryApi
from miss.server.console.mistakes import MistakePages
from miss.server.console.queues import Queue
from miss.server.house import House
from miss.server.web.directory import DirectoryPages
from miss.storage import Database


@dataclass(frozen=True, slots=True)
class DirectoryDesk:
    """What moves into the house."""

    routes: tuple[BaseRoute, ...]
    queue: Queue
    feed: ChangeFeed
    """Its job is the caller's to register, and to start."""


def build_directory_desk(house: House, register: Database, devices: Devices) -> DirectoryDesk:
    """`register`: where the register's tables lie; `devices`: who can be written to in the chat."""
    settings = house.settings
    quota = SearchQuota(
        house.rates,
        search_rates(settings.searches_per_hour, settings.searches_per_day),
        search_rates(settings.token_searches_per_hour, settings.token_entries_per_day),
    )
    consultation = Consultation(house.db, house.practitioners, house.audit, quota)
    mistakes = Mistakes(house.db, house.clock, house.random_bytes, house.practitioners, house.audit, house.rates)
    entries = OwnEntries(house.db, house.clock, house.practitioners, house.certificate_trust)
    feed = ChangeFeed(house.db, house.clock, house.random_bytes, entries)
    places = DeclaredPlaces(house.db, house.clock)
    certificates = CurrentCertificates(house.db, house.clock, house.certificate_trust)
    api = DirectoryApi(
        origin=settings.public_origin,
        callers=Callers(ApiTokens(house.db, house.clock, house.random_bytes), house.quotas()),
        consultation=consultation,
        practitioners=house.practitioners,
        organizations=Organizations(register),
        quota=quota,
        places=places,
        certificates=certificates,
        exports=build_exports(house),
        feed=feed,
    )
    pages = DirectoryPages(
        house.pages,
        consultation,
        house.practitioners,
        mistakes,
        devices,
        house.retirements,
        places,
        house.own.absences,
        certificates,
    )
    queue = MistakePages(house.pages, mistakes, house.accounts, house.practitioners)
    return DirectoryDesk((*pages.routes(), *api.routes(), *queue.routes()), queue.queue(), feed)


def build_exports(house: House) -> Exports:
    """The own entries as files: for the API, and for the command line."""
    entries = OwnEntries(house.db, house.clock, house.practitioners, house.certificate_trust)
    return Exports(entries, house.audit, house.rates)
