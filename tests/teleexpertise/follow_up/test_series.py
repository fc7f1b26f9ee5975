"""Requests tied to one another, and who sees what of them."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from miss.base.clock import MovableClock
from miss.directory.audit import Subject
from teleexpertise.dispatch import DeclineReason
from teleexpertise.requests.errors import NotRequester, RequestUnknown, StateForbids
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State
from tests.teleexpertise.follow_up.answering import answer, answered
from tests.teleexpertise.office import ANSWERS, END, HEADER, Office


async def followed(office: Office, clock: MovableClock) -> tuple[ExpertiseRequest, ExpertiseRequest]:
    """An answered request, and its follow-up, assigned a fortnight later."""
    first = await answered(office)
    clock.advance(timedelta(days=14))
    unfinished = ANSWERS.replace("d.alerte : non\n", "").replace("d.diametre : 7", "d.diametre : 5")
    await office.deliver(office.letter(2, text=HEADER + unfinished + END))
    draft = (await office.requests())[-1]
    assert draft.state is State.DRAFT
    await office.service.follow_up.link(draft.id, first.id, office.paul.id)
    await office.service.follow_up.link(draft.id, first.id, office.paul.id)
    completion = replace(
        office.letter(3, text="d.alerte : non\n", files=()), in_reply_to="<demande-2@medecin.mssante.example>"
    )
    await office.deliver(completion)
    return first, (await office.requests())[-1]


async def test_the_follow_up_goes_to_who_answered_first_whoevers_turn_it_is(
    office: Office, clock: MovableClock
) -> None:
    first, second = await followed(office, clock)
    assert second.state is State.ASSIGNED
    assert second.holder == first.holder
    assert (second.follows, second.continuity) == (first.id, first.holder)
    begun = await office.service.reading.view(first.number, office.paul.id)
    assert [fact.kind for fact in begun.timeline].count(FactKind.FOLLOW_UP_STARTED) == 1, "linked twice is linked once"


async def test_requester_and_holder_see_the_series_and_its_measures(office: Office, clock: MovableClock) -> None:
    first, second = await followed(office, clock)
    assert second.holder is not None
    for reader in (office.paul.id, second.holder):
        series = await office.service.series.view(second.number, reader)
        assert [step.request.number for step in series.steps] == [first.number, second.number]
        [wide, close] = series.photo_items()
        assert (wide.link_id, close.link_id) == ("d.photo.large", "d.photo.proche")
        [measure] = series.measures()
        assert measure.values == (Decimal("0.7"), Decimal("0.5"))
        [ref] = series.steps[0].photos("d.photo.large")
        _, content = await office.service.series.file(second.number, reader, first.number, ref.ref)
        assert content.startswith(b"\xff\xd8")
    assert [step.request.number for step in (await office.service.series.view(first.number, office.paul.id)).steps] == [
        first.number,
        second.number,
    ]


async def test_a_colleague_who_gets_the_follow_up_sees_the_earlier_photographs_and_the_log_says_so(
    office: Office, clock: MovableClock
) -> None:
    first, second = await followed(office, clock)
    assert second.holder is not None
    await office.service.requests.accept(second.id, second.holder)
    await office.service.requests.decline(second.id, second.holder, DeclineReason.SCOPE)
    second = (await office.requests())[-1]
    assert second.holder not in {None, first.holder}
    assert second.holder is not None
    with pytest.raises(RequestUnknown):
        await office.service.reading.view(first.number, second.holder)
    series = await office.service.series.view(second.number, second.holder)
    assert [step.request.number for step in series.steps] == [first.number, second.number]
    entries = (await office.house.audit.list_about([Subject("request", first.id)])).entries
    assert any(entry.fact and f"series {second.number}" in entry.fact.detail for entry in entries)


async def test_nobody_else_reads_a_series(office: Office, clock: MovableClock) -> None:
    first, second = await followed(office, clock)
    assert second.holder is not None
    series = office.service.series
    for outsider in (office.marc.id, office.claire.id):
        with pytest.raises(RequestUnknown):
            await series.view(second.number, outsider)
    with pytest.raises(RequestUnknown):
        await series.file(second.number, second.holder, first.number, "unknown-ref")
    other = office.karim.id if first.holder == office.anne.id else office.anne.id
    with pytest.raises(RequestUnknown):
        await series.view(second.number, other)


async def test_only_one_s_own_answered_request_is_followed_up(office: Office, clock: MovableClock) -> None:
    first, second = await followed(office, clock)
    link = office.service.follow_up.link
    with pytest.raises(NotRequester):
        await link(second.id, first.id, office.claire.id)
    await answer(office, second)
    with pytest.raises(StateForbids):
        await link(first.id, second.id, office.paul.id)
