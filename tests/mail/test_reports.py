"""Real delivery reports: a mail through Debian's Postfix to a mailbox, one to a box that is not, and what came back."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.inbound import DoorRules, MailDoor
from miss.mail.outbound import OutboundMail, Outbox
from miss.mail.relays import Relay, Relays, TlsPolicy
from miss.mail.trace import Stage, Trace
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.databases import sqlite_database
from tests.mail.conftest import GP_BOX, Front
from tests.miss.mail.inbound.kit import LIMIT_BYTES, LOOPBACK, RememberingIntake, fictive_directory, intakes_on

pytestmark = pytest.mark.mail

PATIENCE_S = 30


class Heard(Trace):
    """The trace, which says when a report has come."""

    def __init__(self, *args: object) -> None:
        super().__init__(*args)  # type: ignore[arg-type]
        self.reports: asyncio.Queue[bool] = asyncio.Queue()

    async def receive(self, content: bytes, *, mail_from: str) -> bool:
        is_report = await super().receive(content, mail_from=mail_from)
        self.reports.put_nowait(is_report)
        return is_report


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(await sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()


async def test_postfix_says_what_became_of_our_mails(
    front: Front, db: Database, keystore: KeyStore, jobs: JobRunner, clock: MovableClock
) -> None:
    trace = Heard(db, clock, system_random, ["miss.example"])
    intakes = intakes_on(db, keystore, await fictive_directory(db, clock), jobs, clock)
    intakes.register(RememberingIntake())
    intakes.take_reports(trace.receive)
    rules = DoorRules(max_bytes=LIMIT_BYTES, hostname="miss.example", fronts=LOOPBACK)
    door = MailDoor(intakes, "127.0.0.1", front.mx.door_port, rules)
    await door.open()
    relay = Relay(name="postfix", host="127.0.0.1", port=front.mx.relay_port, tls=TlsPolicy.NONE)
    relays = Relays([relay], clock)
    outbox = Outbox(db, keystore, relays, clock, system_random)
    nobody = f"personne@{GP_BOX.partition('@')[2]}"
    try:
        async with db.transaction() as tx:
            for number, recipient in enumerate((GP_BOX, nobody)):
                mail = OutboundMail(
                    message_id=f"<te26000417.answer-{number}@miss.example>",
                    sender=Mailbox(parse_address("teleexpertise@miss.example"), "Téléexpertise"),
                    to=Mailbox(parse_address(recipient)),
                    subject="Avis rendu",
                    text="Un avis.",
                    wants_receipt=True,
                )
                await outbox.enqueue(tx, mail, about="request:1")
        await outbox.lines.drain()
        async with asyncio.timeout(PATIENCE_S):
            assert [await trace.reports.get(), await trace.reports.get()] == [True, True]
    finally:
        await relays.close()
        await door.close()
    stages = {traced.mailed.recipient: traced for traced in await trace.list_about("request:1")}
    assert stages[GP_BOX].mailed.stage is Stage.DELIVERED
    assert stages[nobody].mailed.stage is Stage.FAILED
    [step] = stages[nobody].steps
    assert step.code == "5.1.1"
    [brought] = [one for one in front.mx.delivered(GP_BOX) if b"te26000417.answer-0" in one]
    assert b"Disposition-Notification-To: teleexpertise@miss.example" in brought
