"""An appointment is proposed where the requester allowed it, and never elsewhere."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from teleexpertise.appointments.errors import (
    AppointmentSettled,
    AppointmentUnknown,
    ConversionNotAllowed,
    ProposalIncomplete,
    SlotGone,
)
from teleexpertise.appointments.model import AppointmentState
from teleexpertise.requests.errors import NotHolder, NotRequester
from teleexpertise.requests.model import ExpertiseRequest, FactKind
from tests.teleexpertise.office import ANSWERS, END, HEADER, Office, text_of

CONTACT = "Secrétariat, 03 20 00 00 00"


async def held(office: Office, *, allowed: bool = True) -> ExpertiseRequest:
    words = f"{ANSWERS}c.conversion : oui\n" if allowed else ANSWERS
    await office.deliver(office.letter(text=HEADER + words + END))
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    return await office.request()


async def test_a_slot_is_accepted_for_the_patient_and_the_expert_learns_it(office: Office, clock: MovableClock) -> None:
    request = await held(office)
    appointments, holder = office.service.appointments, request.holder
    assert holder is not None
    assert await appointments.is_allowed(request.id)
    soon = clock.now().replace(microsecond=0) + timedelta(days=5)
    proposed = await appointments.propose(request.id, holder, [soon + timedelta(days=1), soon], CONTACT)
    await office.run_jobs()
    assert proposed.slots == (soon, soon + timedelta(days=1))
    told = text_of(office.mails_to(office.paul)[-1])
    assert CONTACT in told
    assert "mercredi 25 novembre 2026 à 10:00 (Paris)" in told
    with pytest.raises(SlotGone):
        await appointments.accept(request.id, proposed.id, office.paul.id, soon + timedelta(hours=1))
    with pytest.raises(NotRequester):
        await appointments.accept(request.id, proposed.id, holder, soon)
    accepted = await appointments.accept(request.id, proposed.id, office.paul.id, soon)
    await office.run_jobs()
    assert (accepted.state, accepted.chosen) == (AppointmentState.ACCEPTED, soon)
    assert "est accepté pour mercredi 25 novembre 2026" in text_of(office.mails_to(office.expert(request))[-1])
    with pytest.raises(AppointmentSettled):
        await appointments.decline(request.id, proposed.id, office.paul.id)
    view = await office.service.reading.view(request.number, office.paul.id)
    assert [fact.kind for fact in view.timeline][-2:] == [FactKind.APPOINTMENT_PROPOSED, FactKind.APPOINTMENT_ACCEPTED]


async def test_another_proposal_takes_the_place_of_one_that_waits(office: Office, clock: MovableClock) -> None:
    request = await held(office)
    appointments, holder = office.service.appointments, request.holder
    assert holder is not None
    first = await appointments.propose(request.id, holder, [clock.now() + timedelta(days=1)])
    second = await appointments.propose(request.id, holder, [], CONTACT)
    with pytest.raises(AppointmentSettled):
        await appointments.accept(request.id, first.id, office.paul.id, first.slots[0])
    await appointments.decline(request.id, second.id, office.paul.id, "Trop loin pour lui.")
    proposals = await appointments.list_proposals(request.id)
    assert [one.appointment.state for one in proposals] == [AppointmentState.REPLACED, AppointmentState.DECLINED]
    assert proposals[1].word == "Trop loin pour lui."


async def test_never_without_the_requester_s_word(office: Office) -> None:
    request = await held(office, allowed=False)
    assert request.holder is not None
    assert not await office.service.appointments.is_allowed(request.id)
    with pytest.raises(ConversionNotAllowed):
        await office.service.appointments.propose(request.id, request.holder, [], CONTACT)
    await office.run_jobs()
    assert len(office.mails_to(office.paul)) == 1, "the acknowledgement alone"


async def test_what_cannot_be_proposed(office: Office, clock: MovableClock) -> None:
    request = await held(office)
    appointments, holder = office.service.appointments, request.holder
    assert holder is not None
    now = clock.now()
    days = [now + timedelta(days=day) for day in range(1, 5)]
    for slots, contact in (([], " "), (days, ""), ([now - timedelta(minutes=1)], ""), ([], "x" * 301)):
        with pytest.raises(ProposalIncomplete):
            await appointments.propose(request.id, holder, slots, contact)
    with pytest.raises(NotHolder):
        await appointments.propose(request.id, office.paul.id, [], CONTACT)
    with pytest.raises(AppointmentUnknown):
        await appointments.accept(request.id, "nulle-part", office.paul.id, None)
