"""Who leaves: what waits for a second technician, what is planned, what is redirected now."""

from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import PractitionerId
from miss.base.text import Text
from miss.directory.audit import Subject
from miss.directory.practitioners import Practitioner
from miss.directory.retirement import Retirement
from miss.directory.roles import Role
from miss.server.console.queues import Queue
from miss.server.console.story import name_actors
from miss.server.house import House
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import language_of

DEPARTURES_PATH: Final = "/console/departs"


@dataclass(frozen=True, slots=True)
class DeparturePages:
    """`/console/departs` and the page of each."""

    house: House

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{DEPARTURES_PATH}/{{retirement}}"
        return [
            Route(DEPARTURES_PATH, self.list_, methods=["GET"]),
            Route(one, self.open, methods=["GET"]),
            Route(f"{one}/approbation", self.approve, methods=["POST"]),
            Route(f"{one}/retrait", self.withdraw, methods=["POST"]),
        ]

    def queue(self) -> Queue:
        """Those that wait for technicians."""
        label = Text(fr="Départs à approuver", en="Retirements to approve")
        return Queue(DEPARTURES_PATH, label, self.house.retirements.count_asked)

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        found = await self.house.retirements.list_living()
        people = await self._people(*found)
        return await self.house.pages.render(request, "console/departures.html", retirements=found, people=people)

    @requires(Role.TECHNICIAN)
    async def open(self, request: Request) -> Response:
        return await self._show(request, await self._get(request))

    @requires(Role.TECHNICIAN, fresh=True)
    async def approve(self, request: Request) -> Response:
        retirement = await self._get(request)
        try:
            await self.house.retirements.approve(person_of(request).principal, retirement.id)
        except MissError as error:
            return await self._show(request, retirement, error)
        self.house.jobs.wake()
        return to(f"{DEPARTURES_PATH}/{retirement.id}")

    @requires(Role.TECHNICIAN, fresh=True)
    async def withdraw(self, request: Request) -> Response:
        retirement, form = await self._get(request), await request.form()
        reason = field(form, "reason")
        try:
            await self.house.retirements.withdraw(person_of(request).principal, retirement.id, reason)
        except MissError as error:
            return await self._show(request, retirement, error, reason)
        return to(f"{DEPARTURES_PATH}/{retirement.id}")

    async def _get(self, request: Request) -> Retirement:
        return await self.house.retirements.get(request.path_params["retirement"])

    async def _show(
        self, request: Request, retirement: Retirement, error: MissError | None = None, reason: str = ""
    ) -> Response:
        house, person = self.house, person_of(request)
        by = person.account.uid.hex()
        subject = Subject.account(retirement.uid)
        await house.audit.record(actor=by, act="retirement.read", subject=subject, detail=retirement.id)
        actors = {retirement.asked_by.hex(), *(one.by.hex() for one in retirement.approvals)}
        shown: dict[str, Any] = {
            "retirement": retirement,
            "people": await self._people(retirement),
            "actors": await name_actors(actors, house.accounts, house.practitioners, language_of(request)),
            "may_approve": retirement.may_approve(person.account.uid),
            "reason": reason,
        }
        if error is None:
            return await house.pages.render(request, "console/departure.html", error=None, **shown)
        said = error.sentence(language_of(request))
        page = await house.pages.render(request, "console/departure.html", error.http_status, error=said, **shown)
        return retry_after(error, page)

    async def _people(self, *retirements: Retirement) -> dict[PractitionerId, Practitioner]:
        ids = {one.practitioner_id for one in retirements}
        ids |= {one.successor.practitioner_id for one in retirements if one.successor}
        return await self.house.practitioners.get_many(ids) if ids else {}
