"""Behind a real Postfix, as `deploy/postfix/` ships it: the sender hears our refusal, and our 250, in their session."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiosmtplib
import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.directory.practitioners import Practitioners
from miss.mail.inbound import DoorRules, Intakes, MailDoor
from miss.mail.inbound.authentication.model import Trust
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.conditions import WAIT_S
from tests.databases import sqlite_database
from tests.mail.certificates import ClientCertificate
from tests.mail.conftest import Front
from tests.mail_servers import program
from tests.miss.mail.inbound.door.test_session import wire
from tests.miss.mail.inbound.kit import (
    GP,
    LIMIT_BYTES,
    LOOPBACK,
    PLATFORM,
    RememberingIntake,
    fictive_directory,
    intakes_on,
    raw,
)

pytestmark = pytest.mark.mail

TRUST = Trust(
    proof_required=True, authserv_id="mx.miss.example", operators={"op.example": ("medecin.mssante.example",)}
)
MAIL, RCPT = f"MAIL FROM:<{GP}>", f"RCPT TO:<{PLATFORM}>"


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(await sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()


@pytest.fixture
async def practitioners(db: Database, clock: MovableClock) -> Practitioners:
    return await fictive_directory(db, clock)


@pytest.fixture
def intake() -> RememberingIntake:
    return RememberingIntake()


class Doors:
    """Opens the door that Postfix expects, with the rules that a test wants."""

    def __init__(self, make: object, front: Front) -> None:
        self._make = make
        self.front = front
        self.open_doors: list[MailDoor] = []

    async def open(self, trust: Trust = TRUST, lines_each: int = 5) -> Intakes:
        intakes: Intakes = self._make(trust)  # type: ignore[operator]
        rules = DoorRules(max_bytes=LIMIT_BYTES, hostname="miss.example", fronts=LOOPBACK, lines_each=lines_each)
        door = MailDoor(intakes, "127.0.0.1", self.front.mx.door_port, rules)
        await door.open()
        self.open_doors.append(door)
        return intakes

    @property
    def outside(self) -> MailDoor:
        """Where strangers knock: Postfix, in the shape of a door for `wire`."""
        return MailDoor(None, "127.0.0.1", self.front.mx.port, self.open_doors[-1].rules)  # type: ignore[arg-type]


@pytest.fixture
async def doors(
    front: Front, db: Database, keystore: KeyStore, practitioners: Practitioners, jobs: JobRunner, clock: MovableClock,
    intake: RememberingIntake,
) -> AsyncIterator[Doors]:  # fmt: skip
    def make(trust: Trust) -> Intakes:
        intakes = intakes_on(db, keystore, practitioners, jobs, clock, trust=trust)
        intakes.register(intake)
        jobs.register(intakes.job_handler())
        return intakes

    made = Doors(make, front)
    yield made
    for door in made.open_doors:
        await door.close()


async def deliver(front: Front, content: bytes, *options: str) -> str:
    """The last reply that a sender hears: Debian's swaks speaks SMTP and TLS."""
    command = [
        *(program("swaks"), "--server", "127.0.0.1", "--port", str(front.mx.port), "--helo", "out.op.example"),
        *("--from", GP, "--to", str(PLATFORM), "--data", "-", "--no-hints", *options),
    ]
    swaks = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await swaks.communicate(content.replace(b"\r\n", b"\n"))
    replies = [line for line in said.decode(errors="replace").splitlines() if line[:3].isdigit() and line[3:4] == " "]
    return next((line for line in reversed(replies) if not line.startswith("221")), said.decode(errors="replace"))


async def deliver_over_tls(front: Front, content: bytes, certificate: ClientCertificate | None = None) -> str:
    """The last reply that an operator's server hears, with its certificate or without."""
    context = ssl.create_default_context(cafile=str(front.mx.folder / "fullchain.pem"))
    if certificate is not None:
        context.load_cert_chain(certificate.certificate, certificate.key)
    client = aiosmtplib.SMTP(hostname="127.0.0.1", port=front.mx.port, start_tls=True, tls_context=context)
    async with client:
        try:
            _, reply = await client.sendmail(GP, [str(PLATFORM)], content)
        except aiosmtplib.SMTPResponseException as refused:
            reply = f"{refused.code} {refused.message}"
    return reply


async def count(db: Database) -> int:
    async with db.snapshot() as tx:
        return int((await (await tx.connection()).execute(text("SELECT count(*) FROM inbound_mail"))).scalar() or 0)


