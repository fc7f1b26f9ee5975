"""Critical results: raised with the message, acknowledged by a signed word, escalated when nobody does."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from miss.base.clock import to_ms
from miss.base.ids import AccountId
from miss.broker import Broker, MemoryBroker
from miss.chat.alarms.model import Place as At
from miss.chat.alarms.model import Wakeup, WakeupKind
from miss.chat.alarms.service import ESCALATE_JOB
from miss.protocol.crypto.acknowledgements import parse_acknowledgement, verify_acknowledgement
from miss.protocol.wire.frames import Ack, AlarmChanged, AlarmState, Err, Msg
from miss.storage import Database, Transaction
from miss.storage.jobs import Job
from tests.miss.chat.acts import acknowledge, acknowledgement, alarm, handler, runner, say, say_many, sealed_alarm
from tests.miss.chat.kit import EACH_DATABASE, Member, Place, Process, Refused, get, post, running
from tests.miss.chat.world import World

TEN_MINUTES = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)


class Called:
    """Who was called by other means; each call is part of the transaction, as a queued mail is."""

    def __init__(self) -> None:
        self.calls: list[tuple[AccountId, Wakeup]] = []
        self.without_mailbox: set[AccountId] = set()
        self.fails = False

    async def __call__(self, tx: Transaction, uid: AccountId, wakeup: Wakeup) -> bool:
        if self.fails:
            raise OSError("the key store is away")
        if uid in self.without_mailbox:
            return False
        self.calls.append((uid, wakeup))
        return True


@pytest.fixture
def called() -> Called:
    return Called()


@pytest.fixture
async def process(place: Place, memory_broker: MemoryBroker, called: Called) -> AsyncIterator[Process]:
    """One process that can call people."""
    async with running(place, memory_broker, notify=called) as one:
        yield one


async def listed(process: Process, world: World, by: Member) -> list[list[Any]]:
    path = f"conversations/{world.team.cid.hex()}/alarms"
    return list((await get(process, path, by.token(process)))["alarms"])


async def raised(process: Process, world: World, *next_uids: AccountId) -> tuple[int, bytes]:
    """An alarm of Anne's that nobody has acknowledged; its place and envelope."""
    async with world.anne.connected(process) as anne:
        ack, env = await alarm(anne, world, world.anne, TEN_MINUTES, *next_uids)
    assert isinstance(ack, Ack)
    return ack.seq, env


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_an_alarm_is_raised_with_its_message(process: Process, world: World, db: Database) -> None:
    async with world.paul.connected(process) as paul:
        seq, env = await raised(process, world, world.karim.uid)
        assert (await paul.next(Msg)).env == env
        # The header said it: no frame of its own.
        assert [each for each in await paul.settle() if isinstance(each, AlarmChanged)] == []
    [[listed_seq, state, uid, ack_by, ack, steps]] = await listed(process, world, world.paul)
    assert (listed_seq, state, uid, ack, steps) == (seq, AlarmState.WAITING, None, None, [])
    assert abs(ack_by - to_ms(world.place.clock.now() + TEN_MINUTES)) < 5_000


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_an_acknowledgement_ends_it_and_is_shown_to_all(process: Process, world: World, db: Database) -> None:
    seq, env = await raised(process, world, world.karim.uid)
    async with world.anne.connected(process) as anne, world.karim.connected(process) as karim:
        await acknowledge(process, world, world.paul, seq, env)
        for wire in (anne, karim):
            shown = [await wire.next(AlarmChanged), await wire.next(AlarmChanged)]
            # First what waited when they connected, then how it ended.
            assert shown[0] == AlarmChanged(world.team.cid, seq, AlarmState.WAITING)
            assert (shown[1].state, shown[1].uid) == (AlarmState.ACKNOWLEDGED, world.paul.uid)
            assert shown[1].ack is not None
            verify_acknowledgement(parse_acknowledgement(shown[1].ack), world.team.chains[world.paul.uid])
    world.place.clock.advance(TEN_MINUTES + MINUTE)
    assert await runner(process, world, ESCALATE_JOB).run_due() == 0
    async with world.karim.connected(process) as karim:
        assert [each for each in await karim.settle() if isinstance(each, AlarmChanged)] == []


