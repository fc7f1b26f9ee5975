"""« Pas de demandes de … »: conflicts of interest, as each expert declares and takes back their own."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.directory.roles import Role
from miss.server.errors import ChoiceUnknown
from miss.server.web.access import requires
from teleexpertise.dispatch.conflicts import REASON_LABELS, ConflictReason
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.submitted import read_submitted

CONFLICTS: Final = "/conflits"
MAX_FORM_BYTES: Final = 20_000
MAX_FOUND: Final = 20


@dataclass(frozen=True, slots=True)
class ConflictPages:
    """An expert's own list; nobody else sees it."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(CONFLICTS, self.show, methods=["GET"]),
            Route(CONFLICTS, self.declare, methods=["POST"]),
            Route(f"{CONFLICTS}/{{practitioner}}/retrait", self.take_back, methods=["POST"]),
        ]

    @requires(Role.EXPERT)
    async def show(self, request: Request) -> Response:
        """The list, and a search for whom to add."""
        return await self._page(request)

    @requires(Role.EXPERT)
    async def declare(self, request: Request) -> Response:
        """No more requests from that person."""
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        service = self.desk.service
        try:
            if submitted.first("reason") not in {*ConflictReason}:
                raise ChoiceUnknown
            whom = await service.parts.practitioners.get(PractitionerId(submitted.first("practitioner")))
            reason = ConflictReason(submitted.first("reason"))
            await service.parts.conflicts.declare(self.desk.reader(request), whom.id, reason)
        except MissError as error:
            return await self._page(request, error)
        return to(f"{CONFLICTS}?fait=ajout")

    @requires(Role.EXPERT)
    async def take_back(self, request: Request) -> Response:
        """Requests from that person again; what waits because of it is tried anew."""
        service, reader = self.desk.service, self.desk.reader(request)
        await service.parts.conflicts.take_back(reader, PractitionerId(request.path_params["practitioner"]))
        async with service.parts.db.snapshot() as tx:
            _, joined = await service.dispatch.list_places(tx, reader)
        for pool_id in joined:
            await service.assignment.wake_pool(pool_id)
        return to(f"{CONFLICTS}?fait=retrait")

    async def _page(self, request: Request, error: MissError | None = None) -> Response:
        service, reader = self.desk.service, self.desk.reader(request)
        conflicts = await service.parts.conflicts.list_(reader)
        asked = request.query_params.get("q", "").strip()[:80]
        found = await service.parts.practitioners.search(asked, limit=MAX_FOUND) if asked else []
        known = {conflict.requester for conflict in conflicts} | {reader}
        return await self.desk.render(
            request,
            "conflicts.html",
            error.http_status if error else 200,
            error=error.sentence(self.desk.language(request)) if error else "",
            done=request.query_params.get("fait", ""),
            conflicts=conflicts,
            people=await service.parts.practitioners.get_many([one.requester for one in conflicts]),
            reasons=REASON_LABELS,
            asked=asked,
            found=[person for person in found if person.id not in known],
        )
