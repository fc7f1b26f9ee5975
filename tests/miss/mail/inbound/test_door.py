"""The SMTP door: a real listener on a real port, spoken to by a real SMTP client."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage

import aiosmtplib
import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.ids import MailId
from miss.base.random import system_random
from miss.directory import sample
from miss.directory.practitioners import Practitioner, Practitioners
from miss.mail.addresses import MailAddress, parse_address
from miss.mail.inbound import InboundMail, Intakes, MailDoor
from miss.storage import Database
from miss.storage.jobs import JobRunner, list_dead, revive
from miss.storage.sealed import KeyStore

PLATFORM = parse_address("teleexpertise@miss.example")
GP = "paul.exemple@medecin.mssante.example"
LIMIT_BYTES = 200_000
CANARY = "lésion pigmentée du dos"


class _Intake:
    """Keeps what it is handed; fails as often as told."""

    def __init__(self) -> None:
        self.received: list[tuple[InboundMail, Practitioner, MailId]] = []
        self.failures = 0

    @property
    def address(self) -> MailAddress:
        return PLATFORM

    async def receive(self, mail: InboundMail, sender: Practitioner, mail_id: MailId) -> None:
        if self.failures:
            self.failures -= 1
            raise ValueError("a bug in the intake")
        self.received.append((mail, sender, mail_id))


@pytest.fixture
def intake() -> _Intake:
    return _Intake()


@pytest.fixture
async def door(
    db: Database, keystore: KeyStore, jobs: JobRunner, clock: MovableClock, intake: _Intake
) -> AsyncIterator[MailDoor]:
    practitioners = Practitioners(db, clock, system_random)
    with sample.open_register() as lines:
        await practitioners.import_register(lines)
    with sample.open_mailboxes() as lines:
        await practitioners.import_mailboxes(lines)
    intakes = Intakes(db, keystore, practitioners, jobs, clock, system_random)
    intakes.register(intake)
    jobs.register(intakes.job_handler())
    door = MailDoor(intakes, "127.0.0.1", 0, LIMIT_BYTES, "miss.example")
    await door.open()
    yield door
    await door.close()


def _mail(text: str = CANARY, sender: str = GP) -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = str(PLATFORM)
    mail["Subject"] = "Demande d'avis"
    mail["Message-ID"] = "<1@medecin.mssante.example>"
    mail.set_content(text)
    return mail


async def _send(door: MailDoor, mail: EmailMessage, *, sender: str = GP, to: str = str(PLATFORM)) -> str:
    _, reply = await aiosmtplib.send(
        mail, sender=sender, recipients=[to], hostname="127.0.0.1", port=door.port, start_tls=False
    )
    return reply


async def test_a_members_mail_is_kept_then_handed_over(door: MailDoor, jobs: JobRunner, intake: _Intake) -> None:
    assert (await _send(door, _mail())).startswith("2.0.0")
    assert intake.received == [], "nothing is processed inside the session"
    assert await jobs.run_due() == 1
    [(mail, sender, _)] = intake.received
    assert mail.text.strip() == CANARY
    assert sender.display_name == "Dr Paul EXEMPLE"


async def test_the_same_mail_twice_is_processed_once(door: MailDoor, jobs: JobRunner, intake: _Intake) -> None:
    await asyncio.gather(_send(door, _mail()), _send(door, _mail()))
    while await jobs.run_due():
        pass
    assert len(intake.received) == 1


async def test_the_same_id_with_another_body_is_not_lost(door: MailDoor, jobs: JobRunner, intake: _Intake) -> None:
    await _send(door, _mail("un"))
    await _send(door, _mail("deux"))
    await jobs.run_due()
    assert sorted(mail.text.strip() for mail, _, _ in intake.received) == ["deux", "un"]


async def test_an_unknown_sender_is_refused_in_the_session_in_french(door: MailDoor) -> None:
    stranger = "inconnu@ailleurs.example"
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await _send(door, _mail(sender=stranger), sender=stranger)
    assert refused.value.recipients[0].code == 550
    assert "professionnel inscrit" in refused.value.recipients[0].message


async def test_a_forged_from_is_refused_in_the_session(door: MailDoor, jobs: JobRunner) -> None:
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await _send(door, _mail(sender="anne.modele@ch-fictif.mssante.example"))
    assert refused.value.code == 550
    assert await jobs.run_due() == 0


async def test_nothing_is_relayed(door: MailDoor) -> None:
    with pytest.raises(aiosmtplib.SMTPRecipientsRefused) as refused:
        await _send(door, _mail(), to="somebody@elsewhere.example")
    assert refused.value.recipients[0].code == 550


async def test_a_mail_over_the_limit_is_refused_before_and_after_it_is_sent(door: MailDoor) -> None:
    heavy = _mail("x" * 70 + "\n" * 3000 + ("y" * 70 + "\n") * 3000)
    with pytest.raises((aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPDataError)) as announced:
        await _send(door, heavy)
    assert announced.value.code == 552
    assert "trop volumineux" in announced.value.message
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=door.port, start_tls=False)
    async with client:
        await client.mail(GP)  # a sender that does not announce the size
        await client.rcpt(str(PLATFORM))
        with pytest.raises(aiosmtplib.SMTPDataError) as surprised:
            await client.data(bytes(heavy))
    assert surprised.value.code == 552


async def test_an_automatic_answer_is_kept_without_a_word(door: MailDoor, jobs: JobRunner, intake: _Intake) -> None:
    absence = _mail("Je suis absent.")
    absence["Auto-Submitted"] = "auto-replied"
    assert (await _send(door, absence)).startswith("2.0.0")
    assert await jobs.run_due() == 0
    assert intake.received == []


async def test_a_mail_that_breaks_its_intake_is_set_aside_and_can_be_run_again(
    door: MailDoor, jobs: JobRunner, intake: _Intake, clock: MovableClock, db: Database
) -> None:
    intake.failures = 3
    await _send(door, _mail())
    for _ in range(3):
        assert await jobs.run_due() == 1
        clock.advance(timedelta(hours=1))
    assert await jobs.run_due() == 0
    async with db.transaction() as tx:
        [(dead, _)] = await list_dead(tx)
        await revive(tx, dead.id, clock.now())
    await jobs.run_due()
    assert len(intake.received) == 1


async def test_what_is_kept_is_not_readable_in_the_database(door: MailDoor, db: Database) -> None:
    await _send(door, _mail())
    async with db.snapshot() as tx:
        rows = (await (await tx.connection()).execute(text("SELECT * FROM inbound_mail"))).all()
    assert len(rows) == 1
    stored = b"".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for value in rows[0])
    assert CANARY.encode() not in stored
    assert b"pigment" not in stored
