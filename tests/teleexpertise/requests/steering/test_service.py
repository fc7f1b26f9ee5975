"""A coordinator acts by hand."""

from collections.abc import Awaitable, Callable

import pytest

from miss.base.ids import RequestId
from teleexpertise.dispatch import AttemptState, Choice, Terms
from teleexpertise.dispatch.errors import NotAssignable
from teleexpertise.dispatch.policies import Policy
from teleexpertise.dispatch.pools.model import sheet_of
from teleexpertise.requests import store
from teleexpertise.requests.errors import RequestUnknown, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State
from teleexpertise.requests.steering import SteerReason
from tests.teleexpertise.office import Office, text_of

WHY = SteerReason.ABSENT


async def offered(office: Office) -> ExpertiseRequest:
    """A request with whose turn it was."""
    await office.deliver(office.letter())
    return await office.request()


async def credits_of(office: Office) -> dict[str, int]:
    async with office.house.db.snapshot() as tx:
        pool = await office.service.dispatch.get_pool(tx, office.pool.id)
        members = await office.service.dispatch.list_members(tx, pool, office.house.clock.now())
    return {member.practitioner_id: member.credit for member in members}


async def test_taken_back_it_goes_to_the_next_and_an_unused_turn_is_given_back(office: Office) -> None:
    request = await offered(office)
    first = office.expert(request)
    await office.service.steering.take_back(request.id, office.marc.id, WHY)
    after = await office.request()
    assert office.expert(after) != first
    assert (await credits_of(office))[first.id] == 0
    await office.run_jobs()
    assert "vous n’avez plus rien à faire" in text_of(office.mails_to(first)[-1])
    async with office.house.db.snapshot() as tx:
        fact = next(one for one in await store.list_facts(tx, request.id) if one.kind is FactKind.REASSIGNED)
    assert (fact.actor, fact.reason) == (office.marc.id, WHY)
    await office.service.steering.take_back(request.id, office.marc.id, WHY)
    assert (await office.request()).state is State.READY, "it never goes back to who it was taken from"
    with pytest.raises(StateForbids):
        await office.service.steering.take_back(request.id, office.marc.id, WHY)


async def test_a_turn_that_was_used_is_not_given_back(office: Office) -> None:
    request = await offered(office)
    first = office.expert(request)
    await office.service.requests.accept(request.id, first.id)
    await office.service.steering.take_back(request.id, office.marc.id, WHY)
    assert (await credits_of(office))[first.id] > 0


async def test_given_by_hand_to_whom_it_was_taken_from_even(office: Office) -> None:
    request = await offered(office)
    first = office.expert(request)
    other = office.karim if first == office.anne else office.anne
    steering = office.service.steering
    await steering.give(request.id, office.marc.id, other.id, WHY)
    assert (await office.request()).holder == other.id
    await steering.give(request.id, office.marc.id, first.id, WHY)
    assert (await office.request()).holder == first.id
    with pytest.raises(StateForbids):
        await steering.give(request.id, office.marc.id, first.id, WHY)
    with pytest.raises(NotAssignable):
        await steering.give(request.id, office.marc.id, office.claire.id, WHY)
    async with office.house.db.snapshot() as tx:
        states = [attempt.state for attempt in await office.service.dispatch.list_attempts(tx, request.id)]
        record = await office.service.dispatch.list_record(tx, request.id)
    assert states == [AttemptState.WITHDRAWN, AttemptState.WITHDRAWN, AttemptState.OFFERED]
    assert [one.decision.choice for one in record] == [Choice.ROTATION, Choice.BY_HAND, Choice.BY_HAND]


async def test_moved_it_is_the_other_pools(office: Office) -> None:
    request = await offered(office)
    pools = office.service.parts.pools
    other = await pools.create("plaies", sheet_of(office.pool, Policy()))
    await pools.put_member(other, office.claire.id, Terms(), office.marc.id)
    await office.service.steering.move(request.id, office.marc.id, other, SteerReason.MISROUTED)
    await office.run_jobs()
    moved = await office.request()
    assert (moved.holder, moved.require_sent().pool_id) == (office.claire.id, other)
    assert moved.require_sent().deadline_at == request.require_sent().deadline_at
    assert await office.dead_jobs() == []
    with pytest.raises(StateForbids):
        await office.service.steering.move(request.id, office.marc.id, other, WHY)


async def test_for_anybody_else_there_is_no_such_request(office: Office) -> None:
    request = await offered(office)
    steering, claire = office.service.steering, office.claire.id
    acts: list[Callable[[RequestId], Awaitable[None]]] = [
        lambda id_: steering.take_back(id_, claire, WHY),
        lambda id_: steering.give(id_, claire, office.karim.id, WHY),
        lambda id_: steering.move(id_, claire, office.pool.id, WHY),
    ]
    for act in acts:
        with pytest.raises(RequestUnknown):
            await act(request.id)