async def test_an_operator_s_certificate_proves_the_sender(
    doors: Doors, jobs: JobRunner, intake: RememberingIntake, db: Database
) -> None:
    await doors.open()
    front = doors.front
    assert (await deliver(front, raw())).startswith("550 5.7.1 Rien ne prouve")
    assert (await deliver_over_tls(front, raw())).startswith("550 5.7.1 Rien ne prouve")
    forged = raw("x", GP, "Authentication-Results: mx.miss.example; x-tls-client=pass policy.operator=op.example")
    assert (await deliver(front, forged)).startswith("550 5.7.1 Rien ne prouve"), "written below our own Received"
    assert await count(db) == 0
    assert (await deliver_over_tls(front, raw(), front.operator)).startswith("2.0.0 Message recu et conserve")
    await jobs.run_due()
    assert len(intake.received) == 1
    async with db.snapshot() as tx:
        row = (await (await tx.connection()).execute(text("SELECT proof, client FROM inbound_mail"))).one()
    assert tuple(row) == ("operator", "127.0.0.1")


async def test_a_refusal_is_heard_in_the_session_and_nothing_is_queued(doors: Doors, db: Database) -> None:
    await doors.open(Trust())
    front = doors.front
    assert (await deliver(front, raw(), "--from", "eve@labo.example")).startswith("550 5.7.1 Votre adresse n'est pas")
    assert (await deliver(front, raw(), "--to", "dr@ailleurs.example")).startswith("554 5.7.1"), (
        "Postfix relays nothing"
    )
    assert (await deliver(front, raw(), "--to", "personne@miss.example")).startswith("550 5.1.1 Cette adresse")
    assert (await deliver(front, raw("x", GP, "List-Id: <l.example>"))).startswith("550 5.7.1 Cette adresse ne recoit")
    assert (await deliver(front, raw(sender="anne.modele@ch-fictif.mssante.example"))).startswith("550 5.7.1 L'expe")
    assert (await deliver(front, raw("é" * 70 + "\n" * 220_000))).startswith("552 5.3.4")
    assert await count(db) == 0
    queued = [path for path in (front.mx.folder / "queue" / "incoming").rglob("*") if path.is_file()]
    assert queued == []


async def test_when_we_are_away_the_sender_keeps_the_mail(doors: Doors, db: Database) -> None:
    assert (await deliver(doors.front, raw())).startswith("451 4.3.0")
    assert await count(db) == 0


async def test_one_sender_does_not_occupy_every_line(doors: Doors) -> None:
    await doors.open(Trust(), lines_each=2)
    async with wire(doors.outside) as first, wire(doors.outside) as second, wire(doors.outside) as third:
        for session in (first, second):
            assert (await session.say(MAIL, RCPT)).startswith("250")
        assert (await third.say(MAIL, RCPT)).startswith("421 4.7.0 Trop de sessions")
        assert await third.hear() == "", "Postfix hangs up as well"
        await first.say("RSET")


@pytest.mark.parametrize("ending", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n"])
async def test_no_second_message_is_smuggled_through_postfix(
    doors: Doors, db: Database, jobs: JobRunner, intake: RememberingIntake, ending: bytes
) -> None:
    """Postfix refuses, or hands over one message: never the second one that was hidden behind it."""
    await doors.open(Trust())
    inner = f"MAIL FROM:<{GP}>\r\nRCPT TO:<{PLATFORM}>\r\nDATA\r\n".encode() + raw("faux", GP, "X-Hidden: yes")
    async with wire(doors.outside) as session:
        await session.say(MAIL, RCPT)
        reply = await session.send(raw() + ending + inner)
        assert reply[:1] in "25"
    await jobs.run_due()
    assert len(intake.received) <= 1
    assert await count(db) <= 1
    assert all("faux" not in mail.text.splitlines()[:1] for mail, _, _ in intake.received)


async def test_a_report_of_our_own_relay_comes_in_with_the_null_sender(doors: Doors) -> None:
    """What bounces at the relay is brought to the door: RFC 3464 from the real Postfix."""
    intakes = await doors.open()
    told: asyncio.Queue[bytes] = asyncio.Queue()

    async def report(content: bytes, *, mail_from: str) -> bool:
        assert mail_from in ("", "<>")
        await told.put(content)
        return True

    intakes.take_reports(report)
    mx = doors.front.mx
    relay = MailDoor(None, "127.0.0.1", mx.relay_port, doors.open_doors[-1].rules)  # type: ignore[arg-type]
    async with wire(relay) as session:
        await session.say(f"MAIL FROM:<{PLATFORM}>", "RCPT TO:<nobody@medecin.mssante.example>")
        assert (await session.send(raw())).startswith("250")
    async with asyncio.timeout(WAIT_S):
        content = await told.get()
    assert b"Status: 5.1.1" in content
