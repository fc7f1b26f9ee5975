"""Where a request goes, whom it asks first, who helps.  The office works on Friday 20 November 2026."""

from dataclasses import replace
from datetime import date, timedelta

from miss.base.clock import MovableClock
from miss.base.ids import PoolId
from teleexpertise.availability import Leave
from teleexpertise.dispatch import Choice, DeclineReason, Exclusion, Terms
from teleexpertise.dispatch.conflicts import ConflictReason
from teleexpertise.dispatch.policies import Policy, Requirement
from teleexpertise.dispatch.pools.model import sheet_of
from teleexpertise.requests import moves, store
from teleexpertise.requests.model import ExpertiseRequest, FactKind, State
from tests.teleexpertise.office import ANSWERS, END, HEADER, Office, text_of

AWAY = Leave(date(2026, 11, 1), date(2028, 12, 31))
NAMING = HEADER + "Expert souhaité : Dr ESSAI\n" + ANSWERS + END


async def another_pool(office: Office, *members: str, policy: Policy | None = None) -> PoolId:
    """One more pool of dermatologists, run by Claire."""
    sheet = sheet_of(office.pool, policy or Policy())
    pools = office.service.parts.pools
    pool_id = await pools.create("dermatologie", replace(sheet, name="Secours", coordinator_id=office.claire.id))
    for name in members:
        await pools.put_member(pool_id, getattr(office, name).id, Terms(), office.claire.id)
    return pool_id


async def set_policy(office: Office, policy: Policy) -> None:
    """What the office's own pool says."""
    await office.service.parts.pools.change(office.pool.id, sheet_of(office.pool, policy), office.marc.id)


async def kinds(office: Office, request: ExpertiseRequest) -> list[FactKind]:
    async with office.house.db.snapshot() as tx:
        return [fact.kind for fact in await store.list_facts(tx, request.id)]


async def choice(office: Office) -> tuple[str, Choice | None]:
    """Who was chosen last, and why."""
    request = await office.request()
    async with office.house.db.snapshot() as tx:
        record = await office.service.dispatch.list_record(tx, request.id)
    return str(record[-1].decision.chosen), record[-1].decision.choice


async def answer(office: Office, request: ExpertiseRequest) -> None:
    """Whoever holds it answers: nothing else of it matters here."""
    async with office.house.db.transaction() as tx:
        stored = await store.lock(tx, request.id)
        await store.save(tx, replace(stored.request, state=State.ANSWERED, ended_at=office.house.clock.now()))


async def test_the_named_expert_first_and_the_turn_after_a_refusal(office: Office) -> None:
    await office.deliver(office.letter(text=NAMING))
    assert await choice(office) == (office.karim.id, Choice.NAMED)
    request = await office.request()
    await office.service.requests.decline(request.id, office.karim.id, DeclineReason.SCOPE)
    assert await choice(office) == (office.anne.id, Choice.ROTATION)
    assert "que vous avez nommé" not in text_of(office.mails_to(office.paul)[0])


async def test_a_name_that_is_nobodys_goes_to_whose_turn_it_is_and_is_told(office: Office) -> None:
    await office.deliver(office.letter(text=NAMING.replace("ESSAI", "INCONNU")))
    assert (await choice(office))[1] is Choice.ROTATION
    assert "L’expert que vous avez nommé" in text_of(office.mails_to(office.paul)[0])


async def test_the_pool_of_the_named_expert_takes_the_request(office: Office) -> None:
    theirs = await another_pool(office, "claire")
    await office.deliver(office.letter(text=NAMING.replace("ESSAI", "TEMOIN")))
    request = await office.request()
    assert (request.holder, request.require_sent().pool_id) == (office.claire.id, theirs)


async def test_who_answered_about_this_patient_is_asked_again(office: Office) -> None:
    await office.deliver(office.letter(1))
    [first] = await office.requests()
    await answer(office, first)
    other = HEADER.replace("BASTIEN", "AUTRE").replace("FICTIF\n", "SPECIMEN\n").replace("185075918304224", "")
    await office.deliver(office.letter(2, text=other + ANSWERS + END))
    await office.deliver(office.letter(3))
    _, stranger, again = await office.requests()
    assert stranger.holder != first.holder, "another patient: whose turn it is"
    assert again.holder == first.holder


