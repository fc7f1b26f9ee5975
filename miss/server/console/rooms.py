"""What the console stands on, built for the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from starlette.routing import BaseRoute

from miss.base.text import Language
from miss.chat.devices.service import Devices
from miss.directory.certificates import Certificates
from miss.directory.staff_people.service import StaffPeople
from miss.protocol.session import Rate
from miss.server.console.account_acts import AccountActs
from miss.server.console.accounts import AccountPages
from miss.server.console.certificates import CertificatePages
from miss.server.console.departures import DeparturePages
from miss.server.console.home import ConsoleHome
from miss.server.console.incidents import Incidents, Subscriptions
from miss.server.console.incidents.public import IncidentPages
from miss.server.console.incidents.routes import IncidentConsole
from miss.server.console.incidents.standing import Measures, Standings
from miss.server.console.incidents.subscriptions import INCIDENTS_PATH
from miss.server.console.queues import Queues
from miss.server.console.red_list import RedListPages
from miss.server.house import House
from miss.server.web.pages import Announced, Announcement
from miss.storage.jobs import JobHandler

SUBSCRIPTION_RATE: Final = Rate(burst=20, per_s=20 / 3600)
"""Of subscriptions to incidents, by address: twenty at once, and as many an hour."""


PROBE_RESULT = Path("probe") / "last.json"
"""In the data folder: what `miss probe` found last on this machine."""


@dataclass(frozen=True, slots=True)
class Console:
    """What the composition root mounts and registers."""

    routes: Sequence[BaseRoute]
    job_handlers: Sequence[JobHandler]


def build_console(house: House, devices: Devices, root_fingerprint: str, queues: Queues) -> Console:
    """The console's home, accounts, retirements and incidents; the banner of incidents is on every page from now on.

    `root_fingerprint`: of the platform's root key.
    """
    settings = house.settings
    incidents = Incidents(house.db, house.clock, house.random_bytes, house.audit)
    subscriptions = Subscriptions(
        house.db, house.clock, house.random_bytes, house.outbox, settings.mail_domain, settings.public_origin
    )
    accounts = AccountPages(house, devices, StaffPeople(house.db, house.clock))
    certificates = Certificates(house.db, house.clock, house.random_bytes, house.practitioners, house.certificate_trust)
    departures = DeparturePages(house)
    incident_console = IncidentConsole(house.pages, incidents, subscriptions, house.jobs)
    measures = Measures(
        lambda: house.broker.connected, house.jobs.lateness_s, house.outbox.age_s, settings.data_dir / PROBE_RESULT
    )
    public = IncidentPages(
        house.pages,
        incidents,
        subscriptions,
        house.jobs,
        house.rates,
        SUBSCRIPTION_RATE,
        settings.public_origin,
        Standings(measures, house.clock),
    )
    for room in (departures, incident_console):
        queues.add(room.queue())
    house.pages.announce(_announced(incidents))
    groups = (
        ConsoleHome(house.pages, queues),
        accounts,
        RedListPages(house),
        AccountActs(accounts, root_fingerprint),
        CertificatePages(house, certificates),
        departures,
        incident_console,
        public,
    )
    routes = [route for group in groups for route in group.routes()]
    return Console(routes, (house.retirements.job_handler(), subscriptions.job_handler()))


def _announced(incidents: Incidents) -> Announced:
    async def announced(language: Language) -> list[Announcement]:
        return [
            Announcement(one.title.in_(language), one.title.language(language), INCIDENTS_PATH)
            for one in await incidents.banner()
        ]

    return announced
