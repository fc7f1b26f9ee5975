"""The queue emptied over real sockets and databases: turns, limits, relays that come back, processes that die."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import LineLimits, MailTransport, OutboundMail, Outbox, Spool
from miss.mail.outbound.errors import MailNotRevivable, MailNotWaiting, RelayAway
from miss.mail.relays import Relay, Relays, TlsPolicy
from miss.storage import Database
from miss.storage.jobs import RetryPolicy
from miss.storage.sealed import KeyStore
from tests import databases
from tests.conditions import WAIT_S
from tests.miss.mail.unruly import Unruly

SENDER = Mailbox(parse_address("miss@miss.example"))
RETRY = RetryPolicy(first_wait=timedelta(minutes=30), max_attempts=3)


def _outbox(db: Database, keystore: KeyStore, clock: MovableClock, transport: MailTransport, **limits: int) -> Outbox:
    return Outbox(db, keystore, transport, clock, system_random, retry=RETRY, limits=LineLimits(**limits))


def _relays(clock: MovableClock, port: int) -> Relays:
    relay = Relay(name="relais", host="127.0.0.1", port=port, tls=TlsPolicy.NONE, max_connections=20)
    return Relays([relay], clock, timeout_s=5.0)


async def _queue(db: Database, outbox: Outbox, domain: str, count: int = 1) -> list[str]:
    async with db.transaction() as tx:
        return [
            await outbox.enqueue(
                tx,
                OutboundMail(
                    message_id=f"<m{number}.{domain}@miss.example>",
                    sender=SENDER,
                    to=Mailbox(parse_address(f"p{number}@{domain}")),
                    subject="Avis",
                    text="Un avis vous attend.",
                ),
                about="request:1",
            )
            for number in range(count)
        ]


@asynccontextmanager
async def _relay() -> AsyncIterator[tuple[Unruly, int]]:
    relay = Unruly()
    async with relay.listening() as port:
        yield relay, port


@pytest.fixture
def db(sqlite_db: Database) -> Database:
    return sqlite_db


@pytest.fixture
async def sqlite_db(tmp_path: Path) -> AsyncIterator[Database]:
    """Locking is what the one test on PostgreSQL below is about."""
    database = Database(await databases.sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()


async def test_at_most_so_many_connections_toward_a_domain(
    db: Database, keystore: KeyStore, clock: MovableClock
) -> None:
    async with _relay() as (relay, port):
        outbox = _outbox(db, keystore, clock, _relays(clock, port), per_domain=2, total=8, mails_per_turn=3)
        for domain in ("a.example", "b.example"):
            await _queue(db, outbox, domain, 12)
        relay.crowd = 4
        relay.may_answer.clear()
        draining = asyncio.create_task(outbox.lines.drain())
        async with asyncio.timeout(WAIT_S):
            await relay.is_asked.wait()
        relay.may_answer.set()
        await draining
        assert relay.most_of_domain == {"a.example": 2, "b.example": 2}
        assert Counter(one.rcpt_tos[0] for one in relay.taken).most_common(1)[0][1] == 1, "each once"
        assert len(relay.taken) == 24
        assert relay.sessions <= 4, "sessions are kept for the next mail"
        assert await outbox.count_by_state() == {"accepted": 24}


async def test_a_small_domain_does_not_wait_for_a_large_one(
    db: Database, keystore: KeyStore, clock: MovableClock
) -> None:
    async with _relay() as (relay, port):
        outbox = _outbox(db, keystore, clock, _relays(clock, port), per_domain=1, total=1, mails_per_turn=5)
        await _queue(db, outbox, "large.example", 30)
        await _queue(db, outbox, "small.example", 1)
        await outbox.lines.drain()
    order = [one.rcpt_tos[0].partition("@")[2] for one in relay.taken]
    assert order.index("small.example") == 5


async def test_a_relay_that_was_away_for_an_hour_gets_everything_once(
    db: Database, keystore: KeyStore, clock: MovableClock
) -> None:
    relay = Unruly()
    async with relay.listening() as port:
        pass
    outbox = _outbox(db, keystore, clock, _relays(clock, port))
    await _queue(db, outbox, "a.example", 5)
    for _ in range(6):
        await outbox.lines.drain()
        clock.advance(timedelta(minutes=10))
    assert await outbox.count_by_state() == {"queued": 5}
    # Another process, and the relay is back.
    server = await asyncio.get_running_loop().create_server(relay.protocol, "127.0.0.1", port)
    again = _outbox(db, keystore, clock, _relays(clock, port))
    await again.lines.drain()
    server.close()
    ids = [message_from_bytes(one.content)["Message-ID"] for one in relay.taken]  # type: ignore[arg-type]
    assert sorted(ids) == [f"<m{number}.a.example@miss.example>" for number in range(5)]
    assert await again.count_by_state() == {"accepted": 5}


async def test_while_no_relay_answers_a_domain_is_asked_for_once(
    db: Database, keystore: KeyStore, clock: MovableClock
) -> None:
    asked = []

    class Away:
        async def send(self, sender: str, recipient: str, content: bytes, *, mail_id: str) -> str:
            asked.append(recipient)
            raise RelayAway(reason="ConnectionRefusedError")

    outbox = _outbox(db, keystore, clock, Away(), per_domain=1)
    await _queue(db, outbox, "a.example", 5)
    await outbox.lines.drain()
    await outbox.lines.drain()
    assert len(asked) == 1
    clock.advance(timedelta(seconds=16))
    await outbox.lines.drain()
    assert len(asked) == 2


async def test_a_mail_that_is_put_off_does_not_hold_up_the_others(
    db: Database, keystore: KeyStore, clock: MovableClock
) -> None:
    async with _relay() as (relay, port):
        relay.replies = ["451 4.7.1 greylisted"]
        outbox = _outbox(db, keystore, clock, _relays(clock, port), per_domain=1)
        await _queue(db, outbox, "a.example", 3)
        await outbox.lines.drain()
        assert await outbox.count_by_state() == {"accepted": 2, "queued": 1}
        clock.advance(timedelta(minutes=29))
        await outbox.lines.drain()
        assert len(relay.taken) == 2, "RFC 5321: at least thirty minutes"
        clock.advance(timedelta(minutes=1))
        await outbox.lines.drain()
        assert len(relay.taken) == 3


async def test_after_its_last_try_a_mail_has_expired_and_an_operator_may_revive_it(
    db: Database, keystore: KeyStore, clock: MovableClock
) -> None:
    async with _relay() as (relay, port):
        relay.replies = ["451 4.7.1 later"] * 3
        outbox = _outbox(db, keystore, clock, _relays(clock, port))
        [mail_id] = await _queue(db, outbox, "a.example")
        for _ in range(3):
            await outbox.lines.drain()
            clock.advance(timedelta(hours=4))
        assert await outbox.count_by_state() == {"expired": 1}
        [late] = await outbox.list_undelivered()
        assert (late.is_refused, late.reply) == (True, "451 4.7.1 later")
        await outbox.retry_now(mail_id)  # type: ignore[arg-type]
        await outbox.lines.drain()
        assert await outbox.count_by_state() == {"accepted": 1}
        with pytest.raises(MailNotRevivable):
            await outbox.retry_now(mail_id)  # type: ignore[arg-type]


async def test_a_mail_that_is_given_up_is_not_sent(
    db: Database, keystore: KeyStore, clock: MovableClock, tmp_path: Path
) -> None:
    outbox = _outbox(db, keystore, clock, Spool(tmp_path / "spool"))
    [mail_id] = await _queue(db, outbox, "a.example")
    await outbox.give_up(mail_id)  # type: ignore[arg-type]
    await outbox.lines.drain()
    assert await outbox.count_by_state() == {"withdrawn": 1}
    with pytest.raises(MailNotWaiting):
        await outbox.give_up(mail_id)  # type: ignore[arg-type]


async def test_a_line_whose_process_died_is_taken_over(db: Database, keystore: KeyStore, clock: MovableClock) -> None:
    relay = Unruly()
    relay.may_answer.clear()
    async with relay.listening() as port:
        outbox = _outbox(db, keystore, clock, _relays(clock, port), per_domain=1)
        await _queue(db, outbox, "a.example", 2)
        dying = asyncio.create_task(outbox.lines.drain())
        async with asyncio.timeout(WAIT_S):
            await relay.is_waited_for.wait()
        # What a crash leaves: the row of the line and the lease of the mail.
        async with db.transaction() as tx:
            leases = (await (await tx.connection()).execute(text("SELECT lease FROM outbound_line"))).scalars().all()
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        async with db.transaction() as tx:
            until = clock.now() + timedelta(minutes=5)
            statement = text("INSERT INTO outbound_line VALUES ('a.example', 0, :lease, :until)")
            await (await tx.connection()).execute(statement, {"lease": leases[0], "until": until.replace(tzinfo=None)})
        relay.may_answer.set()
        heir = _outbox(db, keystore, clock, _relays(clock, port), per_domain=1)
        await heir.lines.drain()
        assert await heir.count_by_state() == {"queued": 2}, "the line may be in use"
        clock.advance(timedelta(minutes=6))
        await heir.lines.drain()
        assert await heir.count_by_state() == {"accepted": 2}


async def test_a_mail_whose_key_is_gone_does_not_keep_those_behind_it(
    db: Database, keystore: KeyStore, clock: MovableClock, tmp_path: Path
) -> None:
    outbox = _outbox(db, keystore, clock, Spool(tmp_path / "spool"), per_domain=1)
    first, *_ = await _queue(db, outbox, "a.example", 3)
    await keystore.destroy(f"mail:{first}")
    await outbox.lines.drain()
    assert await outbox.count_by_state() == {"accepted": 2, "queued": 1}


async def test_the_lines_of_a_server_run_until_they_are_stopped(
    db: Database, keystore: KeyStore, clock: MovableClock
) -> None:
    async with _relay() as (relay, port):
        outbox = _outbox(db, keystore, clock, _relays(clock, port))
        running = asyncio.create_task(outbox.lines.run())
        await _queue(db, outbox, "a.example", 3)
        outbox.lines.wake()
        async with asyncio.timeout(WAIT_S):
            await relay.has_taken(3)
        outbox.lines.stop()
        await running
        assert await outbox.count_by_state() == {"accepted": 3}


async def test_processes_on_postgresql_share_the_lines_and_send_nothing_twice(
    postgresql_url: str, keystore: KeyStore, clock: MovableClock
) -> None:
    async with databases.postgresql_database(postgresql_url) as url, _relay() as (relay, port):
        dbs = [Database(url) for _ in range(3)]
        crowd = [_outbox(one, keystore, clock, _relays(clock, port), per_domain=2, mails_per_turn=4) for one in dbs]
        await _queue(dbs[0], crowd[0], "a.example", 30)
        await _queue(dbs[0], crowd[0], "b.example", 5)

        async def empty(outbox: Outbox) -> None:
            while (await outbox.count_by_state()).get("queued"):
                await outbox.lines.drain()

        await asyncio.gather(*map(empty, crowd))
        assert Counter(one.rcpt_tos[0] for one in relay.taken).most_common(1)[0][1] == 1
        assert len(relay.taken) == 35
        assert relay.most_of_domain["a.example"] <= 2
        for one in dbs:
            await one.close()
