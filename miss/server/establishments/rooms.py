"""What the establishments' pages and machine door stand on, built for the composition root."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.routing import BaseRoute

from miss.base.text import Text
from miss.directory.establishments.branding import Brandings
from miss.directory.establishments.correspondence import Correspondence
from miss.directory.establishments.roster.departments import Departments
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.tokens import ApiTokens
from miss.directory.establishments.uploads import Uploads
from miss.directory.establishments.workstations import Workstations
from miss.directory.roles import Role
from miss.server.console.establishments import EstablishmentConsole
from miss.server.console.queues import Queue, Queues
from miss.server.establishments.access_pages import AccessPages
from miss.server.establishments.branding_pages import BrandingPages
from miss.server.establishments.desk import DESK_PATH, Desk
from miss.server.establishments.file_pages import FilePages
from miss.server.establishments.leaving_pages import LeavingPages
from miss.server.establishments.mailbox_pages import MailboxPages
from miss.server.establishments.nag import Nag
from miss.server.establishments.record_pages import RecordPages
from miss.server.establishments.staff_pages import StaffPages
from miss.server.establishments.workstation_pages import WorkstationPages
from miss.server.house import House
from miss.server.reversibility.rooms import demands_of
from miss.server.scim import SCIM_PATH, ScimDoor, ScimGate
from miss.server.service import MenuEntry
from miss.server.web.inviting import InviterDesk

ESTABLISHMENT_ENTRY: Final = MenuEntry(
    DESK_PATH, Text(fr="Mon établissement", en="My establishment"), role=Role.ESTABLISHMENT_ADMINISTRATOR
)

LEAVING_QUEUE: Final = Text(
    fr="Établissements qui attendent leur archive (miss establishment waiting)",
    en="Establishments that wait for their archive (miss establishment waiting)",
)


@dataclass(frozen=True, slots=True)
class EstablishmentRooms:
    """What moves into the house."""

    routes: Sequence[BaseRoute]
    nag: Nag
    """To be started."""
    establishments: Establishments
    roster: Roster
    tokens: ApiTokens


def build_establishments(house: House, queues: Queues, inviter_desk: InviterDesk) -> EstablishmentRooms:
    """Pages, console and SCIM door; the reminder's job is registered.  Raises AddressMalformed for the mail domain."""
    settings, db, clock, random_bytes = house.settings, house.db, house.clock, house.random_bytes
    establishments = Establishments(db, clock, random_bytes)
    roster = Roster(db, clock, random_bytes, house.practitioners)
    tokens = ApiTokens(db, clock, random_bytes)
    quotas = house.quotas()
    scim = ScimDoor(
        gate=ScimGate(tokens, quotas, house.rates, settings.scim_requests_per_min),
        establishments=establishments,
        roster=roster,
        departments=Departments(db, clock, random_bytes, roster),
        public_origin=settings.public_origin,
    )
    uploads = Uploads(db, clock, random_bytes, house.practitioners, roster)
    desk = Desk(
        pages=house.pages,
        establishments=establishments,
        roster=roster,
        uploads=uploads,
        tokens=tokens,
        quotas=quotas,
        audit=house.audit,
        professions=house.practitioners.list_professions,
        scim_url=f"{settings.public_origin}{SCIM_PATH}",
    )
    console = EstablishmentConsole(house, establishments, quotas)
    demands, branding = demands_of(house), BrandingPages(desk, Brandings(db, clock))
    house.pages.wear(branding.brand)
    pages = (StaffPages(desk), FilePages(desk), RecordPages(desk), LeavingPages(desk, demands), branding)
    workstations = WorkstationPages(desk, Workstations(db, clock))
    mailboxes = MailboxPages(desk, Correspondence(db, clock, house.practitioners))
    groups = (*pages, mailboxes, workstations, AccessPages(desk, inviter_desk), console, scim)
    routes = [route for group in groups for route in group.routes()]
    nag = Nag(db, clock, random_bytes, house.outbox, settings.mail_domain, settings.public_origin)
    house.jobs.register(nag.job_handler())
    house.jobs.register(uploads.applications.job_handler())
    queues.add(console.queue())
    queues.add(Queue(DESK_PATH, LEAVING_QUEUE, demands.count_waiting))
    return EstablishmentRooms(routes, nag, establishments, roster, tokens)
