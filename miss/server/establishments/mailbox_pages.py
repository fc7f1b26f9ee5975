"""The secure mailboxes that an establishment's people share: which ones may ask for advice, where answers go."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.establishments.correspondence import Correspondence
from miss.directory.establishments.model import Establishment
from miss.directory.practitioners import AcceptedFormat
from miss.server.establishments.desk import KEEPERS, ONE_PATH, Desk, actor_of, path_of
from miss.server.web.access import requires
from miss.server.web.forms import field
from miss.server.web.front import to


@dataclass(frozen=True, slots=True)
class MailboxPages:
    """`…/messagerie`."""

    desk: Desk
    correspondence: Correspondence

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        path = f"{ONE_PATH}/messagerie"
        return [Route(path, self.show, methods=["GET"]), Route(path, self.put, methods=["POST"])]

    @requires(*KEEPERS)
    async def show(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        entry = (await self.correspondence.get(establishment.id)).entry
        return await self._show(request, establishment, entry.mailbox, entry.formats)

    @requires(*KEEPERS)
    async def put(self, request: Request) -> Response:
        establishment, form = await self.desk.get(request), await request.form()
        mailbox, named = field(form, "adresse"), form.getlist("formats")
        formats = [one for one in AcceptedFormat if one.value in named]
        try:
            await self.correspondence.put(establishment.id, mailbox, formats, actor_of(request))
        except MissError as error:
            return await self._show(request, establishment, mailbox, formats, error)
        return to(f"{path_of(establishment)}/messagerie?fait=oui")

    async def _show(
        self,
        request: Request,
        establishment: Establishment,
        chosen: str,
        accepted: Collection[AcceptedFormat],
        error: MissError | None = None,
    ) -> Response:
        shown: dict[str, Any] = {
            "mailboxes": (await self.correspondence.get(establishment.id)).mailboxes,
            "chosen": chosen,
            "formats": list(AcceptedFormat),
            "accepted": accepted,
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/mailboxes.html", establishment, shown, error)
