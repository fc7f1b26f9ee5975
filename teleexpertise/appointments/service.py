"""Propose an appointment, and answer for the patient: one transaction each, the other side told in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from miss.base.ids import PractitionerId, RequestId
from miss.storage import Transaction
from teleexpertise.appointments import model, store
from teleexpertise.appointments.errors import ConversionNotAllowed
from teleexpertise.appointments.model import WORD_CHARS, Appointment, AppointmentState
from teleexpertise.availability.places import Clocks, zone_of
from teleexpertise.letters import appointments as letters
from teleexpertise.requests import store as requests_store
from teleexpertise.requests.content import Note, response_of
from teleexpertise.requests.model import (
    TOLD,
    ExpertiseRequest,
    Fact,
    FactKind,
    State,
    require_holder,
    require_requester,
    require_state,
)
from teleexpertise.requests.parts import Parts, correspondent
from teleexpertise.requests.store import Stored
from teleexpertise.requests.telling import tell

log = structlog.get_logger("teleexpertise.appointments")

WHILE = (State.IN_PROGRESS, State.ON_HOLD, *TOLD)
"""States in which an expert may propose to see the patient."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Proposal:
    """A proposal with its words."""

    appointment: Appointment
    contact: str
    word: str


class Appointments:
    """Appointments out of requests."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def is_allowed(self, request_id: RequestId) -> bool:
        """Whether the requester allowed it.  Raises RequestUnknown."""
        async with self._parts.db.snapshot() as tx:
            return await self._is_allowed(await requests_store.get(tx, request_id))

    async def propose(
        self, request_id: RequestId, by: PractitionerId, slots: Sequence[datetime], contact: str = ""
    ) -> Appointment:
        """The expert would see the patient; a proposal that still waits is replaced.

        Raises RequestUnknown, NotHolder, StateForbids, ConversionNotAllowed, ProposalIncomplete.
        """
        parts, now = self._parts, self._parts.clock.now()
        sealed = await parts.vault.seal(request_id, Note(author=by, at=now, text=contact.strip()))
        async with parts.db.transaction() as tx:
            stored = await requests_store.lock(tx, request_id)
            require_holder(stored.request, by)
            require_state(stored.request, *WHILE)
            if not await self._is_allowed(stored):
                raise ConversionNotAllowed(number=stored.request.number)
            ordered = model.require_proposal(slots, contact, now)
            waiting = await store.find_live(tx, request_id)
            if waiting is not None:
                await store.save(tx, model.supersede(waiting, now))
            appointment = Appointment(
                id=parts.new_id(), request_id=stored.request.id, proposed_by=by, proposed_at=now, slots=ordered
            )
            await store.insert(tx, appointment, sealed)
            await self._note(tx, stored.request, Fact(FactKind.APPOINTMENT_PROPOSED, now, by))
            await self._tell_requester(tx, stored, appointment, contact.strip(), is_other=waiting is not None)
        parts.jobs.wake()
        log.info("appointment.proposed", request=request_id, appointment=appointment.id, slots=len(ordered))
        return appointment

    async def accept(
        self,
        request_id: RequestId,
        appointment_id: str,
        by: PractitionerId,
        slot: datetime | None,
        *,
        through: PractitionerId | None = None,
    ) -> Appointment:
        """The requester takes it for the patient, or who acts for them (`through`).

        Raises RequestUnknown, NotRequester, AppointmentUnknown, AppointmentSettled, SlotGone.
        """
        now = self._parts.clock.now()
        async with self._parts.db.transaction() as tx:
            stored, proposed = await self._proposed(tx, request_id, appointment_id, by)
            accepted = model.accept(proposed, slot, now)
            fact = Fact(FactKind.APPOINTMENT_ACCEPTED, now, by, through=through)
            await self._settle(tx, stored.request, accepted, fact, None)
        self._parts.jobs.wake()
        return accepted

    async def decline(
        self,
        request_id: RequestId,
        appointment_id: str,
        by: PractitionerId,
        word: str = "",
        *,
        through: PractitionerId | None = None,
    ) -> Appointment:
        """The requester does not want it, and may say why; `through`: as `accept`.

        Raises RequestUnknown, NotRequester, AppointmentUnknown, AppointmentSettled.
        """
        parts, now = self._parts, self._parts.clock.now()
        text = word.strip()[:WORD_CHARS]
        note = Note(author=by, at=now, text=text, through=through)
        sealed = await parts.vault.seal(request_id, note) if text else None
        async with parts.db.transaction() as tx:
            stored, proposed = await self._proposed(tx, request_id, appointment_id, by)
            declined = model.decline(proposed, now)
            fact = Fact(FactKind.APPOINTMENT_DECLINED, now, by, through=through)
            await self._settle(tx, stored.request, declined, fact, sealed)
        parts.jobs.wake()
        return declined

    async def list_proposals(self, request_id: RequestId) -> list[Proposal]:
        """Every proposal, oldest first: for requester and holder, whose reading of the request is in the log."""
        vault = self._parts.vault
        async with self._parts.db.snapshot() as tx:
            found = await store.list_of_request(tx, request_id)
        return [
            Proposal(
                appointment=one.appointment,
                contact=(await vault.open_note(request_id, one.contact)).text,
                word=(await vault.open_note(request_id, one.word)).text if one.word else "",
            )
            for one in found
        ]

    async def clocks_of(
        self, request: ExpertiseRequest, expert: PractitionerId, tx: Transaction | None = None
    ) -> Clocks:
        """The requester's clock, then that expert's."""
        people = await self._parts.practitioners.get_many([request.requester, expert], tx)
        return Clocks(zone_of(people[request.requester]), zone_of(people[expert]))

    async def _proposed(
        self, tx: Transaction, request_id: RequestId, appointment_id: str, by: PractitionerId
    ) -> tuple[Stored, Appointment]:
        stored = await requests_store.lock(tx, request_id)
        require_requester(stored.request, by)
        return stored, await store.get(tx, stored.request.id, appointment_id)

    async def _settle(
        self, tx: Transaction, request: ExpertiseRequest, settled: Appointment, fact: Fact, word: bytes | None
    ) -> None:
        await store.save(tx, settled, word=word)
        await self._note(tx, request, fact)
        parts = self._parts
        expert = await parts.practitioners.get(settled.proposed_by, tx)
        if to := correspondent(expert):
            mail = letters.settled(
                parts.platform, to, number=request.number, appointment_id=settled.id,
                form_title=parts.form_title(request.canonical), chosen=settled.chosen,
                clocks=(await self.clocks_of(request, settled.proposed_by, tx)).turned,
                is_accepted=settled.state is AppointmentState.ACCEPTED,
            )  # fmt: skip
            await parts.notify(tx, expert, mail, request.id)
        log.info("appointment.settled", request=request.id, appointment=settled.id, state=settled.state)

    async def _tell_requester(
        self, tx: Transaction, stored: Stored, appointment: Appointment, contact: str, *, is_other: bool
    ) -> None:
        parts, request = self._parts, stored.request
        content = await parts.vault.open_content(request.id, stored.content)
        people = await parts.practitioners.get_many([request.requester, appointment.proposed_by], tx)
        requester = people[request.requester]
        if to := correspondent(requester, content.thread):
            mail = letters.proposed(
                parts.platform, to, content.thread, number=request.number, appointment_id=appointment.id,
                form_title=parts.form_title(request.canonical), expert=people[appointment.proposed_by].display_name,
                clocks=await self.clocks_of(request, appointment.proposed_by, tx), slots=appointment.slots,
                contact=contact, is_other=is_other,
            )  # fmt: skip
            await parts.post(tx, await parts.follow(mail, requester, tx), request.id)

    async def _is_allowed(self, stored: Stored) -> bool:
        content = await self._parts.vault.open_content(stored.request.id, stored.content)
        return model.is_allowed(response_of(content))

    async def _note(self, tx: Transaction, request: ExpertiseRequest, fact: Fact) -> None:
        await requests_store.add_fact(tx, request.id, fact, self._parts.random_bytes)
        await tell(self._parts, tx, request, fact)
