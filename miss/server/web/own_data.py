"""« Mon compte → Mes données »: all that the platform keeps on somebody, in one file.

Made while they wait and kept nowhere; asked for with a fresh proof of who one is, and written into the access log.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.clock import Clock
from miss.directory.audit import AuditLog, Subject
from miss.server.own_data import OwnData, compose_zip
from miss.server.web.access import require_signed_in, requires, signed_in
from miss.server.web.front import Front
from miss.server.web.pages import language_of

DATA_PATH: Final = "/compte/donnees"
FILE_NAME: Final = "miss-mes-donnees.zip"


@dataclass(frozen=True, slots=True)
class OwnDataPages:
    """The export."""

    front: Front
    clock: Clock
    audit: AuditLog
    data: OwnData

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(DATA_PATH, self.show, methods=["GET"]),
            Route(DATA_PATH, self.export, methods=["POST"]),
        ]

    @signed_in
    async def show(self, request: Request) -> Response:
        return await self.front.show(request, "own_data.html", {})

    @requires(fresh=True)
    async def export(self, request: Request) -> Response:
        """The zip, as the answer to this request."""
        account = require_signed_in(request).account
        await self.audit.record(actor=account.uid.hex(), act="export.made", subject=Subject.account(account.uid))
        parts = await self.data.gather(account)
        archive = compose_zip(parts, self.clock.now(), language_of(request))
        headers = {"Content-Disposition": f'attachment; filename="{FILE_NAME}"', "Cache-Control": "no-store"}
        return Response(archive, media_type="application/zip", headers=headers)
