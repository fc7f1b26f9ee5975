"""The charter and the general conditions: to read for anybody, to accept anew for who accepted an earlier version.

Whoever must is sent here from every page but those of their security and sessions (`miss.server.web.access`).
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.directory.agreements import Agreements, Signature
from miss.server.web.access import anyone, person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.forms import address_of, field, local_path
from miss.server.web.front import to
from miss.server.web.pages import Pages, language_of
from miss.server.web.uploads import read_form

AGREEMENTS_PATH: Final = "/engagements"
ACCEPT: Final = "accept"
"""Name of the boxes; their value is the hex digest of the text that was shown."""


@dataclass(frozen=True, slots=True)
class AgreementPages:
    """`/engagements`, and each text."""

    pages: Pages
    agreements: Agreements

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(AGREEMENTS_PATH, self.show, methods=["GET"]),
            Route(AGREEMENTS_PATH, self.accept, methods=["POST"]),
            Route(f"{AGREEMENTS_PATH}/{{document}}", self.read, methods=["GET"]),
        ]

    @requires(before_second_factor=True)
    async def show(self, request: Request) -> Response:
        return await self._show(request, local_path(request.query_params.get("suite", "/")), None)

    @requires(before_second_factor=True)
    async def accept(self, request: Request) -> Response:
        """Keep what was ticked, and go on to where the person was going."""
        person = person_of(request)
        form, _ = await read_form(request)
        after = local_path(field(form, "suite"))
        signature = Signature(person.practitioner.display_name, address_of(request), language_of(request))
        accepted = [value for value in form.getlist(ACCEPT) if isinstance(value, str)]
        try:
            await self.agreements.accept(person.account.uid, accepted, signature)
        except MissError as error:
            return await self._show(request, after, error)
        return to(after)

    @anyone
    async def read(self, request: Request) -> Response:
        """One text; `?version=` shows an earlier one.  Raises AgreementNotFound."""
        version = request.query_params.get("version", "")
        agreement = self.agreements.get(request.path_params["document"], version)
        return await self.pages.render(
            request,
            "agreement.html",
            agreement=agreement,
            blocks=agreement.blocks(language_of(request)),
            is_current=agreement in self.agreements.current,
        )

    async def _show(self, request: Request, after: str, error: MissError | None) -> Response:
        uid, language = person_of(request).account.uid, language_of(request)
        missing = await self.agreements.list_missing(uid)
        shown = {
            "missing": [(one, one.blocks(language)) for one in missing],
            "accepted": await self.agreements.list_acceptances(uid),
            "titles": {one.document: one.title for one in self.agreements.current},
            "after": after,
        }
        said = error.sentence(language) if error else None
        status = error.http_status if error else 200
        page = await self.pages.render(request, "agreements.html", status, error=said, **shown)
        return retry_after(error, page) if error else page
