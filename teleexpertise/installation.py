"""The service moves in: its rooms built on the house's, its mail address opened, its pages brought."""

from functools import partial
from pathlib import Path

from miss.base.text import Text
from miss.server.house import House
from miss.server.reversibility.sources import Leaving
from miss.server.service import Flow, Installed, Level, MenuEntry, in_own_name, may_ask
from teleexpertise.api import TeleexpertiseApi
from teleexpertise.house import Teleexpertise, build
from teleexpertise.leaving import leaving_files
from teleexpertise.messaging import WORDS
from teleexpertise.own_data import own_data
from teleexpertise.requests.figures import tally_requests
from teleexpertise.roles import pool_grants, wake_pools
from teleexpertise.sample import make_sample
from teleexpertise.settings import TeleexpertiseSettings
from teleexpertise.web.desk import HOME, Desk
from teleexpertise.web.routes import routes

_WEB = Path(__file__).parent / "web"

MENU = (
    MenuEntry(
        f"{HOME}/demandes",
        Text(fr="Mes demandes d’avis", en="My requests for advice"),
        shown=may_ask,
        acting=Text(fr="Demandes d’avis", en="Requests for advice"),
    ),
    MenuEntry(f"{HOME}/avis", Text(fr="Avis à rendre", en="Advice to give"), shown=in_own_name),
    MenuEntry(f"{HOME}/disponibilites", Text(fr="Mes disponibilités", en="My availability"), role="expert"),
    MenuEntry(f"{HOME}/groupes", Text(fr="Groupes d’experts", en="Pools of experts"), role="pool_coordinator"),
    MenuEntry(f"{HOME}/coordination", Text(fr="Coordination", en="Coordination"), role="pool_coordinator"),
)
LEVEL = "Requests that somebody has to answer, by how near their deadline is."
FLOW = Text(fr="Demandes d’avis envoyées", en="Requests for advice sent")


def install(house: House) -> Installed:
    """Build the rooms and what they bring to the house; nothing is read but the forms.  Raises FormsFaulty."""
    built = build(house, TeleexpertiseSettings())
    house.intakes.register(built.mail)
    house.notices.teach(WORDS)
    house.own.absences.add_listener(partial(wake_pools, built))
    built.availabilities.add_listener(partial(wake_pools, built))
    return Installed(
        routes=[*routes(Desk(built, house.pages)), *TeleexpertiseApi(house, built).routes()],
        start=partial(_start, built),
        stop=built.live.close,
        job_handlers=built.job_handlers(),
        menu=MENU,
        templates=_WEB / "templates",
        static=_WEB / "static",
        locale=_WEB / "locale",
        sample=partial(make_sample, built, house.practitioners),
        grants=partial(pool_grants, built),
        own_data=partial(own_data, built),
        leaving=Leaving(partial(leaving_files, built)),
        levels=[Level("teleexpertise_requests", LEVEL, built.board.by_deadline, "standing")],
        flows=[Flow("expertise_requests", FLOW, partial(tally_requests, house.db))],
    )


async def _start(built: Teleexpertise) -> None:
    """Plan what is done every day and every hour."""
    await built.retention.start()
    await built.probes.start()
