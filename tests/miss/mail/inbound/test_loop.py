"""Two dispatchers facing each other exchange one message, and then are silent (security.md §2, row 19)."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import aiosmtplib
import pytest

from miss.base.clock import MovableClock
from miss.base.ids import MailId
from miss.base.random import system_random
from miss.directory.practitioners import Practitioner
from miss.mail.addresses import MailAddress, Mailbox, parse_address
from miss.mail.inbound import InboundMail, MailDoor
from miss.mail.outbound import AutoSubmitted, OutboundMail, message_id_for
from miss.mail.outbound.compose import compose_mail
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.databases import sqlite_database
from tests.miss.mail.inbound.kit import GP, RememberingIntake, compose, door_of, fictive_directory, intakes_on

THEIRS = "anne.modele@ch-fictif.mssante.example"


class Answering(RememberingIntake):
    """Answers everything it is handed, as an acknowledgement does."""

    def __init__(self, address: MailAddress, clock: MovableClock) -> None:
        super().__init__(address)
        self._clock = clock
        self.other: MailDoor | None = None

    async def receive(self, mail: InboundMail, sender: Practitioner, mail_id: MailId) -> None:
        await super().receive(mail, sender, mail_id)
        answer = OutboundMail(
            message_id=message_id_for("ack", mail_id, self.address.domain),
            sender=Mailbox(self.address),
            to=mail.sender,
            subject=f"Re: {mail.subject}",
            text="Bien reçu.",
            in_reply_to=mail.message_id,
            auto_submitted=AutoSubmitted.REPLIED,
        )
        await send(self.other, compose_mail(answer, self._clock.now()), self.address, mail.sender.address)


async def send(door: MailDoor | None, content: bytes, sender: MailAddress, to: MailAddress) -> None:
    assert door is not None
    await aiosmtplib.send(
        content, sender=str(sender), recipients=[str(to)], hostname="127.0.0.1", port=door.port, start_tls=False
    )


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


async def test_two_dispatchers_that_face_each_other(
    keystore: KeyStore, clock: MovableClock, tmp_path: Path, stack: AsyncExitStack
) -> None:
    """Each one's address is a practitioner's in the other's directory: the worst that a register can say."""
    addresses = (parse_address(GP), parse_address(THEIRS))
    sides = []
    for address in addresses:
        db = Database(await sqlite_database(tmp_path / f"{address.local}.db"))
        stack.push_async_callback(db.close)
        practitioners = await fictive_directory(db, clock)
        jobs = JobRunner(db, clock, system_random)
        intakes = intakes_on(db, keystore, practitioners, jobs, clock)
        intake, door = Answering(address, clock), door_of(intakes)
        intakes.register(intake)
        jobs.register(intakes.job_handler())
        await door.open()
        stack.push_async_callback(door.close)
        sides.append((intake, door, jobs))
    (first, first_door, _), (second, second_door, second_jobs) = sides
    first.other, second.other = second_door, first_door
    begin = compose("Une demande", GP)
    await send(second_door, begin.as_bytes().replace(b"\n", b"\r\n"), *addresses)
    while await second_jobs.run_due():
        pass
    for _, _, jobs in sides:
        assert await jobs.run_due() == 0
    assert len(second.received) == 1
    assert first.received == []
