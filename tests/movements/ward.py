"""A hospital that announces: its record with somebody who reads, its program's token, and what leaves the platform."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

import httpx

from miss.base.ids import OrganizationId
from miss.base.random import system_random
from miss.directory.establishments.model import Contact, ContactFunction
from miss.directory.establishments.tokens import ApiTokens, TokenScope
from tests.miss.server.establishments.hospitals import ARRAS, LILLE, Hospitals

HL7, CSV = {"Content-Type": "application/hl7-v2"}, {"Content-Type": "text/csv"}
DOOR = "/api/movements/v1"
PAGES = f"/mouvements/{LILLE}"


@dataclass
class Ward:
    """Lille announces."""

    hospitals: Hospitals

    @asynccontextmanager
    async def program(
        self, of: OrganizationId = LILLE, scope: TokenScope = TokenScope.MOVEMENTS
    ) -> AsyncIterator[httpx.AsyncClient]:
        """A program of the hospital, with its token."""
        house = self.hospitals.server.house
        tokens = ApiTokens(house.db, house.clock, system_random)
        issued = await tokens.issue(of, frozenset({scope}), "DPI", "cli:test")
        transport = httpx.ASGITransport(self.hospitals.server.app)
        headers = {"Authorization": f"Bearer {issued.token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url=house.settings.public_origin, headers=headers
        ) as http:
            yield http

    async def name_reader(self) -> None:
        """Complete the record of Lille with whom doctors answer to."""
        contact = Contact(
            ContactFunction.MEDICAL, "Dr Odile Buvard", "admissions@ch-lille.mssante.example", "0320000000"
        )
        await self.hospitals.establishments.set_contacts(LILLE, [contact], "cli:test")

    async def mails(self) -> list[EmailMessage]:
        """What has left, in order."""
        house = self.hospitals.server.house
        while await house.jobs.run_due():
            pass
        files = sorted((house.settings.data_dir / "spool").glob("*.eml"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


async def open_ward(hospitals: Hospitals) -> Ward:
    """With a reader."""
    ward = Ward(hospitals)
    await ward.name_reader()
    return ward


__all__ = ["ARRAS", "CSV", "DOOR", "HL7", "LILLE", "PAGES", "Ward", "open_ward"]
