"""The timer rings: whom it tells, what it moves with, and that a restart loses none of it.

The office works on Friday 20 November 2026, 10:00; the letter wishes for an answer within 72 hours: Monday 10:00.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.directory.blocking import BlockReason
from miss.directory.preferences import NotificationLevel
from miss.server.house import House
from miss.storage.jobs import JobRunner
from miss.storage.jobs.tables import JobRow
from teleexpertise.dispatch import AttemptState
from teleexpertise.house import build
from teleexpertise.requests import store
from teleexpertise.requests.clarification import Word
from teleexpertise.requests.errors import StateForbids
from teleexpertise.requests.model import FactKind, State
from teleexpertise.requests.record import ASSIGN, EXPIRE, REMIND
from teleexpertise.settings import TeleexpertiseSettings
from tests.teleexpertise.office import Office, text_of
from tests.teleexpertise.requests.test_assignment import open_account

MONDAY_10H = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


async def accepted(office: Office) -> None:
    await office.deliver(office.letter())
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.accept(request.id, request.holder)


async def on_hold(office: Office, items: tuple[str, ...] = ("d.diametre",)) -> None:
    await accepted(office)
    request = await office.request()
    assert request.holder is not None
    await office.service.requests.ask(request.id, request.holder, "Combien de millimètres ?", items)
    await office.run_jobs()


async def at(office: Office, clock: MovableClock, instant: datetime) -> None:
    clock.advance_to(instant + timedelta(seconds=1))
    await office.run_jobs()


async def timers(office: Office) -> dict[str, datetime]:
    """The request's timers and when they ring."""
    request = await office.request()
    async with office.house.db.snapshot() as tx:
        rows = await tx.exec(select(JobRow).where(JobRow.key == request.id))
        return {row.kind: row.due_at for row in rows}


async def kinds(office: Office) -> list[FactKind]:
    request = await office.request()
    async with office.house.db.snapshot() as tx:
        return [fact.kind for fact in await store.list_facts(tx, request.id)]


async def test_the_holder_is_reminded_twice_and_then_coordinator_and_requester_learn_of_the_delay(
    office: Office, clock: MovableClock
) -> None:
    await accepted(office)
    request = await office.request()
    sent, expert = request.require_sent(), office.expert(request)
    assert sent.deadline_at - sent.at == timedelta(hours=72)
    before = len(office.mails_to(expert))
    for count, instant in enumerate(sent.remind_at, start=1):
        await at(office, clock, instant)
        mails = office.mails_to(expert)[before:]
        assert len(mails) == count
        assert "rappel d’échéance" in mails[-1]["Subject"]
    assert office.mails_to(office.marc) == []
    assert len(office.mails_to(office.paul)) == 1, "the acknowledgement"

    await at(office, clock, sent.deadline_at)
    [told] = office.mails_to(office.marc)
    assert expert.display_name in text_of(told)
    honest = office.mails_to(office.paul)[-1]
    assert "Ce délai n’est pas tenu" in text_of(honest)
    assert expert.display_name not in text_of(honest)
    assert honest["In-Reply-To"] == office.letter().message_id, "on the requester's own thread"

    await at(office, clock, sent.deadline_at + timedelta(days=1, minutes=1))
    assert len(office.mails_to(office.marc)) == 2, "and again while nobody moves"
    assert len(office.mails_to(office.paul)) == 2, "once is enough for the requester"
    assert (await kinds(office)).count(FactKind.REMINDED) == 3
    assert await office.dead_jobs() == []


@pytest.mark.parametrize("level", [NotificationLevel.DISCREET, NotificationLevel.NONE])
async def test_a_reminder_says_as_much_as_the_expert_lets_it(
    office: Office, clock: MovableClock, level: NotificationLevel
) -> None:
    await accepted(office)
    request = await office.request()
    expert = office.expert(request)
    account = await open_account(office, expert)
    await office.house.own.preferences.choose_level(account.uid, level)
    before = len(office.mails_to(expert))
    await at(office, clock, request.require_sent().remind_at[0])
    told = office.mails_to(expert)[before:]
    assert [request.number in text_of(mail) for mail in told] == (
        [False] if level is NotificationLevel.DISCREET else []
    )


async def test_what_nobody_holds_goes_to_the_coordinator_before_it_is_late(office: Office, clock: MovableClock) -> None:
    for expert in (office.anne, office.karim):
        account = await open_account(office, expert)
        await office.house.own.blocking.block(account, office.paul.rpps or "", BlockReason.OTHER)
    await office.deliver(office.letter())
    request = await office.request()
    assert request.state is State.READY
    half, most = request.require_sent().remind_at
    before = len(office.mails_to(office.marc))
    await at(office, clock, half)
    assert len(office.mails_to(office.marc)) == before
    await at(office, clock, most)
    assert "personne ne l’a prise" in office.mails_to(office.marc)[-1]["Subject"]


