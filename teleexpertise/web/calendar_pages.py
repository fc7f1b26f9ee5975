"""« Agendas »: calendars of other software that say when the expert is busy, and one of ours for their software."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.network import network_of
from miss.directory.roles import Role
from miss.server.web.access import anyone, requires
from miss.server.web.forms import address_of
from teleexpertise.availability.calendars.errors import CalendarMissing, CalendarTooLarge
from teleexpertise.availability.calendars.model import MAX_CALENDARS, TELL_AFTER, WEEKS_AHEAD
from teleexpertise.availability.calendars.sandbox import MAX_BYTES
from teleexpertise.web.availability_pages import AVAILABILITY, MAX_FORM_BYTES, show_plan
from teleexpertise.web.desk import HOME, Desk, to
from teleexpertise.web.errors import FormTooLarge
from teleexpertise.web.submitted import read_submitted

CALENDARS = f"{AVAILABILITY}/agendas"
FEED = "/calendriers/{secret}.ics"
FEED_HEADERS = {"Cache-Control": "private, max-age=900", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True, slots=True)
class CalendarPages:
    """Calendars that come in, and the one that goes out."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(CALENDARS, self.show, methods=["GET"]),
            Route(f"{CALENDARS}/fichier", self.upload, methods=["POST"]),
            Route(f"{CALENDARS}/abonnement", self.subscribe, methods=["POST"]),
            Route(f"{CALENDARS}/adresse", self.give_out, methods=["POST"]),
            Route(f"{CALENDARS}/adresse/retrait", self.take_back, methods=["POST"]),
            Route(f"{CALENDARS}/{{calendar}}/retrait", self.remove, methods=["POST"]),
            Route(f"{CALENDARS}/{{calendar}}/relire", self.read_again, methods=["POST"]),
            Route(FEED, self.feed, methods=["GET"]),
        ]

    @requires(Role.EXPERT)
    async def show(self, request: Request) -> Response:
        """What is imported, and whether an address is given out."""
        return await self._page(request)

    @requires(Role.EXPERT)
    async def upload(self, request: Request) -> Response:
        """A file, once."""
        try:
            submitted = await read_submitted(request, MAX_BYTES + MAX_FORM_BYTES)
            if not submitted.files:
                raise CalendarMissing
            file, reader = submitted.files[0], self.desk.reader(request)
            zone = (await self.desk.service.planning.plan(reader)).zone
            await self.desk.service.calendars.upload(reader, file.name, file.content, zone)
        except FormTooLarge:
            return await self._page(request, CalendarTooLarge(limit_mb=MAX_BYTES // 1_000_000))
        except MissError as error:
            return await self._page(request, error)
        return to(f"{CALENDARS}?fait=ajout")

    @requires(Role.EXPERT)
    async def subscribe(self, request: Request) -> Response:
        """An address, read again every few hours."""
        address = (await read_submitted(request, MAX_FORM_BYTES)).first("address")
        reader = self.desk.reader(request)
        zone = (await self.desk.service.planning.plan(reader)).zone
        try:
            await self.desk.service.calendars.subscribe(reader, address, zone)
        except MissError as error:
            return await self._page(request, error, address=address)
        return to(f"{CALENDARS}?fait=ajout")

    @requires(Role.EXPERT)
    async def remove(self, request: Request) -> Response:
        """Forget one."""
        try:
            await self.desk.service.calendars.remove(self.desk.reader(request), request.path_params["calendar"])
        except MissError as error:
            return await self._page(request, error)
        return to(f"{CALENDARS}?fait=retrait")

    @requires(Role.EXPERT)
    async def read_again(self, request: Request) -> Response:
        """Do not wait for its hour."""
        try:
            await self.desk.service.calendars.read_now(self.desk.reader(request), request.path_params["calendar"])
        except MissError as error:
            return await self._page(request, error)
        return to(f"{CALENDARS}?fait=relecture")

    @requires(Role.EXPERT)
    async def give_out(self, request: Request) -> Response:
        """A new address for the expert's own software, shown this once."""
        secret = await self.desk.service.calendars.give_out(self.desk.reader(request))
        link = self.desk.service.parts.platform.link(HOME + FEED.format(secret=secret))
        return await self._page(request, link=link)

    @requires(Role.EXPERT)
    async def take_back(self, request: Request) -> Response:
        """The address no longer works."""
        await self.desk.service.calendars.take_back(self.desk.reader(request))
        return to(f"{CALENDARS}?fait=adresse-retiree")

    @anyone
    async def feed(self, request: Request) -> Response:
        """The calendar behind a secret address: software that fetches it cannot sign in.

        Raises CalendarNotFound, FeedAskedTooOften.
        """
        network = network_of(address_of(request))
        owner = await self.desk.service.calendars.follow(request.path_params["secret"], network)
        content = await self.desk.service.planning.feed(owner)
        return Response(content, media_type="text/calendar; charset=utf-8", headers=FEED_HEADERS)

    async def _page(
        self, request: Request, error: MissError | None = None, *, address: str = "", link: str = ""
    ) -> Response:
        reader, calendars = self.desk.reader(request), self.desk.service.calendars
        return await show_plan(
            self.desk, request, "availability_calendars.html", await self.desk.service.planning.plan(reader), error,
            calendars=await calendars.list_(reader),
            most=MAX_CALENDARS,
            tell_after=TELL_AFTER,
            weeks_ahead=WEEKS_AHEAD,
            given_out_at=await calendars.given_out_at(reader),
            link=link,
            address=address,
        )  # fmt: skip
