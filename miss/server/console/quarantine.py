"""`/console/courriels`: mails that no intake could process; opened for a reason, tried again, discarded."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.text import Text
from miss.directory.practitioners import Practitioners
from miss.directory.roles import Role
from miss.mail.inbound.quarantine.service import Quarantine
from miss.server.console.queues import Queue
from miss.server.web.access import person_of, requires
from miss.server.web.answers import retry_after
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import Pages, language_of

QUARANTINE_PATH: Final = "/console/courriels"
MAX_SHOWN_CHARS: Final = 200_000
"""Of a mail's source on the page; the file has all of it."""


@dataclass(frozen=True, slots=True)
class QuarantinePages:
    """For technicians."""

    pages: Pages
    quarantine: Quarantine
    practitioners: Practitioners

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{QUARANTINE_PATH}/{{mail}}"
        return [
            Route(QUARANTINE_PATH, self.list_, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/contenu", self.open, methods=["POST"]),
            Route(f"{one}/rejeu", self.replay, methods=["POST"]),
            Route(f"{one}/abandon", self.discard, methods=["POST"]),
        ]

    def queue(self) -> Queue:
        """For the console's home."""
        return Queue(QUARANTINE_PATH, Text(fr="Courriels mis à l’écart", en="Mails set aside"), self.quarantine.count)

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        mails = await self.quarantine.list_()
        people = await self.practitioners.get_many({one.practitioner_id for one in mails}) if mails else {}
        return await self.pages.render(request, "console/quarantine.html", mails=mails, people=people)

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @requires(Role.TECHNICIAN, fresh=True)
    async def open(self, request: Request) -> Response:
        reason = field(await request.form(), "reason")
        try:
            content = await self.quarantine.open(_id(request), reason, by=_by(request))
        except MissError as error:
            return await self._show(request, error=error, reason=reason)
        source = content[:MAX_SHOWN_CHARS].decode("utf-8", "replace")
        return await self._show(request, source=source, is_cut=len(content) > MAX_SHOWN_CHARS)

    @requires(Role.TECHNICIAN, fresh=True)
    async def replay(self, request: Request) -> Response:
        try:
            await self.quarantine.replay(_id(request), by=_by(request))
        except MissError as error:
            return await self._show(request, error=error)
        return to(QUARANTINE_PATH)

    @requires(Role.TECHNICIAN, fresh=True)
    async def discard(self, request: Request) -> Response:
        reason = field(await request.form(), "reason")
        try:
            await self.quarantine.discard(_id(request), reason, by=_by(request))
        except MissError as error:
            return await self._show(request, error=error, reason=reason)
        return to(f"{QUARANTINE_PATH}/{_id(request)}")

    async def _show(
        self,
        request: Request,
        *,
        error: MissError | None = None,
        reason: str = "",
        source: str | None = None,
        is_cut: bool = False,
    ) -> Response:
        mail = await self.quarantine.get(_id(request))
        people = await self.practitioners.get_many({mail.practitioner_id})
        headers = () if mail.is_destroyed else await self.quarantine.headers(mail.id, by=_by(request))
        page = await self.pages.render(
            request,
            "console/quarantined.html",
            error.http_status if error else 200,
            mail=mail,
            person=people.get(mail.practitioner_id),
            headers=headers,
            error=error.sentence(language_of(request)) if error else None,
            reason=reason,
            source=source,
            is_cut=is_cut,
        )
        return retry_after(error, page) if error else page


def _id(request: Request) -> str:
    return str(request.path_params["mail"])


def _by(request: Request) -> str:
    return person_of(request).account.uid.hex()
