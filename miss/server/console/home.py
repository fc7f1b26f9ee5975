"""The console's first page: what waits, and where."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Text
from miss.directory.roles import Role
from miss.server.console.queues import Queues
from miss.server.service import MenuEntry
from miss.server.web.access import requires
from miss.server.web.pages import Pages

CONSOLE_PATH: Final = "/console"
CONSOLE_ENTRY: Final = MenuEntry(CONSOLE_PATH, Text(fr="Console", en="Console"), role=Role.TECHNICIAN)


@dataclass(frozen=True, slots=True)
class ConsoleHome:
    """`/console`."""

    pages: Pages
    queues: Queues

    def routes(self) -> list[BaseRoute]:
        """Its one route."""
        return [Route(CONSOLE_PATH, self.show, methods=["GET"])]

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        return await self.pages.render(request, "console/home.html", waiting=await self.queues.list_())
