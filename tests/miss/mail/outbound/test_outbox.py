"""The outbox, with a real SMTP relay and with the spool folder."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail, Outbox, Spool
from miss.mail.outbound.store import count_by_state
from miss.mail.relays import Relay, Relays, TlsPolicy
from miss.storage import Database
from miss.storage.jobs import JobRunner, RetryPolicy
from miss.storage.sealed import KeyStore

GP = Mailbox(parse_address("paul.exemple@medecin.mssante.example"))
RETRY = RetryPolicy(first_wait=timedelta(minutes=30), max_attempts=3)


class _Relay:
    """An SMTP server that keeps what it takes and says what it is told to say."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bytes]] = []
        self.reply = "250 2.0.0 taken"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        if self.reply.startswith("250"):
            self.taken.append((list(envelope.rcpt_tos), envelope.content))
        return self.reply


@pytest.fixture
async def relay() -> AsyncIterator[tuple[_Relay, int]]:
    relay = _Relay()
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(relay), "127.0.0.1", 0)
    yield relay, server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def outbox(db: Database, keystore: KeyStore, jobs: JobRunner, clock: MovableClock, relay: tuple[_Relay, int]) -> Outbox:
    outbox = Outbox(db, keystore, _relays(relay[1], clock), clock, system_random, retry=RETRY)
    jobs.register(outbox.job_handler())
    return outbox


def _relays(port: int, clock: MovableClock, tls: TlsPolicy = TlsPolicy.NONE) -> Relays:
    return Relays([Relay(name="relais", host="127.0.0.1", port=port, tls=tls)], clock, timeout_s=5.0)


def _mail(number: int = 1) -> OutboundMail:
    return OutboundMail(
        message_id=f"<te26000417.ack-{number}@miss.example>",
        sender=Mailbox(parse_address("teleexpertise@miss.example"), "Téléexpertise"),
        to=GP,
        subject="Demande TE26000417 reçue",
        text="Votre demande est arrivée.",
    )


async def _enqueue(db: Database, outbox: Outbox, mail: OutboundMail) -> None:
    async with db.transaction() as tx:
        await outbox.enqueue(tx, mail, about="request:1")


async def _states(db: Database) -> dict[str, int]:
    async with db.snapshot() as tx:
        return await count_by_state(tx)


async def test_a_mail_leaves_after_its_transaction(
    db: Database, outbox: Outbox, jobs: JobRunner, relay: tuple[_Relay, int]
) -> None:
    await _enqueue(db, outbox, _mail())
    assert await _states(db) == {"queued": 1}
    await jobs.run_due()
    [(recipients, content)] = relay[0].taken
    assert recipients == [str(GP.address)]
    assert message_from_bytes(content)["Message-ID"] == "<te26000417.ack-1@miss.example>"
    assert await _states(db) == {"accepted": 1}


async def test_a_transaction_that_fails_sends_nothing(db: Database, outbox: Outbox, jobs: JobRunner) -> None:
    with pytest.raises(RuntimeError):
        async with db.transaction() as tx:
            await outbox.enqueue(tx, _mail(), about="request:1")
            raise RuntimeError
    assert await jobs.run_due() == 0


async def test_the_same_message_id_is_queued_once(
    db: Database, outbox: Outbox, jobs: JobRunner, relay: tuple[_Relay, int]
) -> None:
    await _enqueue(db, outbox, _mail())
    await _enqueue(db, outbox, _mail())
    await jobs.run_due()
    await _enqueue(db, outbox, _mail())
    assert await jobs.run_due() == 0
    assert len(relay[0].taken) == 1


async def test_a_relay_that_says_later_is_asked_again(
    db: Database, outbox: Outbox, jobs: JobRunner, relay: tuple[_Relay, int], clock: MovableClock
) -> None:
    relay[0].reply = "451 4.7.1 greylisted"
    await _enqueue(db, outbox, _mail())
    await jobs.run_due()
    assert await jobs.run_due() == 0, "RFC 5321: at least thirty minutes"
    relay[0].reply = "250 2.0.0 taken"
    clock.advance(timedelta(minutes=30))
    await jobs.run_due()
    assert len(relay[0].taken) == 1
    assert await _states(db) == {"accepted": 1}


async def test_a_final_refusal_is_recorded_and_not_repeated(
    db: Database, outbox: Outbox, jobs: JobRunner, relay: tuple[_Relay, int], clock: MovableClock
) -> None:
    relay[0].reply = "554 5.7.1 no"
    await _enqueue(db, outbox, _mail())
    await jobs.run_due()
    clock.advance(timedelta(days=5))
    assert await jobs.run_due() == 0
    assert await _states(db) == {"refused": 1}


async def test_a_relay_that_is_away_loses_nothing(
    db: Database, keystore: KeyStore, jobs: JobRunner, clock: MovableClock, relay: tuple[_Relay, int]
) -> None:
    closed = await asyncio.get_running_loop().create_server(lambda: SMTP(relay[0]), "127.0.0.1", 0)
    port = closed.sockets[0].getsockname()[1]
    closed.close()
    outbox = Outbox(db, keystore, _relays(port, clock), clock, system_random, retry=RETRY)
    jobs.register(outbox.job_handler())
    await _enqueue(db, outbox, _mail())
    await jobs.run_due()
    assert await _states(db) == {"queued": 1}


async def test_a_relay_without_tls_gets_nothing_when_tls_is_required(
    db: Database, keystore: KeyStore, jobs: JobRunner, clock: MovableClock, relay: tuple[_Relay, int]
) -> None:
    outbox = Outbox(db, keystore, _relays(relay[1], clock, TlsPolicy.VERIFY), clock, system_random, retry=RETRY)
    jobs.register(outbox.job_handler())
    await _enqueue(db, outbox, _mail())
    await jobs.run_due()
    assert relay[0].taken == []
    assert await _states(db) == {"queued": 1}


async def test_the_spool_keeps_one_file_a_mail(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    for _ in range(2):
        await spool.send("a@miss.example", "b@miss.example", b"Subject: x\r\n\r\nx\r\n", mail_id="0001")
    assert [path.name for path in (tmp_path / "spool").iterdir()] == ["0001.eml"]


async def test_the_queue_is_not_readable_in_the_database(db: Database, outbox: Outbox) -> None:
    await _enqueue(db, outbox, _mail())
    async with db.snapshot() as tx:
        [row] = (await (await tx.connection()).execute(text("SELECT sealed FROM outbound_mail"))).all()
    assert b"arriv" not in bytes(row[0])