async def test_the_first_acknowledgement_stands(process: Process, world: World) -> None:
    seq, env = await raised(process, world)
    await acknowledge(process, world, world.paul, seq, env)
    await acknowledge(process, world, world.paul, seq, env)
    await acknowledge(process, world, world.karim, seq, env)
    [[_, state, uid, _, ack, _]] = await listed(process, world, world.anne)
    assert (state, uid) == (AlarmState.ACKNOWLEDGED, world.paul.uid)
    assert parse_acknowledgement(ack).uid == world.paul.uid


async def test_who_may_acknowledge_what(process: Process, world: World) -> None:
    seq, env = await raised(process, world)
    async with world.anne.connected(process) as anne:
        plain, plain_env = await say(anne, world.team, world.anne, "Rien d'urgent")
    base = f"conversations/{world.team.cid.hex()}/alarms"

    async def refused(by: Member, place: int, data: bytes) -> str:
        with pytest.raises(Refused) as error:
            await post(process, f"{base}/{place}/acknowledgement", {"acknowledgement": data}, by.token(process))
        return str(error.value.code)

    assert await refused(world.anne, seq, acknowledgement(world, world.anne, seq, env)) == "alarm_own"
    assert await refused(world.hugo, seq, acknowledgement(world, world.hugo, seq, env)) == "not_found"
    assert await refused(world.paul, plain.seq, acknowledgement(world, world.paul, plain.seq, plain_env)) == "not_found"
    assert await refused(world.paul, seq, acknowledgement(world, world.paul, seq, plain_env)) == (
        "acknowledgement_mismatch"
    )
    # Somebody else's word, and one about another place.
    assert await refused(world.paul, seq, acknowledgement(world, world.karim, seq, env)) == "acknowledgement_forged"
    assert await refused(world.paul, seq, acknowledgement(world, world.paul, 2, env)) == "acknowledgement_forged"
    right = acknowledgement(world, world.paul, seq, env)
    assert await refused(world.paul, seq, right[:-1] + bytes([right[-1] ^ 1])) == "acknowledgement_forged"
    assert await refused(world.paul, seq, b"\xc0") == "bad_acknowledgement"
    # A member who has left answers for nothing any more.
    await world.team.change(world.anne, world.karim)
    assert await refused(world.paul, seq, right) == "not_found"
    [[_, state, *_]] = await listed(process, world, world.karim)
    assert state == AlarmState.WAITING


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_unanswered_it_goes_to_the_next_and_at_the_end_to_its_author(
    process: Process, world: World, db: Database, called: Called
) -> None:
    called.without_mailbox = {world.karim.uid}
    seq, env = await raised(process, world, world.karim.uid, world.paul.uid)
    clock, jobs = world.place.clock, runner(process, world, ESCALATE_JOB)
    async with world.anne.connected(process) as anne, world.karim.connected(process) as karim:
        for wire in (anne, karim):
            assert (await wire.next(AlarmChanged)).state is AlarmState.WAITING
        clock.advance(TEN_MINUTES - MINUTE)
        assert await jobs.run_due() == 0
        clock.advance(MINUTE)
        assert await jobs.run_due() == 1
        for wire in (anne, karim):
            assert await wire.next(AlarmChanged) == AlarmChanged(
                world.team.cid, seq, AlarmState.ESCALATED, world.karim.uid
            )
        clock.advance(TEN_MINUTES)
        assert await jobs.run_due() == 1
        assert (await karim.next(AlarmChanged)).uid == world.paul.uid
        # Whoever connects now is told how it stands.
        async with world.paul.connected(process) as paul:
            assert await paul.next(AlarmChanged) == AlarmChanged(
                world.team.cid, seq, AlarmState.ESCALATED, world.paul.uid
            )
        clock.advance(TEN_MINUTES)
        assert await jobs.run_due() == 1
        states = [(await anne.next(AlarmChanged)).state for _ in range(2)]
        assert states == [AlarmState.ESCALATED, AlarmState.EXHAUSTED]
    clock.advance(timedelta(days=1))
    assert await jobs.run_due() == 0
    [[_, state, uid, _, _, steps]] = await listed(process, world, world.anne)
    assert (state, uid) == (AlarmState.EXHAUSTED, None)
    assert [(step[0], step[2]) for step in steps] == [
        (world.karim.uid, False),
        (world.paul.uid, True),
        (world.anne.uid, True),
    ]
    assert [(who, wakeup.kind) for who, wakeup in called.calls] == [
        (world.paul.uid, WakeupKind.ALARM_ASKED),
        (world.anne.uid, WakeupKind.ALARM_EXHAUSTED),
    ]
    # Better late than never.
    await acknowledge(process, world, world.karim, seq, env)
    [[_, state, *_]] = await listed(process, world, world.anne)
    assert state == AlarmState.ACKNOWLEDGED


