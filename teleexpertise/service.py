"""The plug-in: what the server finds under the entry point `miss.services: teleexpertise` (ADR 10)."""

from functools import partial
from pathlib import Path

from pydantic_settings import BaseSettings

from miss.base.text import Text
from miss.server.house import House
from miss.server.service import Flow, Installed, MenuEntry, Service
from teleexpertise.commands import commands
from teleexpertise.house import build
from teleexpertise.own_data import own_data
from teleexpertise.requests.figures import tally_requests
from teleexpertise.roles import pool_grants, wake_pools
from teleexpertise.sample import make_sample
from teleexpertise.settings import TeleexpertiseSettings
from teleexpertise.web.desk import HOME, Desk
from teleexpertise.web.routes import routes

_HERE = Path(__file__).parent

MENU = (
    MenuEntry(f"{HOME}/demandes", Text(fr="Mes demandes d’avis", en="My requests for advice")),
    MenuEntry(f"{HOME}/avis", Text(fr="Avis à rendre", en="Advice to give")),
    MenuEntry(f"{HOME}/coordination", Text(fr="Coordination", en="Coordination"), role="pool_coordinator"),
)
FLOW = Text(fr="Demandes d’avis envoyées", en="Requests for advice sent")


class TeleexpertiseService:
    """Requests for advice, as a service of the house."""

    name = "teleexpertise"
    versions = _HERE / "versions"
    settings: type[BaseSettings] = TeleexpertiseSettings
    commands = commands

    def install(self, house: House) -> Installed:
        """Build the rooms, open the mail address, and bring the pages.  Raises FormsFaulty."""
        built = build(house, TeleexpertiseSettings())
        house.intakes.register(built.mail)
        house.own.absences.add_listener(partial(wake_pools, built))
        return Installed(
            routes=routes(Desk(built, house.pages)),
            job_handlers=built.job_handlers(),
            menu=MENU,
            templates=_HERE / "web" / "templates",
            static=_HERE / "web" / "static",
            locale=_HERE / "web" / "locale",
            sample=partial(make_sample, built, house.practitioners),
            grants=partial(pool_grants, built),
            own_data=partial(own_data, built),
            flows=[Flow("expertise_requests", FLOW, partial(tally_requests, house.db))],
        )


service: Service = TeleexpertiseService()
