"""« Propositions »: what people want changed in their entries, judged side by side with what is there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.base.errors import MissError
from miss.base.text import Text
from miss.directory.audit import Subject
from miss.directory.practitioners import Practitioner
from miss.directory.proposals import Proposal
from miss.directory.roles import Role
from miss.server.console.queues import Queue
from miss.server.house import House
from miss.server.web.access import require_signed_in, requires
from miss.server.web.answers import retry_after
from miss.server.web.forms import field
from miss.server.web.front import to
from miss.server.web.pages import language_of

PROPOSALS_PATH: Final = "/console/propositions"


@dataclass(frozen=True, slots=True)
class ProposalPages:
    """The technician's queue of proposed changes."""

    house: House

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        one = f"{PROPOSALS_PATH}/{{proposal}}"
        return [
            Route(PROPOSALS_PATH, self.list_, methods=["GET"]),
            Route(one, self.show, methods=["GET"]),
            Route(f"{one}/acceptation", self.accept, methods=["POST"]),
            Route(f"{one}/refus", self.refuse, methods=["POST"]),
        ]

    def queue(self) -> Queue:
        """Its line on the console's home."""
        label = Text(fr="Propositions de changement de fiche", en="Proposed changes of entries")
        return Queue(PROPOSALS_PATH, label, self.house.own.proposals.count_open)

    @requires(Role.TECHNICIAN)
    async def list_(self, request: Request) -> Response:
        waiting = await self.house.own.proposals.list_open()
        people = await self.house.practitioners.get_many([one.practitioner_id for one in waiting])
        return await self.house.pages.render(
            request,
            "console/proposals.html",
            waiting=waiting,
            people=people,
            settled=request.query_params.get("fait", ""),
        )

    @requires(Role.TECHNICIAN)
    async def show(self, request: Request) -> Response:
        return await self._show(request)

    @requires(Role.TECHNICIAN)
    async def accept(self, request: Request) -> Response:
        by = require_signed_in(request).account.uid
        try:
            await self.house.own.proposals.accept(request.path_params["proposal"], by)
        except MissError as error:
            return await self._show(request, error)
        return to(f"{PROPOSALS_PATH}?fait=acceptee")

    @requires(Role.TECHNICIAN)
    async def refuse(self, request: Request) -> Response:
        by, reason = require_signed_in(request).account.uid, field(await request.form(), "reason")
        try:
            await self.house.own.proposals.refuse(request.path_params["proposal"], by, reason)
        except MissError as error:
            return await self._show(request, error, reason)
        return to(f"{PROPOSALS_PATH}?fait=refusee")

    async def _show(self, request: Request, error: MissError | None = None, reason: str = "") -> Response:
        """The proposal beside the entry as it is now.  Raises ProposalNotFound."""
        house, by = self.house, require_signed_in(request).account.uid
        proposal = await house.own.proposals.get(request.path_params["proposal"])
        subject = Subject.practitioner(proposal.practitioner_id)
        await house.audit.record(actor=by.hex(), act="proposal.read", subject=subject)
        person = await house.practitioners.get(proposal.practitioner_id)
        said = error.sentence(language_of(request)) if error else None
        response = await house.pages.render(
            request,
            "console/proposal.html",
            error.http_status if error else 200,
            error=said,
            reason=reason,
            proposal=proposal,
            person=person,
            is_own=proposal.uid == by,
            lines=_side_by_side(person, proposal),
        )
        return retry_after(error, response) if error else response


def _side_by_side(person: Practitioner, proposal: Proposal) -> list[tuple[str, Mapping[str, object]]]:
    """Each field that would change: its name, and what it is and would be."""
    now, wanted = person.entry, proposal.change.apply(person.entry)
    names = ("phone", "mailbox", "formats", "is_red_listed", "is_proxy")
    return [
        (name, {"now": getattr(now, name), "wanted": getattr(wanted, name)})
        for name in names
        if getattr(proposal.change, name) is not None
    ]