async def test_who_has_left_meanwhile_is_not_asked(process: Process, world: World, called: Called) -> None:
    await raised(process, world, world.karim.uid, world.paul.uid)
    await world.team.change(world.anne, world.paul)
    world.place.clock.advance(TEN_MINUTES)
    await runner(process, world, ESCALATE_JOB).run_due()
    assert [who for who, _ in called.calls] == [world.paul.uid]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_job_that_died_after_its_step_asks_nobody_twice(
    process: Process, world: World, db: Database, called: Called
) -> None:
    seq, _ = await raised(process, world, world.karim.uid, world.paul.uid)
    job = Job("id", ESCALATE_JOB, At(world.team.cid, seq).key, {}, world.place.clock.now(), 0)
    run = handler(process, ESCALATE_JOB).run
    world.place.clock.advance(TEN_MINUTES)
    await run(job)
    # The process died before it struck the job off: another one takes it up, a moment later and much later.
    await run(job)
    world.place.clock.advance(TEN_MINUTES - MINUTE)
    await run(job)
    assert [who for who, _ in called.calls] == [world.karim.uid]
    world.place.clock.advance(MINUTE)
    # The next step was planned by what it did.
    assert await runner(process, world, ESCALATE_JOB).run_due() == 1
    assert [who for who, _ in called.calls] == [world.karim.uid, world.paul.uid]


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_a_step_that_cannot_be_written_whole_is_not_taken_at_all(
    process: Process, world: World, db: Database, called: Called
) -> None:
    await raised(process, world, world.karim.uid)
    clock, jobs = world.place.clock, runner(process, world, ESCALATE_JOB)
    clock.advance(TEN_MINUTES)
    called.fails = True
    assert await jobs.run_due() == 1
    [[_, state, _, _, _, steps]] = await listed(process, world, world.anne)
    assert (state, steps) == (AlarmState.WAITING, [])
    called.fails = False
    clock.advance(MINUTE)
    assert await jobs.run_due() == 1
    [[_, state, uid, ack_by, _, steps]] = await listed(process, world, world.anne)
    assert (state, uid, len(steps)) == (AlarmState.ESCALATED, world.karim.uid, 1)
    # Karim has the whole delay, from the moment he was asked.
    assert abs(ack_by - to_ms(clock.now() + TEN_MINUTES)) < 5_000


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_of_a_job_and_an_acknowledgement_at_once_one_comes_first(
    process: Process, world: World, db: Database, called: Called
) -> None:
    run = handler(process, ESCALATE_JOB).run
    for number in range(8):
        seq, env = await raised(process, world, world.karim.uid)
        job = Job("id", ESCALATE_JOB, At(world.team.cid, seq).key, {}, world.place.clock.now(), 0)
        world.place.clock.advance(TEN_MINUTES)
        called.calls.clear()
        both = [run(job), acknowledge(process, world, world.paul, seq, env)]
        await asyncio.gather(*(both if number % 2 else reversed(both)))
        [[_, state, uid, _, _, steps], *_] = await listed(process, world, world.anne)
        assert (state, uid) == (AlarmState.ACKNOWLEDGED, world.paul.uid)
        assert len(steps) == len(called.calls) <= 1
        # Nobody is asked after that.
        world.place.clock.advance(TEN_MINUTES)
        assert await runner(process, world, ESCALATE_JOB).run_due() == 0


