"""What the pages of this service share: the house's pages and sign-in, and the service's rooms."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from miss.base.ids import PractitionerId
from miss.base.text import Language
from miss.directory.practitioners import Practitioner
from miss.server.web.pages import Pages, language_of
from miss.server.web.sessions import require_signed_in
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.acting import Act, Capacity, may_act
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.labels import STATE_LABELS
from teleexpertise.requests.reading import Reader, View
from teleexpertise.web.errors import NobodyToAskFor, OwnNameNeeded

HOME = "/teleexpertise"


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a page asks for advice, and whose hand it is."""

    requester: Practitioner
    """A person, or the establishment in whose name its members ask."""
    through: PractitionerId | None
    """Who acts for them: their secretary, a member; None: they themselves."""
    capacity: Capacity

    @property
    def id(self) -> PractitionerId:
        """Of the requester."""
        return self.requester.id

    @property
    def hand(self) -> PractitionerId:
        """Of who is at the page."""
        return self.through or self.requester.id


@dataclass(frozen=True, slots=True)
class Desk:
    """Lent to each group of pages."""

    service: Teleexpertise
    pages: Pages

    async def render(self, request: Request, template: str, status_code: int = 200, **context: Any) -> Response:
        """A page of this service."""
        context["state_labels"] = STATE_LABELS
        return await self.pages.render(request, f"teleexpertise/{template}", status_code, **context)

    def own(self, request: Request) -> Practitioner:
        """Who is signed in and acts in their own name.  Raises SignInNeeded, OwnNameNeeded."""
        person = require_signed_in(request)
        if person.acting_for is not None or person.practitioner.is_staff:
            raise OwnNameNeeded
        return person.practitioner

    def reader(self, request: Request) -> PractitionerId:
        """`own`, by identifier."""
        return self.own(request).id

    def asker(self, request: Request, act: Act = Act.ASK) -> Asker:
        """Who asks for advice: who is signed in, or the practitioner or establishment for whom they act.

        Raises SignInNeeded, NobodyToAskFor to a staff person without a mandate, OwnNameNeeded for an act that may not
        be done for somebody (`requests.acting`).
        """
        person = require_signed_in(request)
        if person.acting_for is not None:
            capacity = Capacity.MEMBER if person.acting_for.is_organization else Capacity.SECRETARY
            if not may_act(capacity, act):
                raise OwnNameNeeded
            return Asker(person.acting_for, person.practitioner.id, capacity)
        if person.practitioner.is_staff:
            raise NobodyToAskFor
        return Asker(person.practitioner, None, Capacity.OWN_NAME)

    async def view(self, request: Request) -> View:
        """The request named in the path, for who is signed in and acts in their own name.

        Raises SignInNeeded, OwnNameNeeded, RequestUnknown.
        """
        number = request.path_params["number"]
        return await self.service.reading.view(number, self.reader(request), language_of(request))

    async def asked_view(self, request: Request, act: Act = Act.READ) -> View:
        """As `view`, also for who acts for its requester: on the pages by which one asks.

        Raises SignInNeeded, NobodyToAskFor, OwnNameNeeded, RequestUnknown.
        """
        number, asker = request.path_params["number"], self.asker(request, act)
        return await self.service.reading.view(number, asker.id, language_of(request), through=asker.through)

    async def own_request(self, request: Request, act: Act = Act.ASK) -> tuple[View, Asker]:
        """The request named in the path, for its requester only, or who acts for them.  Raises as `asked_view`."""
        view = await self.asked_view(request, act)
        if view.reader is not Reader.REQUESTER:
            raise RequestUnknown
        return view, self.asker(request, act)

    def language(self, request: Request) -> Language:
        """The reader's language."""
        return language_of(request)


def to(path: str) -> Response:
    """The browser goes on to another page, by GET (RFC 9110 §15.4.4)."""
    return RedirectResponse(f"{HOME}{path}", 303)
