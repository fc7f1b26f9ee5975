"""« Mon compte → Ma fiche → Mes certificats »: the S/MIME certificates of one's secure-mail addresses."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.clock import Clock
from miss.base.errors import MissError
from miss.directory.certificates import Certificates
from miss.server.web.access import require_signed_in, requires, with_entry
from miss.server.web.certificate_pages import read_certificate, show
from miss.server.web.front import Front, to

CERTIFICATES_PATH: Final = "/compte/certificats"


@dataclass(frozen=True, slots=True)
class OwnCertificatePages:
    """One's own: a fresh proof of who one is before a key changes, as whoever changes it reads the mail."""

    front: Front
    clock: Clock
    certificates: Certificates

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(CERTIFICATES_PATH, self.show, methods=["GET"]),
            Route(CERTIFICATES_PATH, self.add, methods=["POST"]),
            Route(f"{CERTIFICATES_PATH}/{{certificate}}/retrait", self.withdraw, methods=["POST"]),
        ]

    @with_entry
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @requires(fresh=True)
    async def add(self, request: Request) -> Response:
        account = require_signed_in(request).account
        try:
            content = await read_certificate(request)
            await self.certificates.add(account.practitioner_id, content, by=account.uid.hex())
        except MissError as error:
            return await self._show(request, error)
        return to(f"{CERTIFICATES_PATH}?fait=ajout")

    @requires(fresh=True)
    async def withdraw(self, request: Request) -> Response:
        account, wanted = require_signed_in(request).account, request.path_params["certificate"]
        try:
            await self.certificates.withdraw(account.practitioner_id, wanted, by=account.uid.hex())
        except MissError as error:
            return await self._show(request, error)
        return to(f"{CERTIFICATES_PATH}?fait=retrait")

    async def _show(self, request: Request, error: MissError | None = None) -> Response:
        person = require_signed_in(request).practitioner
        shown = {
            "certificates": await show(self.certificates, person.id, self.clock.now()),
            "path": CERTIFICATES_PATH,
            "done": request.query_params.get("fait", ""),
        }
        return await self.front.show(request, "own_certificates.html", shown, error)