async def test_a_job_that_comes_after_the_acknowledgement_does_nothing(
    process: Process, world: World, called: Called
) -> None:
    seq, env = await raised(process, world, world.karim.uid)
    job = Job("id", ESCALATE_JOB, At(world.team.cid, seq).key, {}, world.place.clock.now(), 0)
    world.place.clock.advance(TEN_MINUTES)
    # It was taken by the runner, and the acknowledgement came first.
    await acknowledge(process, world, world.paul, seq, env)
    await handler(process, ESCALATE_JOB).run(job)
    [[_, state, uid, _, _, steps]] = await listed(process, world, world.anne)
    assert (state, uid, steps, called.calls) == (AlarmState.ACKNOWLEDGED, world.paul.uid, [], [])


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_an_alarm_that_cannot_be_kept_is_refused_with_its_message(
    process: Process, world: World, db: Database
) -> None:
    async with world.anne.connected(process) as anne:
        for delay, named, code in (
            (TEN_MINUTES, (world.hugo.uid,), "alarm_not_member"),
            (TEN_MINUTES, (world.anne.uid,), "alarm_not_member"),
            (TEN_MINUTES, (world.paul.uid, world.paul.uid), "alarm_not_member"),
            (timedelta(seconds=-1), (world.paul.uid,), "alarm_time_refused"),
            (timedelta(days=7, minutes=1), (world.paul.uid,), "alarm_time_refused"),
        ):
            refused, _ = await alarm(anne, world, world.anne, delay, *named)
            assert isinstance(refused, Err)
            assert refused.code == code
        ack, _ = await alarm(anne, world, world.anne, timedelta(days=6, hours=23))
        assert isinstance(ack, Ack)
        assert ack.seq == 1


async def test_the_same_message_again_raises_no_second_alarm(process: Process, world: World) -> None:
    body = world.team.body("Kaliémie 7,1 mmol/L")
    env = sealed_alarm(world, world.anne, body, TEN_MINUTES)
    async with world.anne.connected(process) as anne:
        first = await anne.send(body.mid, world.team.cid, env)
        assert isinstance(first, Ack)
        await acknowledge(process, world, world.paul, first.seq, env)
        again = await anne.send(body.mid, world.team.cid, env)
        assert isinstance(again, Ack)
        assert again.dup
    [[seq, state, *_]] = await listed(process, world, world.anne)
    assert (seq, state) == (first.seq, AlarmState.ACKNOWLEDGED)


async def test_a_message_without_alarm_costs_no_statement_more(process: Process, world: World, db: Database) -> None:
    statements: list[str] = []
    event.listen(db.engine.sync_engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    await say_many(process, world, 50)
    assert len(statements) < 60
    assert not [statement for statement in statements if "alarm" in statement or " job" in statement]


async def test_an_escalation_reaches_members_on_another_process(
    world: World, place: Place, broker: Broker, called: Called
) -> None:
    async with running(place, broker, notify=called) as here, running(place, broker) as there:
        seq, env = await raised(here, world, world.karim.uid)
        async with world.karim.connected(there) as karim:
            assert (await karim.next(AlarmChanged)).state is AlarmState.WAITING
            place.clock.advance(TEN_MINUTES)
            await runner(here, world, ESCALATE_JOB).run_due()
            assert (await karim.next(AlarmChanged)).uid == world.karim.uid
            await acknowledge(here, world, world.paul, seq, env)
            assert (await karim.next(AlarmChanged)).state is AlarmState.ACKNOWLEDGED


async def test_only_members_list_alarms_and_only_what_they_may_read(process: Process, world: World) -> None:
    seq, _ = await raised(process, world)
    with pytest.raises(Refused) as refused:
        await listed(process, world, world.hugo)
    assert refused.value.code == "not_found"
    await world.team.change(world.anne, world.paul, world.hugo)
    assert await listed(process, world, world.hugo) == []
    assert [line[0] for line in await listed(process, world, world.karim)] == [seq]