async def test_a_pause_moves_the_reminders_and_the_end_cancels_them(office: Office, clock: MovableClock) -> None:
    await accepted(office)
    request = await office.request()
    before = request.require_sent()
    assert (await timers(office))[REMIND] == before.remind_at[0]
    assert request.holder is not None
    await office.service.requests.ask(request.id, request.holder, "Depuis quand ?", [])
    held_since = (await office.request()).held_since
    assert held_since is not None
    assert (await timers(office))[REMIND] == held_since + timedelta(days=5), "three working days of silence"
    clock.advance_to(MONDAY_10H)
    await office.service.requests.add(request.id, Word(source="mot-00000001", author=office.paul.id, text="Mai."))
    after = (await office.request()).require_sent()
    assert after.deadline_at > before.deadline_at
    assert all(later > earlier for earlier, later in zip(before.remind_at, after.remind_at, strict=True))
    assert (await timers(office))[REMIND] == after.remind_at[0]
    await office.service.requests.revoke(request.id, office.paul.id)
    assert not {ASSIGN, EXPIRE, REMIND} & (await timers(office)).keys()


async def test_silence_is_reminded_then_closed_and_a_word_opens_it_again_at_the_same_expert(
    office: Office, clock: MovableClock
) -> None:
    await on_hold(office)
    request = await office.request()
    held_since, expert = request.held_since, office.expert(request)
    assert held_since is not None
    await at(office, clock, held_since + timedelta(days=5))  # three working days after a Friday
    reminder = office.mails_to(office.paul)[-1]
    assert "vos précisions sont attendues" in reminder["Subject"]
    assert "   d.diametre : " in text_of(reminder)
    assert "vendredi 04/12/2026" in text_of(reminder)
    await at(office, clock, held_since + timedelta(days=14))
    closed = await office.request()
    assert closed.state is State.CLOSED
    assert closed.holder == expert.id
    assert "est close" in text_of(office.mails_to(office.paul)[-1])
    assert "vous n’avez plus rien à faire" in text_of(office.mails_to(expert)[-1])
    assert not {ASSIGN, EXPIRE, REMIND} & (await timers(office)).keys()
    with pytest.raises(StateForbids):
        await office.service.requests.accept(request.id, expert.id)

    reply = office.letter(2, text="d.diametre : 9\nDésolé du retard.", files=(), in_reply_to=reminder["Message-ID"])
    await office.deliver(reply)
    opened = await office.request()
    assert (opened.state, opened.holder) == (State.ASSIGNED, expert.id)
    assert opened.require_sent().deadline_at > clock.now(), "what was left of the time is left"
    view = await office.service.reading.view(request.number, expert.id)
    assert view.seen is not None
    assert view.seen.notes[-1].response is not None
    assert view.seen.notes[-1].text == "Désolé du retard."
    async with office.house.db.snapshot() as tx:
        states = [attempt.state for attempt in await office.service.dispatch.list_attempts(tx, request.id)]
    assert states == [AttemptState.LAPSED, AttemptState.OFFERED]


async def test_a_month_after_it_was_closed_a_word_opens_nothing(office: Office, clock: MovableClock) -> None:
    await on_hold(office)
    request = await office.request()
    assert request.held_since is not None
    await at(office, clock, request.held_since + timedelta(days=14))
    clock.advance(timedelta(days=31))
    with pytest.raises(StateForbids):
        await office.service.requests.add(
            request.id, Word(source="mot-00000001", author=office.paul.id, text="Me voici.")
        )
    assert (await office.request()).state is State.CLOSED


async def test_a_new_house_on_the_same_database_rings_what_the_old_one_had_set(
    office: Office, house: House, clock: MovableClock, tmp_path: Path
) -> None:
    await accepted(office)
    request = await office.request()
    sent, expert = request.require_sent(), office.expert(request)
    # Nothing of the first survives but its database: the process ended here, and starts anew after the deadline.
    clock.advance_to(sent.deadline_at + timedelta(minutes=1))
    jobs = JobRunner(house.db, clock, house.random_bytes)
    for handler in (house.outbox.job_handler(), *build(house, TeleexpertiseSettings()).job_handlers()):
        jobs.register(handler)
    while await jobs.run_due():
        continue
    assert "échéance dépassée" in office.mails_to(office.marc)[-1]["Subject"]
    assert (await kinds(office)).count(FactKind.OVERDUE) == 1
    assert (await kinds(office)).count(FactKind.REMINDED) == 0, "the latest stage alone is said"
    assert len(office.mails_to(expert)) == 1
    while await jobs.run_due():
        continue
    assert len(office.mails_to(office.marc)) == 1
