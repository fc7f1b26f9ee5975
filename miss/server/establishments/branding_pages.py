"""How an establishment shows itself: its administrator chooses with a preview, its members see it above their pages.

Colour and logo are served as a stylesheet and a picture of the establishment's own: pages carry no inline style.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import OrganizationId
from miss.directory.establishments.branding import Branding, Brandings, parse_colour
from miss.directory.establishments.branding.service import MAX_LOGO_BYTES
from miss.directory.establishments.errors import EstablishmentNotFound
from miss.directory.establishments.model import Establishment
from miss.directory.practitioners.model import is_party_id, organization_of_party
from miss.directory.roles import organization_scope
from miss.directory.sign_in import SignedIn
from miss.server.establishments.desk import KEEPERS, ONE_PATH, Desk, actor_of, path_of
from miss.server.web.access import person_of, requires, signed_in
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import Brand
from miss.server.web.uploads import read_form

_PRIVATE = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}


@dataclass(frozen=True, slots=True)
class BrandingPages:
    """`…/habillage`, and what pages load from it."""

    desk: Desk
    brandings: Brandings

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        path = f"{ONE_PATH}/habillage"
        return [
            Route(path, self.show, methods=["GET"]),
            Route(path, self.put, methods=["POST"]),
            Route(f"{path}/couleur.css", self.stylesheet, methods=["GET"]),
            Route(f"{path}/logo", self.logo, methods=["GET"]),
        ]

    @requires(*KEEPERS)
    async def show(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        return await self._show(request, establishment, await self.brandings.get(establishment.id))

    @requires(*KEEPERS)
    async def put(self, request: Request) -> Response:
        establishment = await self.desk.get(request)
        form, upload = await read_form(request, max_file_bytes=MAX_LOGO_BYTES)
        colour, sender = field(form, "couleur"), field(form, "expediteur")
        kept = await self.brandings.get(establishment.id)
        said = Branding(establishment_id=establishment.id, colour=colour, sender=sender, logo_digest=kept.logo_digest)
        logo = upload.content if upload else b"" if field(form, "sans_logo") == "oui" else None
        try:
            if field(form, "action") == "apercu":
                parse_colour(colour)
                return await self._show(request, establishment, said, previewed=True)
            await self.brandings.put(establishment.id, colour, sender, logo, actor_of(request))
        except MissError as error:
            return await self._show(request, establishment, said, error)
        return to(f"{path_of(establishment)}/habillage?fait=oui")

    @signed_in
    async def stylesheet(self, request: Request) -> Response:
        """The colour that is kept, or the one that is asked for.  Raises ColourRefused for a light one."""
        branding = await self.brandings.get(_require_own(request))
        colour = parse_colour(request.query_params.get("couleur") or branding.colour)
        return Response(f":root{{--establishment:{colour}}}\n", media_type="text/css", headers=_PRIVATE)

    @signed_in
    async def logo(self, request: Request) -> Response:
        """JPEG.  Raises EstablishmentNotFound: there is none."""
        logo = await self.brandings.logo(_require_own(request))
        if not logo:
            raise EstablishmentNotFound
        return Response(logo, media_type="image/jpeg", headers=_PRIVATE)

    async def brand(self, person: SignedIn) -> Brand | None:
        """What is shown above the pages of somebody who acts for an establishment; None: it chose nothing."""
        acting_for = person.acting_for
        if acting_for is None or not is_party_id(acting_for.id):
            return None
        establishment_id = organization_of_party(acting_for.id)
        branding = await self.brandings.find(establishment_id)
        return _brand_of(branding, acting_for.display_name) if branding else None

    async def _show(
        self,
        request: Request,
        establishment: Establishment,
        branding: Branding,
        error: MissError | None = None,
        *,
        previewed: bool = False,
    ) -> Response:
        # A technician helps with the choice; the picture and the colour are served to the establishment's own people.
        is_of = _is_of(person_of(request), establishment.id)
        shown: dict[str, Any] = {
            "branding": branding,
            "previewed": previewed,
            "brand": None if error or not is_of else _brand_of(branding, establishment.name),
            "done": request.query_params.get("fait", ""),
        }
        return await self.desk.show(request, "establishment/branding.html", establishment, shown, error)


def _brand_of(branding: Branding, name: str) -> Brand:
    """Addresses change with what they serve: browsers keep them for a day."""
    path = f"/etablissement/{branding.establishment_id}/habillage"
    version = blake2b((branding.colour + branding.logo_digest).encode(), digest_size=6).hexdigest()
    colour = branding.colour.removeprefix("#")
    return Brand(
        name=name,
        stylesheet=f"{path}/couleur.css?couleur={colour}&v={version}",
        logo=f"{path}/logo?v={version}" if branding.logo_digest else "",
    )


def _require_own(request: Request) -> OrganizationId:
    """The establishment of the address, for its members and administrators.

    Raises EstablishmentNotFound for everybody else.
    """
    wanted = OrganizationId(request.path_params["organization"])
    if not _is_of(person_of(request), wanted):
        raise EstablishmentNotFound
    return wanted


def _is_of(person: SignedIn, establishment_id: OrganizationId) -> bool:
    return any(grant.scope == organization_scope(establishment_id) for grant in person.principal.grants)
