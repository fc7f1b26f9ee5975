"""`/console/envois`: the mails that left or are to leave, by what became of them; one tried again, or given up.

Addresses, instants and codes are shown; never a subject or a word of a mail.
"""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.ids import MailId
from miss.base.text import Text
from miss.directory.audit import Subject
from miss.directory.roles import Role
from miss.mail.trace.model import NAMES, Stage
from miss.mail.trace.store import Pile
from miss.server.console.queues import Queue
from miss.server.house import House
from miss.server.web.access import require_signed_in, requires
from miss.server.web.answers import retry_after
from miss.server.web.front import to
from miss.server.web.pages import language_of

SENT_PATH: Final = "/console/envois"
COUNTED: Final = (Pile.QUEUED, Pile.DELAYED, Pile.REFUSED, Pile.REJECTED, Pile.WITHDRAWN)
"""Those that are short, or ought to be."""
PILES: Final = {
    Pile.QUEUED: Text(fr="En attente", en="Queued"),
    Pile.DELAYED: Text(fr="Retardés", en="Delayed"),
    Pile.REFUSED: Text(fr="Refusés", en="Refused"),
    Pile.REJECTED: Text(fr="Non intégrés (KO)", en="Not filed (KO)"),
    Pile.WITHDRAWN: Text(fr="Abandonnés", en="Given up"),
    Pile.ARRIVED: Text(fr="Partis", en="Gone"),
}
_REVIVABLE: Final = frozenset({Stage.QUEUED, Stage.REFUSED, Stage.EXPIRED, Stage.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class SentMailPages:
    """For technicians."""

    house: House

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{SENT_PATH}/{{sent}}"
        return [
            Route(SENT_PATH, self.list_, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/representer", self.retry, methods=["POST"]),
            Route(f"{one}/abandonner", self.give_up, methods=["POST"]),
        ]

    def queue(self) -> Queue:
        """For the console's home."""
        return Queue(SENT_PATH, Text(fr="Courriels retardés", en="Delayed mails"), self._count_delayed)

    async def _count_delayed(self) -> int:
        return (await self.house.trace.count_piles([Pile.DELAYED]))[Pile.DELAYED]

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        asked = request.query_params.get("pile", "")
        pile = Pile(asked) if asked in {*Pile} else Pile.DELAYED
        cursor = request.query_params.get("avant", "")
        return await self.house.pages.render(
            request,
            "console/sent_mails.html",
            pile=pile,
            piles=PILES,
            counts=await self.house.trace.count_piles(COUNTED),
            page=await self.house.trace.list_pile(pile, cursor),
            is_first=not cursor,
            names=NAMES,
            relays=self.house.relays.list_health() if self.house.relays else (),
        )

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        """One mail and its timeline.  Raises MailedUnknown."""
        return await self._show(request, None)

    @requires(Role.TECHNICIAN)
    async def retry(self, request: Request) -> Response:
        """Try it now."""
        mail_id = MailId(request.path_params["sent"])
        try:
            await self.house.outbox.retry_now(mail_id)
        except MissError as error:
            return await self._show(request, error)
        await self._note(request, "mail.retried", mail_id)
        self.house.jobs.wake()
        return to(f"{SENT_PATH}/{mail_id}")

    @requires(Role.TECHNICIAN)
    async def give_up(self, request: Request) -> Response:
        """Send it no more; trying it again takes that back."""
        mail_id = MailId(request.path_params["sent"])
        try:
            await self.house.outbox.give_up(mail_id)
        except MissError as error:
            return await self._show(request, error)
        await self._note(request, "mail.given_up", mail_id)
        return to(f"{SENT_PATH}/{mail_id}")

    async def _note(self, request: Request, act: str, mail_id: MailId) -> None:
        by = require_signed_in(request).account.uid.hex()
        await self.house.audit.record(actor=by, act=act, subject=Subject("mail", mail_id))

    async def _show(self, request: Request, error: MissError | None) -> Response:
        traced = await self.house.trace.get(request.path_params["sent"])
        mailed = traced.mailed
        page = await self.house.pages.render(
            request,
            "console/sent_mail.html",
            error.http_status if error else 200,
            traced=traced,
            names=NAMES,
            may_retry=mailed.state in _REVIVABLE and mailed.is_readable,
            may_give_up=mailed.state is Stage.QUEUED,
            error=error.sentence(language_of(request)) if error else None,
        )
        return retry_after(error, page) if error else page
