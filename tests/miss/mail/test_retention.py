"""Mails past their time: nobody opens them any more, and their traces stay."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail, Outbox, Spool
from miss.mail.retention import MailRetention
from miss.storage import Database
from miss.storage.errors import DataKeyDestroyed
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore

YEAR = timedelta(days=365)


async def test_what_left_is_destroyed_in_its_time(
    db: Database, keystore: KeyStore, clock: MovableClock, random_bytes: RandomBytes, jobs: JobRunner, tmp_path: Path
) -> None:
    outbox = Outbox(db, keystore, Spool(tmp_path / "spool"), clock, random_bytes)
    jobs.register(outbox.job_handler())
    retention = MailRetention(db, keystore, clock, random_bytes, YEAR)

    async def write(number: int) -> tuple[str, bytes]:
        to = Mailbox(parse_address("a@medecin.mssante.example", "to"), "")
        mail = OutboundMail(message_id=f"<{number}@miss.example>", sender=to, to=to, subject="s", text="canari")
        async with db.transaction() as tx:
            mail_id = await outbox.enqueue(tx, mail, about="request:1")
            statement = text("SELECT sealed FROM outbound_mail WHERE id = :id")
            sealed = (await (await tx.connection()).execute(statement, {"id": mail_id})).scalar_one()
        return mail_id, bytes(sealed)

    sent = await write(1)
    while await jobs.run_due():
        continue
    clock.advance(YEAR + timedelta(days=1))
    waiting = await write(2)
    assert await retention.destroy_past() == 1
    with pytest.raises(DataKeyDestroyed):
        await keystore.open(f"mail:{sent[0]}", sent[1], what="outbound_mail")
    assert b"canari" in await keystore.open(f"mail:{waiting[0]}", waiting[1], what="outbound_mail")
    assert await outbox.count_by_state() == {"accepted": 1, "queued": 1}
    clock.advance(2 * YEAR)
    assert await retention.destroy_past() == 0
