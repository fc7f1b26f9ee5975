"""Attestations: one's own as a PDF, and the page where anybody learns whether a number is valid, and no more."""

from asyncio import to_thread
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.clock import Clock
from miss.base.ids import OrganizationId
from miss.directory.attestations import Attestations, normalise_number
from miss.directory.establishments.branding import Brandings
from miss.directory.practitioners import Practitioner
from miss.documents.pdf import AttestationSheet, compose_attestation
from miss.server.web.access import anyone, require_signed_in, with_entry
from miss.server.web.attempts import Attempts
from miss.server.web.front import to
from miss.server.web.pages import Pages
from miss.server.web.zones import PAGE_ZONE

CHECK_PATH: Final = "/attestation"
OWN_PATH: Final = "/compte/attestation.pdf"


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the platform, as documents name them."""

    name: str
    lines: tuple[str, ...]
    support: str
    origin: str
    """Of the pages: `https://miss.example`."""


@dataclass(frozen=True, slots=True)
class AttestationPages:
    """Asked for under « Mon compte », checked by anybody."""

    pages: Pages
    attestations: Attestations
    attempts: Attempts
    clock: Clock
    operator: Operator
    brandings: Brandings

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route(OWN_PATH, self.download, methods=["GET"]),
            Route(CHECK_PATH, self.ask, methods=["GET"]),
            Route(f"{CHECK_PATH}/{{number}}", self.check, methods=["GET"]),
        ]

    @with_entry
    async def download(self, request: Request) -> Response:
        """One's own attestation, made in this answer and kept nowhere.  Raises AccountNotActive."""
        person = require_signed_in(request)
        attestation = await self.attestations.issue(person.account)
        practitioner = person.practitioner
        content = await to_thread(
            compose_attestation,
            AttestationSheet(
                operator_name=self.operator.name,
                operator_lines=self.operator.lines,
                name=practitioner.display_name,
                profession=practitioner.profession.display,
                rpps=practitioner.rpps or "",
                place=_place(practitioner),
                since=attestation.since.astimezone(PAGE_ZONE),
                issued_at=self.clock.now().astimezone(PAGE_ZONE),
                number=attestation.number,
                look=await self.brandings.look(_known_as(practitioner)),
                check_address=f"{self.operator.origin}{CHECK_PATH}/{attestation.number}",
            ),
        )
        return answer_pdf(content, "attestation-miss.pdf", inline=False)

    @anyone
    async def ask(self, request: Request) -> Response:
        """The form for who has the number on paper."""
        typed = request.query_params.get("numero", "")
        if typed:
            return to(f"{CHECK_PATH}/{normalise_number(typed) or 'inconnu'}")
        return await self.pages.render(request, "attestation.html", number="", is_valid=None)

    @anyone
    async def check(self, request: Request) -> Response:
        """Valid or not: not whose it is, not why.  Raises TooManyAttempts."""
        await self.attempts.count(request)
        number = normalise_number(request.path_params["number"])
        is_valid = await self.attestations.is_valid(number)
        return await self.pages.render(request, "attestation.html", number=number, is_valid=is_valid)


def answer_pdf(content: bytes, name: str, *, inline: bool) -> Response:
    """A PDF that no cache keeps; `inline`: shown by the browser, to be printed."""
    headers = {
        "Content-Disposition": f'{"inline" if inline else "attachment"}; filename="{name}"',
        "Cache-Control": "no-store",
    }
    return Response(content, media_type="application/pdf", headers=headers)


def _place(practitioner: Practitioner) -> str:
    for role in practitioner.roles:
        parts = (role.organization.name if role.organization else "", f"{role.postcode} {role.town}".strip())
        if any(parts):
            return ", ".join(part for part in parts if part)
    return ""


def _known_as(practitioner: Practitioner) -> list[OrganizationId]:
    """Under which the places where they practise may have a record: the register's identifier, or a FINESS number."""
    places = [role.organization for role in practitioner.roles if role.organization]
    return [OrganizationId(name) for place in places for name in (place.id, place.finess) if name]
