"""A pool's board, from requests that went through the service."""

from datetime import timedelta

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import PoolId
from teleexpertise.board.errors import BoardUnknown
from teleexpertise.dispatch import DeclineReason
from tests.teleexpertise.office import Office


async def test_the_board_of_a_pool_is_its_coordinators(office: Office, clock: MovableClock) -> None:
    await office.deliver(office.letter())
    first = await office.request()
    assert first.holder is not None
    clock.advance(timedelta(hours=1))
    await office.service.requests.decline(first.id, first.holder, DeclineReason.EMERGENCY)
    await office.run_jobs()
    clock.advance(timedelta(hours=5))

    board = await office.service.board.of(office.pool.id, office.marc.id)
    seven, _ = board.figures.windows
    by_expert = {line.expert: line for line in seven.experts}
    second = (await office.request()).holder
    assert second not in {None, first.holder}
    assert {board.people[expert].id for expert in by_expert} == {office.anne.id, office.karim.id}
    assert by_expert[first.holder].declined == 1
    assert [line.turns for line in seven.experts] == [1, 1], "an emergency is no refund"
    assert seven.reasons == {DeclineReason.EMERGENCY: 1}
    assert (seven.gap, seven.jain) == (0, 1)
    assert board.figures.ages == (0, 1, 0, 0)
    assert timedelta(hours=1) <= seven.longest_idle < timedelta(hours=1, minutes=1), "the second waited for their turn"
    for pool_id, reader in ((office.pool.id, office.anne.id), (PoolId("none"), office.marc.id)):
        with pytest.raises(BoardUnknown):
            await office.service.board.of(pool_id, reader)
