"""A request sent to another specialty's pool: the same request, its deadline, and the expert's word."""

from dataclasses import replace
from datetime import timedelta

import pytest

from miss.base.ids import PoolId
from teleexpertise.answers.errors import PoolNotOther
from teleexpertise.dispatch import AttemptState, Pool
from teleexpertise.questionnaire.model import Answers, Coding
from teleexpertise.requests.model import FactKind, State
from tests.teleexpertise.answers.test_service import ADVICE, QUALITY, held, save
from tests.teleexpertise.office import Office, text_of

ELSEWHERE: Answers = {**QUALITY, "r.decision": (Coding("reorientation"),), "r.motif": (Coding("hors-champ"),)}


async def open_wounds(office: Office) -> Pool:
    pool = await office.service.dispatch.create_pool(
        name="Plaies du Nord",
        questionnaire="plaies",
        coordinator_id=office.marc.id,
        hours=office.pool.hours,
        zone=office.pool.zone,
        answer_within=timedelta(hours=27),
        accept_within=timedelta(hours=4),
        answer_time=timedelta(minutes=30),
    )
    await office.service.dispatch.put_member(pool.id, office.claire.id)
    return pool


async def test_it_goes_on_in_the_other_pool_with_the_word_of_the_first_expert(office: Office) -> None:
    wounds = await open_wounds(office)
    request, first = await held(office)
    await save(office, request, ELSEWHERE)
    reorientation = office.service.reorientation
    assert [pool.id for pool in await reorientation.list_pools(request)] == [wounds.id]
    await reorientation.send(request.id, request.holder or office.anne.id, wounds.id, "Plutôt une plaie chronique.")
    await office.run_jobs()
    moved = await office.request()
    assert (moved.id, moved.state, moved.holder) == (request.id, State.ASSIGNED, office.claire.id)
    assert moved.require_sent() == replace(request.require_sent(), pool_id=wounds.id), "the promise holds"
    view = await office.service.reading.view(request.number, office.claire.id)
    assert view.seen is not None
    assert view.seen.notes[-1].text == "Plutôt une plaie chronique."
    assert FactKind.REORIENTED in [fact.kind for fact in view.timeline]
    assert "« Plaies du Nord »" in text_of(office.mails_to(office.paul)[-1])
    async with office.house.db.snapshot() as tx:
        [declined, offered] = await office.service.dispatch.list_attempts(tx, request.id)
    assert (declined.practitioner_id, declined.state, declined.charge) == (first, AttemptState.DECLINED, 0)
    assert offered.pool_id == wounds.id
    await office.service.requests.accept(request.id, office.claire.id)
    opened = await office.service.answering.open(request.id, office.claire.id)
    assert opened.response.answers == {}


async def test_only_a_reorientation_goes_and_only_to_another_pool(office: Office) -> None:
    wounds = await open_wounds(office)
    request, _ = await held(office)
    holder = request.holder or office.anne.id
    await save(office, request, ELSEWHERE)
    for pool_id in (office.pool.id, PoolId("nowhere")):
        with pytest.raises(PoolNotOther):
            await office.service.reorientation.send(request.id, holder, pool_id)
    await save(office, request, ADVICE)
    with pytest.raises(PoolNotOther):
        await office.service.reorientation.send(request.id, holder, wounds.id)
    assert (await office.request()).state is State.IN_PROGRESS
