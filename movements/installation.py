"""The service moves in: its rooms built on the house's, its door, folders and pages brought."""

from datetime import timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from miss.base.ids import OrganizationId
from miss.base.text import Text
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.tokens import ApiTokens
from miss.mail.addresses import Mailbox, parse_address
from miss.server.house import House
from miss.server.reversibility.sources import Leaving
from miss.server.service import Flow, Installed, MenuEntry
from movements.deliveries import Deliveries
from movements.door import Door
from movements.figures import tally_movements
from movements.folder import Folders
from movements.leaving import leaving_files
from movements.parts import ANNOUNCED, WORDS, Parts
from movements.receiving import Receiving
from movements.retention import Retention
from movements.settings import MovementsSettings
from movements.web.pages import HOME, MovementPages
from movements.worklist import Worklist

_WEB = Path(__file__).parent / "web"
MENU = (MenuEntry(HOME, Text(fr="Mouvements de patients", en="Patient movements"), role="establishment_administrator"),)
FLOW = Text(fr="Mouvements de patients annoncés", en="Patient movements announced")


def install(house: House) -> Installed:
    """Build the rooms and what they bring to the house.  Raises AddressMalformed."""
    settings = MovementsSettings()
    house.notices.teach({ANNOUNCED: WORDS})
    parts = lend(house, settings)
    receiving = Receiving(parts)
    deliveries = Deliveries(parts, receiving)
    folders = Folders(parts, deliveries, {OrganizationId(name): path for name, path in settings.folders.items()})
    retention = Retention(parts, timedelta(days=settings.retention_days))
    tokens = ApiTokens(house.db, house.clock, house.random_bytes)
    pages = MovementPages(house.pages, parts.establishments, deliveries, Worklist(parts), house.practitioners)

    async def start() -> None:
        await folders.start()
        await retention.start()

    return Installed(
        routes=[*Door(deliveries, tokens, house.quotas(), house.rates).routes(), *pages.routes()],
        start=start,
        job_handlers=[folders.job_handler(), retention.job_handler()],
        menu=MENU,
        templates=_WEB / "templates",
        locale=_WEB / "locale",
        leaving=Leaving(partial(leaving_files, parts)),
        flows=[Flow("patient_movements", FLOW, partial(tally_movements, house.db))],
    )


def lend(house: House, settings: MovementsSettings) -> Parts:
    address = parse_address(f"{settings.mailbox}@{house.settings.mail_domain}", "MOVEMENTS_MAILBOX")
    return Parts(
        db=house.db,
        clock=house.clock,
        random_bytes=house.random_bytes,
        keystore=house.keystore,
        jobs=house.jobs,
        outbox=house.outbox,
        trace=house.trace,
        practitioners=house.practitioners,
        establishments=Establishments(house.db, house.clock, house.random_bytes),
        retirements=house.retirements,
        audit=house.audit,
        sender=Mailbox(address, settings.display_name),
        zone=ZoneInfo(settings.time_zone),
        notices=house.notices,
    )