async def test_a_declared_conflict_sets_aside_and_is_said_to_nobody(office: Office) -> None:
    await office.service.parts.conflicts.declare(office.karim.id, office.paul.id, ConflictReason.FAMILY)
    for number in (1, 2):
        await office.deliver(office.letter(number))
    requests = await office.requests()
    assert {request.holder for request in requests} == {office.anne.id}
    async with office.house.db.snapshot() as tx:
        [record] = await office.service.dispatch.list_record(tx, requests[0].id)
    assert [one.reasons for one in record.decision.candidates if one.reasons] == [(Exclusion.CONFLICT,)]


async def test_an_answer_may_ask_for_a_competence(office: Office) -> None:
    await set_policy(office, Policy(requirements=(Requirement("onco", "d.type", "pigmentee"),)))
    pools, skilled = office.service.parts.pools, Terms(competences=frozenset({"onco"}))
    await pools.put_member(office.pool.id, office.karim.id, skilled, office.marc.id)
    for number in (1, 2):
        await office.deliver(office.letter(number))
    assert {request.holder for request in await office.requests()} == {office.karim.id}


async def test_a_fallback_pool_takes_what_nobody_can_answer_in_time(office: Office) -> None:
    empty = await another_pool(office)
    helping = await another_pool(office, "claire")
    await set_policy(office, Policy(fallbacks=(empty, helping)))
    for expert in (office.anne, office.karim):
        await office.service.availabilities.add_leave(expert.id, AWAY)
    await office.deliver(office.letter())
    request = await office.request()
    assert (request.holder, request.require_sent().pool_id) == (office.claire.id, helping)
    assert [kind for kind in await kinds(office, request) if kind is not FactKind.SUBMITTED] == [
        FactKind.NOBODY_IN_TIME,
        FactKind.FELL_BACK,
        FactKind.ASSIGNED,
    ]
    [told] = office.mails_to(office.marc)
    assert "transmise à « Secours »" in text_of(told)


async def test_of_a_referred_request_the_pool_it_lies_in_says_who_helps(office: Office) -> None:
    """Not the pool that it came from: there it does not belong."""
    helping = await another_pool(office, "claire")
    referred = await another_pool(office, policy=Policy(fallbacks=(helping,)))
    await office.deliver(office.letter())
    request, now = await office.request(), office.house.clock.now()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)
    service = office.service
    async with office.house.db.transaction() as tx:
        stored = await service.assignment.lock(tx, request.id)
        pool = await service.dispatch.get_pool(tx, referred)
        moved, fact = moves.reorient(stored.request, request.holder, DeclineReason.SCOPE, now)
        await service.dispatch.decline(tx, stored.request.attempt_id, request.holder, DeclineReason.SCOPE, now)
        await service.assignment.move_to(tx, replace(stored, request=moved), pool, fact, now)
    await office.run_jobs()
    request = await office.request()
    assert (request.holder, request.require_sent().pool_id) == (office.claire.id, helping)
    happened = await kinds(office, request)
    assert happened.index(FactKind.REORIENTED) < happened.index(FactKind.FELL_BACK)
    assert happened[-1] is FactKind.ASSIGNED


async def test_never_to_a_pool_where_it_would_only_wait_again(office: Office) -> None:
    await set_policy(office, Policy(fallbacks=(await another_pool(office),)))
    for expert in (office.anne, office.karim):
        await office.service.availabilities.add_leave(expert.id, AWAY)
    await office.deliver(office.letter())
    request = await office.request()
    assert (request.state, request.require_sent().pool_id) == (State.READY, office.pool.id)
    assert FactKind.FELL_BACK not in await kinds(office, request)


async def test_others_help_at_the_share_of_the_time_and_not_before(office: Office, clock: MovableClock) -> None:
    helping = await another_pool(office, "claire")
    await set_policy(office, Policy(fallbacks=(helping,), fallback_percent=10))
    # Back on Monday, in time for the deadline; the pool asks for a slot that is open now.
    for expert in (office.anne, office.karim):
        await office.service.availabilities.add_leave(expert.id, Leave(date(2026, 11, 1), date(2026, 11, 22)))
    sheet = sheet_of(office.pool, Policy(fallbacks=(helping,), fallback_percent=10))
    await office.service.parts.pools.change(office.pool.id, replace(sheet, open_now_only=True), office.marc.id)
    await office.deliver(office.letter())
    assert (await office.request()).state is State.READY
    clock.advance(timedelta(minutes=53))
    await office.run_jobs()
    assert (await office.request()).state is State.READY
    clock.advance(timedelta(minutes=2))
    await office.run_jobs()
    request = await office.request()
    assert request.holder == office.claire.id
    assert office.mails_to(office.marc) == [], "its deadline was not in danger"
