"""A coordinator opens what a request says: with a reason, for an hour, and everybody concerned learns of it."""

from datetime import timedelta

import pytest

from miss.directory.audit import Subject
from teleexpertise.requests.break_glass.model import GlassReason
from teleexpertise.requests.errors import GlassReasonMissing, RequestUnknown
from teleexpertise.requests.model import ExpertiseRequest, FactKind
from tests.teleexpertise.office import ANSWERS, HEADER, Office, text_of

WHY = "L’expert est hospitalisé et le patient s’aggrave."


@pytest.fixture
async def request_(office: Office) -> ExpertiseRequest:
    await office.deliver(office.letter())
    return await office.request()


async def acts(office: Office, request: ExpertiseRequest) -> list[tuple[str, str]]:
    """What the access log says of a request, oldest first."""
    page = await office.house.audit.list_(subject=Subject("request", request.id))
    return [(entry.fact.act, entry.fact.detail) for entry in reversed(page.entries) if entry.fact]


async def test_for_an_hour_the_coordinator_reads_all_of_it(office: Office, request_: ExpertiseRequest) -> None:
    reading, marc = office.service.reading, office.marc.id
    assert (await reading.view(request_.number, marc)).seen is None
    await office.service.glass.break_(request_.id, marc, GlassReason.SAFETY, WHY)
    view = await reading.view(request_.number, marc)
    assert view.seen is not None
    file, content = await reading.file(request_.number, marc, view.seen.files[0].ref)
    assert (file.mime, content[:2]) == ("image/jpeg", b"\xff\xd8")
    office.house.clock.advance(timedelta(hours=1))  # type: ignore[attr-defined]
    assert (await reading.view(request_.number, marc)).seen is None
    with pytest.raises(RequestUnknown):
        await reading.file(request_.number, marc, view.seen.files[0].ref)
    assert [one for one in await acts(office, request_) if "read" in one[0] or "glass" in one[0]] == [
        ("request.read", "coordinator"),
        ("request.break_glass", "safety"),
        ("request.read", "break_glass"),
        ("request.read", "coordinator"),
    ]


async def test_requester_and_expert_are_told_and_see_it_on_the_timeline(
    office: Office, request_: ExpertiseRequest
) -> None:
    expert = office.expert(request_)
    for _ in range(2):
        await office.service.glass.break_(request_.id, office.marc.id, GlassReason.UNREACHABLE, WHY)
    await office.run_jobs()
    for person in (office.paul, expert):
        [mail] = [mail for mail in office.mails_to(person) if "accès exceptionnel" in mail["Subject"]]
        assert "Motif : demandeur ou expert injoignable." in " ".join(text_of(mail).split())
        assert WHY not in text_of(mail)
    view = await office.service.reading.view(request_.number, office.paul.id)
    assert [fact.actor for fact in view.timeline if fact.kind is FactKind.GLASS_BROKEN] == [office.marc.id]
    assert await office.dead_jobs() == []


async def test_only_the_coordinator_of_its_pool_may(office: Office, request_: ExpertiseRequest) -> None:
    other = office.karim if office.expert(request_) is office.anne else office.anne
    for person in (office.paul, office.expert(request_), other, office.claire):
        with pytest.raises(RequestUnknown):
            await office.service.glass.break_(request_.id, person.id, GlassReason.SAFETY, WHY)


async def test_a_draft_is_nobody_s_but_its_author_s(office: Office) -> None:
    await office.deliver(office.letter(text=HEADER + ANSWERS.replace("d.siege : Tronc\n", "")))
    draft = await office.request()
    with pytest.raises(RequestUnknown):
        await office.service.glass.break_(draft.id, office.marc.id, GlassReason.SAFETY, WHY)


@pytest.mark.parametrize("words", ["", "  \n", "x" * 501])
async def test_it_says_why(office: Office, request_: ExpertiseRequest, words: str) -> None:
    with pytest.raises(GlassReasonMissing):
        await office.service.glass.break_(request_.id, office.marc.id, GlassReason.SAFETY, words)
    assert (await office.service.reading.view(request_.number, office.marc.id)).seen is None
