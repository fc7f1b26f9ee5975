"""Acts counted as answers leave."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.ids import RequestId
from miss.storage.errors import DataKeyDestroyed
from teleexpertise.billing.model import Role
from teleexpertise.questionnaire.model import Coding
from tests.teleexpertise.follow_up.answering import ADVICE, answer, answered
from tests.teleexpertise.office import Office

NO_REQUEST = RequestId("none")


async def test_each_answer_that_is_billed_moves_the_counter_of_that_patient(
    office: Office, clock: MovableClock
) -> None:
    billing = office.service.billing
    await office.deliver(office.letter())
    first = await office.request()
    assert first.holder is not None
    view = await office.service.reading.view(first.number, first.holder)
    assert view.seen is not None
    patient = view.seen.content.patient
    before = await billing.next_act(Role.EXPERT, first.holder, patient, apart_from=first.id)
    assert before is not None
    assert (before.code, before.rank, before.ceiling, before.is_beyond) == ("TE2", 1, 4, False)
    await answer(office, first)
    after = await billing.next_act(Role.EXPERT, first.holder, patient, apart_from=NO_REQUEST)
    assert after is not None
    assert after.rank == 2
    again = await billing.next_act(Role.EXPERT, first.holder, patient, apart_from=first.id)
    assert again is not None
    assert again.rank == 1, "the request that is being answered does not count against itself"
    asked = await billing.next_act(Role.REQUESTER, office.paul.id, patient, apart_from=NO_REQUEST)
    assert asked is not None
    assert (asked.code, asked.rank) == ("RQD", 2)
    clock.advance(timedelta(days=60))
    next_year = await billing.next_act(Role.EXPERT, first.holder, patient, apart_from=NO_REQUEST)
    assert next_year is not None
    assert next_year.rank == 1
    assert await billing.next_act(Role.EXPERT, first.holder, None, apart_from=first.id) is None


async def test_a_month_is_listed_and_names_no_patient(office: Office) -> None:
    request = await answered(office)
    assert request.holder is not None
    [line] = await office.service.billing.month(request.holder, 2026, 11)
    assert (line.act.number, line.act.code, line.counter.rank) == (request.number, "TE2", 1)
    [asked] = await office.service.billing.month(office.paul.id, 2026, 11)
    assert asked.act.code == "RQD"
    assert await office.service.billing.month(request.holder, 2026, 10) == []
    async with office.house.db.snapshot() as tx:
        rows = (await (await tx.connection()).execute(text("SELECT * FROM expertise_billed_act"))).all()
    assert "FICTIF" not in str(rows)
    assert "185075918304224" not in str(rows)


async def test_what_is_not_billed_is_not_counted(office: Office) -> None:
    request = await answered(office, {**ADVICE, "r.cotation": (Coding("non-facturable"),)})
    assert request.holder is not None
    assert await office.service.billing.month(request.holder, 2026, 11) == []


async def test_without_its_key_a_year_leads_nowhere(office: Office) -> None:
    request = await answered(office)
    assert request.holder is not None
    view = await office.service.reading.view(request.number, request.holder)
    assert view.seen is not None
    await office.house.keystore.destroy("billing:2026")
    with pytest.raises(DataKeyDestroyed):
        await office.service.billing.next_act(
            Role.EXPERT, request.holder, view.seen.content.patient, apart_from=request.id
        )
