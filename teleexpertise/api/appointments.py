"""Appointments out of a request, for both its sides: the expert proposes, the requester answers for the patient."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import AwareDatetime, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from miss.server.api.models import Answer
from miss.server.api.openapi import Nothing
from teleexpertise.api import models
from teleexpertise.api.bodies import JsonBody, answer_json
from teleexpertise.api.callers import Caller
from teleexpertise.api.counter import Counter
from teleexpertise.appointments.model import CONTACT_CHARS, MOST_SLOTS, WORD_CHARS, AppointmentState
from teleexpertise.requests.model import ExpertiseRequest
from teleexpertise.requests.reading import Reader


class AppointmentPath(models.NumberPath):
    """Which proposal of which request."""

    appointment: str = Field(pattern=r"^[0-9a-f-]{36}$")


class NewProposal(JsonBody):
    """When the expert would see the patient, or whom to call."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["slots"]}, {"required": ["contact"]}]})

    slots: Annotated[list[AwareDatetime], Field(min_length=1, max_length=MOST_SLOTS)] | models.Absent = None
    contact: Annotated[str, Field(min_length=1, max_length=CONTACT_CHARS, pattern=r"\S")] | models.Absent = None


class Chosen(JsonBody):
    """What suits the patient."""

    slot: AwareDatetime | models.Absent = Field(None, description="One of the slots; absent where a contact is given.")


class NotChosen(JsonBody):
    """It does not suit."""

    word: str = Field("", max_length=WORD_CHARS)


class Proposal(Answer):
    """An appointment that was proposed."""

    id: str
    state: AppointmentState
    proposed_at: datetime
    slots: list[datetime]
    contact: str
    chosen: datetime | None
    settled_at: datetime | None
    word: str


class ProposalList(Answer):
    """Every proposal of a request, the oldest first."""

    number: str
    entry: list[Proposal]


@dataclass(frozen=True, slots=True)
class Appointments:
    """Proposals."""

    counter: Counter

    async def list_(self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing) -> Response:
        view = await self.counter.view(path, caller.practitioner_id, Reader.REQUESTER, Reader.HOLDER)
        return await self._say(request, view.request)

    async def propose(
        self, request: Request, caller: Caller, path: models.NumberPath, _query: Nothing, body: NewProposal
    ) -> Response:
        """Raises ConversionNotAllowed, ProposalIncomplete."""
        held = await self.counter.held(path, caller.practitioner_id)
        await self.counter.service.appointments.propose(
            held.id, caller.practitioner_id, body.slots or (), body.contact or ""
        )
        return await self._say(request, held)

    async def accept(
        self, request: Request, caller: Caller, path: AppointmentPath, _query: Nothing, body: Chosen
    ) -> Response:
        """Raises AppointmentUnknown, AppointmentSettled, SlotGone."""
        asked = await self.counter.own(path, caller.practitioner_id)
        await self.counter.service.appointments.accept(asked.id, path.appointment, caller.practitioner_id, body.slot)
        return await self._say(request, asked)

    async def decline(
        self, request: Request, caller: Caller, path: AppointmentPath, _query: Nothing, body: NotChosen
    ) -> Response:
        """Raises AppointmentUnknown, AppointmentSettled."""
        asked = await self.counter.own(path, caller.practitioner_id)
        await self.counter.service.appointments.decline(asked.id, path.appointment, caller.practitioner_id, body.word)
        return await self._say(request, asked)

    async def _say(self, request: Request, about: ExpertiseRequest) -> Response:
        proposals = await self.counter.service.appointments.list_proposals(about.id)
        entry = [
            Proposal(
                id=one.appointment.id,
                state=one.appointment.state,
                proposed_at=one.appointment.proposed_at,
                slots=[*one.appointment.slots],
                contact=one.contact,
                chosen=one.appointment.chosen,
                settled_at=one.appointment.settled_at,
                word=one.word,
            )
            for one in proposals
        ]
        return answer_json(request, ProposalList(number=about.number, entry=entry))
