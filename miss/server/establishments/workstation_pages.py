"""What an establishment imposes on the devices of its people."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.workstations import Workstations, parse_imposed
from miss.directory.establishments.workstations.model import LEAST_MIN, MOST_MIN
from miss.server.establishments.desk import KEEPERS, ONE_PATH, Desk, actor_of, path_of
from miss.server.web.access import requires
from miss.server.web.forms import field
from miss.server.web.front import to


@dataclass(frozen=True, slots=True)
class WorkstationPages:
    """`…/postes`."""

    desk: Desk
    workstations: Workstations

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        path = f"{ONE_PATH}/postes"
        return [Route(path, self.show, methods=["GET"]), Route(path, self.put, methods=["POST"])]

    @requires(*KEEPERS)
    async def show(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        imposed = await self.workstations.get(establishment.id)
        return await self._show(request, establishment, str(imposed.lock_after_min_max or ""))

    @requires(*KEEPERS)
    async def put(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        typed = field(form, "verrouillage")
        try:
            await self.workstations.put(establishment.id, parse_imposed(typed), actor_of(request))
        except MissError as error:
            return await self._show(request, establishment, typed, error)
        return to(f"{path_of(establishment)}/postes?fait=oui")

    async def _show(
        self, request: Request, establishment: Establishment, typed: str, error: MissError | None = None
    ) -> Response:
        shown: dict[str, Any] = {
            "typed": typed,
            "least": LEAST_MIN,
            "most": MOST_MIN,
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/workstations.html", establishment, shown, error)
