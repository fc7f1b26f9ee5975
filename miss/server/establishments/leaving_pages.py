"""Leaving with everything: the administrator asks, to which key; a technician makes the archive (ADR 55)."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.establishments.model import Establishment
from miss.directory.roles import Role
from miss.server.establishments.desk import KEEPERS, ONE_PATH, Desk, actor_of, path_of
from miss.server.reversibility.service import Demands
from miss.server.web.access import person_of, requires
from miss.server.web.forms import field
from miss.server.web.front import to


@dataclass(frozen=True, slots=True)
class LeavingPages:
    """`…/depart`."""

    desk: Desk
    demands: Demands

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        path = f"{ONE_PATH}/depart"
        return [Route(path, self.show, methods=["GET"]), Route(path, self.ask, methods=["POST"])]

    @requires(*KEEPERS)
    async def show(self, request: Request) -> Response:
        return await self._show(request, await self.desk.get(request))

    @requires(Role.ESTABLISHMENT_ADMINISTRATOR, fresh=True)
    async def ask(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        recipient = field(form, "cle")
        try:
            await self.demands.ask(establishment.id, recipient, actor_of(request))
        except MissError as error:
            return await self._show(request, establishment, error, recipient)
        return to(f"{path_of(establishment)}/depart?fait=demande")

    async def _show(
        self, request: Request, establishment: Establishment, error: MissError | None = None, recipient: str = ""
    ) -> Response:
        shown: dict[str, Any] = {
            "demand": await self.demands.find_last(establishment.id),
            "recipient": recipient,
            # Not a technician: who makes the archive must not choose the key.
            "may_ask": Role.ESTABLISHMENT_ADMINISTRATOR in person_of(request).principal.roles,
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/leaving.html", establishment, shown, error)
