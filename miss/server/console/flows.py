"""`/console/flux`: the flows of mail that fail, whom to call, and when they were told."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.ids import OrganizationId
from miss.base.text import Text
from miss.directory.establishments.model import Contact, ContactFunction, Establishment
from miss.directory.establishments.service import Establishments
from miss.directory.roles import Role
from miss.mail.flows import FailingFlow, FlowKind, FlowWatch
from miss.server.console.queues import Queue
from miss.server.web.access import requires
from miss.server.web.pages import Pages

FLOWS_PATH: Final = "/console/flux"


@dataclass(frozen=True, slots=True)
class Shown:
    """One line of the page."""

    flow: FailingFlow
    establishment: Establishment | None
    """None: a domain without a record."""

    @property
    def contact(self) -> Contact | None:
        """Whom to call, if somebody is named."""
        found = self.establishment.contact(ContactFunction.TECHNICAL) if self.establishment else None
        return found if found and (found.name or found.email or found.phone) else None


@dataclass(frozen=True, slots=True)
class FlowPages:
    """For technicians."""

    pages: Pages
    watch: FlowWatch
    establishments: Establishments

    def routes(self) -> list[BaseRoute]:
        """Its one route."""
        return [Route(FLOWS_PATH, self.show, methods=["GET"])]

    def queue(self) -> Queue:
        """For the console's home."""
        return Queue(FLOWS_PATH, Text(fr="Flux en échec", en="Failing flows"), self.watch.count_failing)

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        flows = await self.watch.list_failing()
        ids = [OrganizationId(flow.key.id) for flow in flows if flow.key.kind is FlowKind.ESTABLISHMENT]
        records = {one.id: one for one in await self.establishments.get_many(ids)}
        shown = [Shown(flow, records.get(OrganizationId(flow.key.id))) for flow in flows]
        return await self.pages.render(request, "console/flows.html", flows=shown)
