"""What the pages of this service share: the house's pages and sign-in, and the service's rooms."""

from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from miss.base.ids import PractitionerId
from miss.base.text import Language
from miss.server.web.pages import Pages, language_of
from miss.server.web.sessions import require_signed_in
from teleexpertise.house import Teleexpertise
from teleexpertise.requests.labels import STATE_LABELS
from teleexpertise.requests.reading import View

HOME = "/teleexpertise"


@dataclass(frozen=True, slots=True)
class Desk:
    """Lent to each group of pages."""

    service: Teleexpertise
    pages: Pages

    async def render(self, request: Request, template: str, status_code: int = 200, **context: Any) -> Response:
        """A page of this service."""
        context["state_labels"] = STATE_LABELS
        return await self.pages.render(request, f"teleexpertise/{template}", status_code, **context)

    def reader(self, request: Request) -> PractitionerId:
        """Who is signed in.  Raises SignInNeeded."""
        return require_signed_in(request).practitioner.id

    async def view(self, request: Request) -> View:
        """The request named in the path, for who is signed in.  Raises SignInNeeded, RequestUnknown."""
        number = request.path_params["number"]
        return await self.service.reading.view(number, self.reader(request), language_of(request))

    def language(self, request: Request) -> Language:
        """The reader's language."""
        return language_of(request)


def to(path: str) -> Response:
    """The browser goes on to another page, by GET (RFC 9110 §15.4.4)."""
    return RedirectResponse(f"{HOME}{path}", 303)
