"""« Mon compte → Notifications »: how much the mails of the platform say."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.preferences import NotificationLevel, Preferences
from miss.server.errors import ChoiceUnknown
from miss.server.web.access import require_signed_in, signed_in
from miss.server.web.forms import field
from miss.server.web.front import Front, to

NOTIFICATIONS_PATH: Final = "/compte/notifications"


@dataclass(frozen=True, slots=True)
class OwnNotificationPages:
    """How somebody is called."""

    front: Front
    preferences: Preferences

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(NOTIFICATIONS_PATH, self.show, methods=["GET"]),
            Route(NOTIFICATIONS_PATH, self.choose, methods=["POST"]),
        ]

    @signed_in
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @signed_in
    async def choose(self, request: Request) -> Response:
        chosen = field(await request.form(), "level")
        try:
            if chosen not in {*NotificationLevel}:
                raise ChoiceUnknown
            await self.preferences.choose_level(require_signed_in(request).account.uid, NotificationLevel(chosen))
        except MissError as error:
            return await self._show(request, error)
        return to(f"{NOTIFICATIONS_PATH}?fait=1")

    async def _show(self, request: Request, error: MissError | None = None) -> Response:
        level = await self.preferences.get_level(require_signed_in(request).account.uid)
        shown = {"level": level, "done": request.query_params.get("fait") == "1"}
        return await self.front.show(request, "own_notifications.html", shown, error)
