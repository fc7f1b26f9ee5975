"""Group commit: what is acknowledged is stored, what fails delays nobody."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.errors import MissError
from miss.base.ids import ConversationId, MessageId
from miss.chat.delivery import store
from miss.chat.delivery.model import Deposit, Placed, Stored, read_deposit
from miss.chat.delivery.service import Delivered, Delivery
from miss.protocol.crypto.envelopes import hash_envelope
from miss.protocol.crypto.receipts import log_next, log_start, parse_receipt
from miss.protocol.errors import BadEnvelope
from miss.protocol.wire.frames import Ack, Err, Msg, Send
from miss.storage import Database
from tests.miss.chat.kit import EACH_DATABASE, Place, Process
from tests.miss.chat.world import World


async def deliver(delivery: Delivery, deposits: Sequence[Deposit]) -> list[Delivered | MissError]:
    """Submit together; every answer, in order."""
    loop = asyncio.get_running_loop()
    answers = [loop.create_future() for _ in deposits]
    for deposit, answer in zip(deposits, answers, strict=True):
        delivery.submit(deposit, answer.set_result)
    return list(await asyncio.wait_for(asyncio.gather(*answers), 5))


async def deposit_of(process: Process, world: World, words: str) -> Deposit:
    device = await process.chat.devices.device_of(world.anne.token(process))
    mid, cid, env = world.team.write(world.anne, words)
    return read_deposit(device, Send(1, mid, cid, env))


async def rows(db: Database) -> int:
    async with db.snapshot() as tx:
        return int((await (await tx.connection()).execute(text("SELECT count(*) FROM chat_message"))).scalar_one())


async def refuse_envelope(db: Database, mid: MessageId) -> None:
    """Have the database refuse one envelope, as a row it cannot store would be."""
    trigger = (
        f"CREATE TRIGGER poison BEFORE INSERT ON chat_message WHEN NEW.mid = X'{mid.hex()}' "
        "BEGIN SELECT RAISE(ABORT, 'poison'); END"
        if db.is_sqlite
        else f"ALTER TABLE chat_message ADD CONSTRAINT poison CHECK (mid <> '\\x{mid.hex()}'::bytea)"
    )
    async with db.engine.begin() as connection:
        await connection.execute(text(trigger))


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_envelopes_that_wait_together_share_a_transaction(process: Process, world: World, db: Database) -> None:
    deposits = [await deposit_of(process, world, f"Message {number}") for number in range(20)]
    answers = await deliver(process.chat.desk.delivery, deposits)
    log = log_start(world.team.cid)
    for number, (deposit, answer) in enumerate(zip(deposits, answers, strict=True), 1):
        assert isinstance(answer, Delivered)
        assert answer.seq == number
        log = log_next(log, deposit.env_hash, number)
        leaf = parse_receipt(answer.receipt).leaf
        assert (leaf.seq, leaf.env_hash, leaf.log) == (number, deposit.env_hash, log)
    assert await rows(db) == 20
    assert process.figure("miss_chat_batch_envelopes_count") == 1
    assert process.figure("miss_chat_batch_envelopes_sum") == 20
    # The next batch goes on where this one ended.
    [after] = await deliver(process.chat.desk.delivery, [await deposit_of(process, world, "Encore")])
    assert isinstance(after, Delivered)
    assert after.seq == 21


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_the_same_message_again_gets_the_same_place(process: Process, world: World, db: Database) -> None:
    mid, cid, env = world.team.write(world.anne, "Une fois")
    async with world.anne.connected(process) as anne, world.paul.connected(process) as paul:
        first = await anne.send(mid, cid, env)
        again = await anne.send(mid, cid, env)
        assert isinstance(first, Ack)
        assert isinstance(again, Ack)
        assert (again.seq, again.ts, again.dup) == (first.seq, first.ts, True)
        assert parse_receipt(again.receipt).leaf == parse_receipt(first.receipt).leaf
        await paul.next(Msg)
        assert await paul.settle() == []
    assert await rows(db) == 1


async def test_other_bytes_under_the_same_identifier_are_a_conflict(process: Process, world: World) -> None:
    body = world.team.body("Chiffré deux fois")
    first, second = world.team.seal(world.anne, body), world.team.seal(world.anne, body)
    async with world.anne.connected(process) as anne:
        await anne.send(body.mid, world.team.cid, first)
        conflict = await anne.send(body.mid, world.team.cid, second)
    assert isinstance(conflict, Err)
    assert (conflict.code, conflict.seq, conflict.env_hash) == ("conflict", 1, hash_envelope(first))


@pytest.mark.parametrize("db", EACH_DATABASE, indirect=True)
async def test_one_envelope_the_database_refuses_delays_nobody(process: Process, world: World, db: Database) -> None:
    deposits = [await deposit_of(process, world, f"Message {number}") for number in range(8)]
    await refuse_envelope(db, deposits[5].mid)
    answers = await deliver(process.chat.desk.delivery, deposits)
    poisoned = answers.pop(5)
    assert isinstance(poisoned, MissError)
    assert poisoned.code == "internal"
    assert [answer.seq for answer in answers if isinstance(answer, Delivered)] == list(range(1, 8))
    assert await rows(db) == 7


@pytest.mark.parametrize("db", ["postgresql"], indirect=True)
async def test_what_another_process_stores_while_a_flush_waits_for_it_is_found(
    process: Process, world: World, db: Database, clock: MovableClock
) -> None:
    delivery = process.chat.desk.delivery
    await deliver(delivery, [await deposit_of(process, world, "Avant")])
    deposit = await deposit_of(process, world, "Envoyé deux fois")
    async with db.hot_transaction() as tx:
        log = (await store.look_up(tx, [deposit])).states[world.team.cid].log
        waiting = asyncio.create_task(deliver(delivery, [deposit]))
        while not await asyncio.create_task(is_somebody_waiting(db)):
            assert not waiting.done()
        place = Stored(deposit.cid, 2, deposit.env_hash, log_next(log, deposit.env_hash, 2), 1)
        await store.append(tx, [Placed(deposit, place, dup=False)], origin=bytes(16), notices=(), at=clock.now())
    (answer,) = await waiting
    assert isinstance(answer, Delivered)
    assert (answer.seq, answer.dup) == (2, True)
    assert await rows(db) == 2


async def is_somebody_waiting(db: Database) -> bool:
    async with db.snapshot() as tx:
        query = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool((await (await tx.connection()).execute(query)).scalar_one())


async def test_a_commit_that_fails_acknowledges_nothing_and_tells_nobody(
    process: Process, world: World, db: Database
) -> None:
    # A disk that is full: the pages there are, and not one more.
    async with db.engine.connect() as connection:
        pages = (await connection.execute(text("PRAGMA page_count"))).scalar_one()
        await connection.execute(text(f"PRAGMA max_page_count = {pages}"))
    big = "é" * 20_000
    async with world.anne.connected(process) as anne, world.paul.connected(process) as paul:
        mid, cid, env = world.team.write(world.anne, big)
        err = await anne.send(mid, cid, env)
        assert isinstance(err, Err)
        assert err.code == "database_unreachable"
        assert err.retry_after_s is not None
        assert await rows(db) == 0
        assert await paul.settle() == []
        # There is room again: the same message goes through, once.
        async with db.engine.connect() as connection:
            await connection.execute(text("PRAGMA max_page_count = 1000000"))
        ack = await anne.send(mid, cid, env)
        assert isinstance(ack, Ack)
        assert not ack.dup
        assert (await paul.next(Msg)).env == env


async def test_what_waits_is_stored_before_the_end(process: Process, world: World, db: Database) -> None:
    delivery = process.chat.desk.delivery
    deposits = [await deposit_of(process, world, f"Message {number}") for number in range(3)]
    answers: list[Delivered | MissError] = []
    for deposit in deposits:
        delivery.submit(deposit, answers.append)
    await delivery.close()
    assert [type(answer) for answer in answers] == [Delivered] * 3
    assert await rows(db) == 3
    delivery.submit(deposits[0], answers.append)
    assert getattr(answers[-1], "code", "") == "delivery_busy"


async def test_an_envelope_that_names_another_sender_or_place_is_refused(process: Process, world: World) -> None:
    device = await process.chat.devices.device_of(world.paul.token(process))
    mid, cid, env = world.team.write(world.anne, "Pas de Paul")
    with pytest.raises(BadEnvelope):
        read_deposit(device, Send(1, mid, cid, env))
    own = world.team.seal(world.paul, world.team.body("De Paul"))
    with pytest.raises(BadEnvelope):
        read_deposit(device, Send(1, mid, ConversationId(bytes(32)), own))
    async with world.paul.connected(process) as paul:
        err = await paul.send(mid, cid, env)
        assert isinstance(err, Err)
        assert err.code == "bad_envelope"


async def test_a_stranger_and_an_unknown_conversation_get_the_same_answer(process: Process, world: World) -> None:
    async with world.hugo.connected(process) as hugo:
        mid, cid, env = world.team.write(world.hugo, "Intrus")
        refused = await hugo.send(mid, cid, env)
        assert isinstance(refused, Err)
        assert refused.code == "not_found"


async def test_a_message_under_the_old_epoch_is_told_the_current_one(
    process: Process, world: World, place: Place
) -> None:
    old = world.team.write(world.anne, "Époque 1")
    await world.team.change(world.anne, world.paul, world.karim)
    async with world.anne.connected(process) as anne:
        stale = await anne.send(*old)
        assert isinstance(stale, Err)
        assert (stale.code, stale.epoch) == ("stale_epoch", 2)
        assert isinstance(await anne.send(*world.team.write(world.anne, "Époque 2")), Ack)


async def test_a_changed_user_key_wants_a_commit_before_the_next_message(
    process: Process, world: World, place: Place
) -> None:
    tablet = await world.paul.second_device(process, place)
    async with world.anne.connected(process) as anne:
        # A new device needs no new epoch (protocol §4) …
        assert isinstance(await anne.send(*world.team.write(world.anne, "Un")), Ack)
        # … a device less does.
        await world.paul.revoke(process, place, tablet.did)
        stale = await anne.send(*world.team.write(world.anne, "Deux"))
        assert isinstance(stale, Err)
        assert (stale.code, stale.epoch) == ("stale_epoch", 1)
        await world.team.change(world.anne, world.paul, world.karim)
        assert isinstance(await anne.send(*world.team.write(world.anne, "Trois")), Ack)
