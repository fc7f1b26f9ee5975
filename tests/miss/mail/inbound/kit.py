"""What the tests of arriving mail share: a judge on the fictive directory, an intake that remembers, mails."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from ipaddress import ip_network

from miss.base.clock import Clock
from miss.base.ids import MailId, PractitionerId
from miss.base.random import system_random
from miss.broker import Rates
from miss.directory import sample
from miss.directory.blocking import Blocking
from miss.directory.practitioners import Practitioner, Practitioners
from miss.mail.addresses import MailAddress, parse_address
from miss.mail.inbound import DoorRules, InboundMail, Intakes, Judge, MailDoor
from miss.mail.inbound.authentication.model import Trust
from miss.mail.inbound.authentication.service import Authentication, Protection
from miss.mail.inbound.store import Arrival
from miss.protocol.session import Rate
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore

PLATFORM = parse_address("teleexpertise@miss.example")
GP = "paul.exemple@medecin.mssante.example"
LIMIT_BYTES = 200_000
CANARY = "lésion pigmentée du dos"
LOOPBACK = (ip_network("127.0.0.0/8"),)
OPEN = Trust()


@dataclass
class RememberingIntake:
    """Keeps what it is handed; fails as often as told."""

    address: MailAddress = PLATFORM
    received: list[tuple[InboundMail, Practitioner, MailId]] = field(default_factory=list)
    failures: int = 0
    readers: Collection[PractitionerId] = ()

    async def find_readers(self, mail: InboundMail) -> Collection[PractitionerId]:
        return self.readers

    async def receive(self, mail: InboundMail, sender: Practitioner, mail_id: MailId) -> None:
        if self.failures:
            self.failures -= 1
            raise ValueError("a bug in the intake")
        self.received.append((mail, sender, mail_id))


async def fictive_directory(db: Database, clock: Clock) -> Practitioners:
    practitioners = Practitioners(db, clock, system_random)
    with sample.open_register() as lines:
        await practitioners.import_register(lines)
    with sample.open_mailboxes() as lines:
        await practitioners.import_mailboxes(lines)
    return practitioners


def intakes_on(
    db: Database,
    keystore: KeyStore,
    practitioners: Practitioners,
    jobs: JobRunner,
    clock: Clock,
    *,
    trust: Trust = OPEN,
    rates: Rates | None = None,
    per_sender: Rate | None = None,
    blocking: Blocking | None = None,
    protection: Protection | None = None,
) -> Intakes:
    authentication = Authentication(trust, clock, protection)
    judge = Judge(
        db,
        clock,
        practitioners,
        authentication,
        rates=rates,
        per_sender=per_sender or Rate(burst=1000, per_s=1),
        blocking=blocking,
    )
    return Intakes(db, keystore, judge, practitioners, jobs, clock, system_random)


def door_of(intakes: Intakes, *, lines_each: int = 5, is_lmtp: bool = False, is_front: bool = True) -> MailDoor:
    """`is_front`: whoever connects is believed to be our Postfix."""
    rules = DoorRules(
        max_bytes=LIMIT_BYTES,
        hostname="miss.example",
        fronts=LOOPBACK if is_front else (),
        lines_each=lines_each,
    )
    return MailDoor(intakes, "127.0.0.1", 0, rules, is_lmtp=is_lmtp)


def compose(text: str = CANARY, sender: str = GP, **headers: str) -> EmailMessage:
    """A mail to the platform; `headers`: further fields, `_` for `-`."""
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = str(PLATFORM)
    mail["Subject"] = "Demande d'avis"
    mail["Message-ID"] = "<1@medecin.mssante.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail


def raw(text: str = CANARY, sender: str = GP, *lines: str) -> bytes:
    """The same as bytes, CRLF; `lines`: put above everything."""
    return "".join(f"{line}\r\n" for line in lines).encode() + compose(text, sender).as_bytes().replace(
        b"\r\n", b"\n"
    ).replace(b"\n", b"\r\n")


RAW = raw()
MIXED = (
    b"From: a@b.example\r\nSubject: =?utf-8?q?L=C3=A9sion?= \xe9\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n--y\r\nContent-Type: text/plain; charset=utf-16\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n//5CAG8AbgBqAG8AdQByAA==\r\n--y\r\nContent-Type: text/html\r\n\r\n"
    b"<p>Autre</p>\r\n--y--\r\n--x\r\nContent-Type: image/jpeg\r\n"
    b"Content-Disposition: attachment; filename*=iso-8859-15''caf%e9.jpg\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n/9j/4A==\r\n--x--\r\n"
)
FORWARDED = (
    b'From: =?iso-8859-1?q?Dr_Ren=E9_ESSAI?= <rene@a.example>\r\nTo: "MiSS, avis" <b@b.example>\r\n'
    b"Message-ID: <1@a>\r\nIn-Reply-To: <0@b>\r\nReferences: <0@b>\r\n <-1@b>\r\n"
    b"Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nSubject: Re:\r\n avis\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain; charset=iso-8859-15\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\n\r\nL=E9sion\r\n--x\r\nContent-Type: message/rfc822\r\n\r\n"
    b"Subject: b\r\n\r\nb\r\n--x\r\nContent-Type: text/html; charset=x-unknown\r\n\r\n<p>c</p>\r\n--x\r\n"
    b'Content-Type: application/pdf; name="../a.exe"\r\nContent-Disposition: attachment\r\n\r\n%PDF\r\n--x--\r\n'
)


def arrival_of(practitioner_id: PractitionerId) -> Arrival:
    """A mail as the store keeps it, always the same; `sealed` is the caller's to fill in."""
    return Arrival(
        id=MailId("019aa1f8-2213-7727-8281-8ad71eb78e58"),
        recipient=str(PLATFORM),
        sender=GP,
        practitioner_id=practitioner_id,
        proof="dkim",
        client="192.0.2.7",
        digest=b"d" * 32,
        sealed=b"",
        size_bytes=len(RAW),
        received_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
    )
