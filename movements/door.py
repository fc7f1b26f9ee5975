"""`POST /api/movements/v1`: a hospital's program posts HL7 v2 or CSV, with a token of its establishment.

HL7 is answered by HL7 acknowledgements (`AA`, `AE`), CSV by counts and the lines that were refused.  A batch may be
sent again whole after a cut: what was taken in is known.
"""

from dataclasses import dataclass
from math import ceil
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.network import network_of
from miss.broker import Rates
from miss.directory.establishments.quotas import Quotas
from miss.directory.establishments.tokens import ApiToken, ApiTokens, TokenScope, bearer_of
from miss.protocol.session.limits import Rate
from miss.server.api.problems import answer_problem
from miss.server.web.access import anyone
from miss.server.web.pages import language_of
from miss.server.web.uploads import read_body
from movements.deliveries import MAX_BYTES, Deliveries, Report
from movements.errors import (
    FormatUnknown,
    MovementsTokenForOtherUse,
    MovementsTokenMissing,
    TooManyDeliveries,
)

PATH: Final = "/api/movements/v1"
HL7_TYPES: Final = ("application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7")
_RATE: Final = Rate(burst=120, per_s=2.0)
"""A large hospital moves some thousand patients a day; one message each leaves room."""
_KIND: Final = "movements.deliveries"


@dataclass(frozen=True, slots=True)
class Door:
    """Admits, reads, answers."""

    deliveries: Deliveries
    tokens: ApiTokens
    quotas: Quotas
    rates: Rates

    def routes(self) -> list[BaseRoute]:
        return [Route(PATH, self.receive, methods=["POST"])]

    @anyone
    async def receive(self, request: Request) -> Response:
        """A token decides, not a session: a page of another site can send neither."""
        try:
            token = await self._admit(request)
            content = await read_body(request, MAX_BYTES)
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind in HL7_TYPES:
                _, acks = await self.deliveries.take_hl7(token.organization_id, content)
                return Response(acks, media_type="application/hl7-v2", headers={"Cache-Control": "no-store"})
            if kind != "text/csv":
                raise FormatUnknown
            report = await self.deliveries.take_csv(token.organization_id, content)
            return JSONResponse(report_json(report, request), headers={"Cache-Control": "no-store"})
        except MissError as error:
            return answer_problem(request, error)

    async def _admit(self, request: Request) -> ApiToken:
        """Raises TooManyDeliveries, EstablishmentQuotaReached, MovementsTokenMissing, MovementsTokenForOtherUse."""
        token = await self.tokens.find(bearer_of(request.headers.get("authorization", "")))
        host = request.client.host if request.client else ""
        key = token.id.encode() if token else f"@{network_of(host)}".encode()
        if wait_s := self.rates.take(_KIND, key, _RATE):
            raise TooManyDeliveries(retry_after_s=ceil(wait_s))
        if token is None:
            raise MovementsTokenMissing
        if TokenScope.MOVEMENTS not in token.scopes:
            raise MovementsTokenForOtherUse
        await self.quotas.admit(token.organization_id)
        return token


def report_json(report: Report, request: Request) -> dict[str, object]:
    """Counts, and each refusal in the caller's language."""
    tally, language = report.tally, language_of(request)
    return {
        "told": tally.told,
        "unmatched": tally.unmatched,
        "known": tally.known,
        "cancelled": tally.cancelled,
        "corrected": tally.corrected,
        "unfounded": tally.unfounded,
        "refused": [{"where": one.where, "reason": one.error.sentence(language)} for one in report.refusals],
    }
