"""« Maintenance et travaux »: what everybody may read of the platform's state, without signing in.

A page, an Atom feed (RFC 4287), and a subscription by mail that its owner confirms.  Links in mails only show a button:
programs that follow every link of a mail neither subscribe nor unsubscribe anybody.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.network import network_of
from miss.broker import Rates
from miss.protocol.session import Rate
from miss.server.console.incidents.errors import SubscriptionLinkExpired, TooManySubscriptions
from miss.server.console.incidents.service import Incidents
from miss.server.console.incidents.standing import Standings
from miss.server.console.incidents.subscriptions import CONFIRM_PATH, INCIDENTS_PATH, LEAVE_PATH, Subscriptions
from miss.server.web.access import anyone
from miss.server.web.answers import retry_after
from miss.server.web.forms import address_of, field
from miss.server.web.pages import Pages, language_of
from miss.storage.jobs import JobRunner

FEED_PATH: Final = "/incidents.atom"
SUBSCRIBE_PATH: Final = f"{INCIDENTS_PATH}/abonnement"


@dataclass(frozen=True, slots=True)
class IncidentPages:
    """The public page and its feed."""

    pages: Pages
    incidents: Incidents
    subscriptions: Subscriptions
    jobs: JobRunner
    rates: Rates
    rate: Rate
    """Of subscriptions, by address."""
    public_origin: str
    standings: Standings

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(INCIDENTS_PATH, self.show, methods=["GET"]),
            Route(FEED_PATH, self.feed, methods=["GET"]),
            Route(SUBSCRIBE_PATH, self.subscribe, methods=["POST"]),
            Route(CONFIRM_PATH, self.show_confirmation, methods=["GET"]),
            Route(CONFIRM_PATH, self.confirm, methods=["POST"]),
            Route(LEAVE_PATH, self.show_leaving, methods=["GET"]),
            Route(LEAVE_PATH, self.leave, methods=["POST"]),
        ]

    @anyone
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @anyone
    async def feed(self, request: Request) -> Response:
        """Everything that the page shows, the newest word first."""
        board = await self.incidents.board()
        entries = sorted((*board.open, *board.planned, *board.past), key=lambda one: one.updated_at, reverse=True)
        answer = await self.pages.render(request, "incidents.atom", entries=entries, origin=self.public_origin)
        answer.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
        return answer

    @anyone
    async def subscribe(self, request: Request) -> Response:
        """The same answer whether or not the address is known."""
        form = await request.form()
        address, establishment = field(form, "address"), field(form, "establishment")
        try:
            await self._count(request)
            await self.subscriptions.ask(address, establishment, language_of(request))
        except MissError as error:
            return await self._show(request, error, address=address, establishment=establishment)
        self.jobs.wake()
        return await self._show(request, sent=True)

    @anyone
    async def show_confirmation(self, request: Request) -> Response:
        token = request.query_params.get("jeton", "")
        found = await self.subscriptions.find(token)
        if found is None:
            return await self._show(request, SubscriptionLinkExpired())
        return await self._subscription(request, "confirm", token, address=found.address)

    @anyone
    async def confirm(self, request: Request) -> Response:
        token = field(await request.form(), "jeton")
        try:
            found = await self.subscriptions.confirm(token)
        except SubscriptionLinkExpired as error:
            return await self._show(request, error)
        return await self._subscription(request, "confirmed", token, address=found.address)

    @anyone
    async def show_leaving(self, request: Request) -> Response:
        return await self._subscription(request, "leave", request.query_params.get("jeton", ""))

    @anyone
    async def leave(self, request: Request) -> Response:
        await self.subscriptions.leave(field(await request.form(), "jeton"))
        return await self._subscription(request, "left", "")

    async def _count(self, request: Request) -> None:
        """Count a subscription from the address of `request`.  Raises TooManySubscriptions."""
        network = network_of(address_of(request))
        wait_s = await self.rates.ask("incident_subscription", network.encode(), self.rate)
        if wait_s:
            raise TooManySubscriptions(retry_after_s=ceil(wait_s))

    async def _subscription(self, request: Request, step: str, token: str, address: str = "") -> Response:
        return await self.pages.render(request, "incidents_subscription.html", step=step, token=token, address=address)

    async def _show(self, request: Request, error: MissError | None = None, **typed: Any) -> Response:
        shown = {"sent": False, "address": "", "establishment": "", **typed, "board": await self.incidents.board()}
        shown["standing"] = await self.standings.now()
        if error is None:
            return await self.pages.render(request, "incidents.html", error=None, **shown)
        said = error.sentence(language_of(request))
        page = await self.pages.render(request, "incidents.html", error.http_status, error=said, **shown)
        return retry_after(error, page)
