"""Acts on an appointment, from the page of its request: the expert proposes, the requester answers for the patient."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from miss.server.web.access import signed_in
from teleexpertise.appointments.errors import ProposalIncomplete, SlotGone
from teleexpertise.appointments.model import MOST_SLOTS
from teleexpertise.requests.acting import Act
from teleexpertise.requests.errors import RequestUnknown
from teleexpertise.requests.reading import Reader
from teleexpertise.web.desk import Desk, to
from teleexpertise.web.submitted import Submitted, read_submitted

MAX_FORM_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class AppointmentPages:
    """Proposing, accepting, declining."""

    desk: Desk

    def routes(self) -> list[BaseRoute]:
        """Every route of these pages."""
        return [
            Route("/demandes/{number}/rendez-vous", self.propose, methods=["POST"]),
            Route("/demandes/{number}/rendez-vous/{appointment}/accepter", self.accept, methods=["POST"]),
            Route("/demandes/{number}/rendez-vous/{appointment}/decliner", self.decline, methods=["POST"]),
        ]

    @signed_in
    async def propose(self, request: Request) -> Response:
        """Up to three slots, or whom to call."""
        view = await self.desk.view(request)
        if view.reader is not Reader.HOLDER:
            raise RequestUnknown
        submitted, reader = await read_submitted(request, MAX_FORM_BYTES), self.desk.reader(request)
        clocks = await self.desk.service.appointments.clocks_of(view.request, reader)
        await self.desk.service.appointments.propose(
            view.request.id, reader, _slots(submitted, clocks.other), submitted.first("contact")
        )
        return to(f"/demandes/{view.request.number}#rendez-vous")

    @signed_in
    async def accept(self, request: Request) -> Response:
        """One of the slots, or the contact."""
        view, asker = await self.desk.own_request(request, Act.SETTLE_APPOINTMENT)
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        slot = submitted.first("slot")
        try:
            chosen = datetime.fromisoformat(slot) if slot else None
        except ValueError:
            raise SlotGone from None
        await self.desk.service.appointments.accept(
            view.request.id, request.path_params["appointment"], asker.id, chosen, through=asker.through
        )
        return to(f"/demandes/{view.request.number}#rendez-vous")

    @signed_in
    async def decline(self, request: Request) -> Response:
        """It does not suit."""
        view, asker = await self.desk.own_request(request, Act.SETTLE_APPOINTMENT)
        submitted = await read_submitted(request, MAX_FORM_BYTES)
        await self.desk.service.appointments.decline(
            view.request.id,
            request.path_params["appointment"],
            asker.id,
            submitted.first("word"),
            through=asker.through,
        )
        return to(f"/demandes/{view.request.number}#rendez-vous")


def _slots(submitted: Submitted, zone: ZoneInfo) -> list[datetime]:
    """The slots typed, on the expert's own clock as the page says.  Raises ProposalIncomplete."""
    typed = [words.strip() for words in submitted.fields.get("slot", ()) if words.strip()]
    try:
        local = [datetime.fromisoformat(words) for words in typed]
    except ValueError:
        raise ProposalIncomplete(most=MOST_SLOTS) from None
    return [slot.replace(tzinfo=zone).astimezone(UTC) for slot in local]
