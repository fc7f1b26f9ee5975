"""What the pages of an establishment share: whose establishment it is, and the form that comes back with the reason."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from miss.base.errors import MissError
from miss.base.ids import OrganizationId
from miss.directory.audit import AuditLog
from miss.directory.establishments.errors import EstablishmentNotFound
from miss.directory.establishments.model import Establishment
from miss.directory.establishments.quotas import Quotas
from miss.directory.establishments.roster.service import Roster
from miss.directory.establishments.service import Establishments
from miss.directory.establishments.tokens import ApiTokens
from miss.directory.establishments.uploads import Uploads
from miss.directory.practitioners import Coding
from miss.directory.roles import Permission, Role, may, organization_scope
from miss.server.web.access import person_of
from miss.server.web.answers import retry_after
from miss.server.web.pages import Pages, language_of

DESK_PATH: Final = "/etablissement"
ONE_PATH: Final = f"{DESK_PATH}/{{organization}}"
KEEPERS: Final = (Role.ESTABLISHMENT_ADMINISTRATOR, Role.TECHNICIAN)
"""Who keeps lists of staff: their own establishment's, or everybody's."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Lent to each group of these pages."""

    pages: Pages
    establishments: Establishments
    roster: Roster
    uploads: Uploads
    tokens: ApiTokens
    quotas: Quotas
    audit: AuditLog
    professions: Callable[[], Awaitable[Sequence[Coding]]]
    """Those that the register knows, for a field's suggestions."""
    scim_url: str

    async def get(self, request: Request) -> Establishment:
        """That of the address, if the person keeps its list.  Raises EstablishmentNotFound, for another one's too."""
        wanted = OrganizationId(request.path_params["organization"])
        if not may(person_of(request).principal, Permission.MANAGE_STAFF, organization_scope(wanted)):
            raise EstablishmentNotFound
        return await self.establishments.get(wanted)

    async def show(
        self,
        request: Request,
        template: str,
        establishment: Establishment,
        shown: Mapping[str, Any],
        error: MissError | None = None,
    ) -> Response:
        """A page of `establishment`; with `error`, the form again with the reason."""
        context: dict[str, Any] = {"establishment": establishment, "path": path_of(establishment)} | dict(shown)
        if error is None:
            return await self.pages.render(request, template, error=None, **context)
        said = error.sentence(language_of(request))
        return retry_after(error, await self.pages.render(request, template, error.http_status, error=said, **context))


def path_of(establishment: Establishment) -> str:
    """Where its pages begin."""
    return f"{DESK_PATH}/{establishment.id}"


def actor_of(request: Request) -> str:
    """How the access log names who is signed in."""
    return person_of(request).account.uid.hex()


def number_in(request: Request, name: str) -> int:
    """A small number of the address; 0 if it is none."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0
