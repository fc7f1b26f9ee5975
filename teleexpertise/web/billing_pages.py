"""The month's billed acts of whoever is signed in, as a page and as a CSV file; patients are not in it."""

import re
from dataclasses import dataclass
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.text import Language, Text
from miss.server.console.statistics.sheet import compose_csv
from miss.server.web.access import signed_in
from teleexpertise.billing.model import PARIS, Line
from teleexpertise.web.desk import Desk

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
_HEAD = (
    Text(fr="Date", en="Date"),
    Text(fr="Demande", en="Request"),
    Text(fr="Code", en="Code"),
    Text(fr="Montant (€)", en="Amount (€)"),
    Text(fr="Rang dans l’année pour ce patient", en="Place in the year for this patient"),
    Text(fr="Plafond", en="Ceiling"),
    Text(fr="Tarif", en="Rate"),
)
_VERIFIED = Text(fr="vérifié", en="verified")
_UNVERIFIED = Text(fr="à vérifier par l’exploitant", en="to be verified by the operator")


@dataclass(frozen=True, slots=True)
class BillingPages:
    """What was billed."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [Route("/cotations", self.month), Route("/cotations.csv", self.download)]

    @signed_in
    async def month(self, request: Request) -> Response:
        """One month, with the months beside it."""
        year, month = self._asked(request)
        lines = await self.desk.service.billing.month(self.desk.reader(request), year, month)
        language = self.desk.language(request)
        total = sum((line.rate.amount_eur for line in lines if not line.counter.is_beyond), Decimal(0))
        return await self.desk.render(
            request,
            "billing.html",
            lines=[(line, _row(line, language)) for line in lines],
            total=_amount(total, language),
            unverified=any(not line.rate.verified for line in lines),
            month=f"{year}-{month:02}",
            before=f"{year - (month == 1)}-{(month - 2) % 12 + 1:02}",
            after=f"{year + (month == 12)}-{month % 12 + 1:02}",
        )

    @signed_in
    async def download(self, request: Request) -> Response:
        """The same month as a file."""
        year, month = self._asked(request)
        language = self.desk.language(request)
        lines = await self.desk.service.billing.month(self.desk.reader(request), year, month)
        rows = [tuple(text.in_(language) for text in _HEAD), *(_row(line, language) for line in lines)]
        headers = {
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="cotations-{year}-{month:02}.csv"',
        }
        return Response(compose_csv(rows), media_type="text/csv; charset=utf-8", headers=headers)

    def _asked(self, request: Request) -> tuple[int, int]:
        """The month in the query, or the present one."""
        found = _MONTH.fullmatch(request.query_params.get("mois", ""))
        now = self.desk.service.parts.clock.now().astimezone(PARIS)
        return (int(found[1]), int(found[2])) if found else (now.year, now.month)


def _amount(euros: Decimal, language: Language) -> str:
    return f"{euros:.2f}".replace(".", "," if language is Language.FR else ".")


def _row(line: Line, language: Language) -> tuple[str, ...]:
    return (
        f"{line.act.at.astimezone(PARIS):%d/%m/%Y}",
        line.act.number,
        line.act.code,
        _amount(line.rate.amount_eur, language),
        str(line.counter.rank),
        str(line.counter.ceiling),
        (_VERIFIED if line.rate.verified else _UNVERIFIED).in_(language),
    )
