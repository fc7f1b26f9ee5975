"""`/console/engagements`: which version of the general conditions each correspondent has accepted, and when.

The convention on proof: what a correspondent may be held to is the version they accepted, whose words its digest
proves.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.directory.agreements import Acceptance, Agreements, Document
from miss.directory.audit import Subject
from miss.directory.roles import Role
from miss.server.console.statistics.sheet import compose_csv
from miss.server.house import House
from miss.server.web.access import require_signed_in, requires

ENGAGEMENTS_PATH: Final = "/console/engagements"
PAGE: Final = 100
MOST: Final = 200_000
"""Lines of the CSV."""
HEADS: Final = ("compte", "nom", "version", "acceptee_le", "empreinte", "adresse", "langue")


@dataclass(frozen=True, slots=True)
class EngagementPages:
    """For technicians."""

    house: House
    agreements: Agreements

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(ENGAGEMENTS_PATH, self.list_, methods=["GET"]),
            Route(f"{ENGAGEMENTS_PATH}.csv", self.download, methods=["GET"]),
        ]

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        cursor = request.query_params.get("avant", "")
        found = await self.agreements.list_latest(Document.TERMS, cursor=cursor, limit=PAGE + 1)
        shown = found[:PAGE]
        return await self.house.pages.render(
            request,
            "console/engagements.html",
            acceptances=[one for _, one in shown],
            cursor=shown[-1][0] if len(found) > PAGE else "",
            is_first=not cursor,
            current=self.agreements.get(Document.TERMS.value).version,
        )

    @requires(Role.TECHNICIAN)
    async def download(self, request: Request) -> Response:
        """Everybody, as CSV."""
        by = require_signed_in(request).account.uid
        await self.house.audit.record(actor=by.hex(), act="agreements.exported", subject=Subject.account(by))
        found = await self.agreements.list_latest(Document.TERMS, limit=MOST)
        content = compose_csv([HEADS, *(_line(one) for _, one in found)])
        headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="engagements.csv"'}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)


def _line(one: Acceptance) -> tuple[str, ...]:
    return (
        one.uid.hex() if one.uid else "",
        one.signature.name,
        one.version,
        one.at.isoformat(timespec="seconds"),
        one.digest.hex(),
        one.signature.address,
        one.signature.language.value,
    )
