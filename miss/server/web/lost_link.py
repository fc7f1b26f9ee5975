"""« J'ai perdu mon lien de suivi »: one page, the same for everybody."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.network import network_of
from miss.directory.register.mailboxes import normalise_address
from miss.directory.registrations import LostLinks
from miss.protocol.session import Rate
from miss.server.web.access import anyone
from miss.server.web.answers import retry_after
from miss.server.web.forms import address_of, field
from miss.server.web.pages import Pages, language_of
from miss.server.web.registration import MAILS, SignUpPatience

LOST_LINK_PATH: Final = "/inscription/lien-perdu"
LINKS: Final = Rate(burst=10, per_s=10 / 3600)
"""From one network; of mails to one address there are as few as for the form itself."""


@dataclass(frozen=True, slots=True)
class LostLinkPages:
    """The way back to a request."""

    pages: Pages
    lost_links: LostLinks
    patience: SignUpPatience

    def routes(self) -> list[BaseRoute]:
        """Both routes; before those of a follow link."""
        return [
            Route(LOST_LINK_PATH, self.show, methods=["GET"]),
            Route(LOST_LINK_PATH, self.ask, methods=["POST"]),
        ]

    @anyone
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @anyone
    async def ask(self, request: Request) -> Response:
        """The same answer whether or not a request names that address."""
        email = field(await request.form(), "email")
        try:
            await self.patience.count("link", network_of(address_of(request)).encode(), LINKS)
            await self.patience.count("mail", normalise_address(email).encode(), MAILS)
            await self.lost_links.ask(email)
        except MissError as error:
            return await self._show(request, email=email, error=error)
        return await self._show(request, sent=True)

    async def _show(
        self, request: Request, *, email: str = "", sent: bool = False, error: MissError | None = None
    ) -> Response:
        said = error.sentence(language_of(request)) if error else None
        status = error.http_status if error else 200
        page = await self.pages.render(request, "lost_link.html", status, email=email, sent=sent, error=said)
        return retry_after(error, page) if error else page
