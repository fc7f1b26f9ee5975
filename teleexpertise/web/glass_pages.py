"""Exceptional access to what a request says: the coordinator's act, with its reason."""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.directory.roles import Role
from miss.server.web.access import requires
from teleexpertise.requests.break_glass.model import WORDS_CHARS, GlassReason
from teleexpertise.requests.errors import GlassReasonMissing
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.submitted import read_submitted

MAX_FORM_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class GlassPages:
    """Reading what one otherwise may not, for an hour."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [Route("/demandes/{number}/acces-exceptionnel", self.break_, methods=["POST"])]

    @requires(Role.POOL_COORDINATOR)
    async def break_(self, request: Request) -> Response:
        """Open it; requester and expert are told."""
        view, submitted = await self.desk.view(request), await read_submitted(request, MAX_FORM_BYTES)
        if submitted.first("reason") not in {*GlassReason}:
            raise GlassReasonMissing(limit=WORDS_CHARS)
        reason = GlassReason(submitted.first("reason"))
        reader, words = self.desk.reader(request), submitted.first("words")
        await self.desk.service.glass.break_(view.request.id, reader, reason, words)
        return to(f"/demandes/{view.request.number}")
