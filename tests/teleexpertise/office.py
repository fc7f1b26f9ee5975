"""Helps tests write mails to the platform and read what it sends."""

import email.policy
import io
from dataclasses import dataclass, replace
from datetime import time, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

from PIL import Image

from miss.directory.practitioners import Practitioner, Practitioners
from miss.directory.sample import open_mailboxes, open_register
from miss.directory.sample import people as cast
from miss.server.house import House
from miss.storage.jobs import list_dead
from teleexpertise.availability import Availability, WeeklySlot
from teleexpertise.dispatch import Pool
from teleexpertise.house import Teleexpertise
from teleexpertise.requests import store
from teleexpertise.requests.model import ExpertiseRequest

PARIS = "Europe/Paris"
CAST = {
    "paul": cast.PAUL_EXEMPLE,
    "anne": cast.ANNE_MODELE,
    "karim": cast.KARIM_ESSAI,
    "claire": cast.CLAIRE_TEMOIN,
    "marc": cast.MARC_COORDO,
}
MIME_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "heic": "image/heic",
    "json": "application/json",
    "pdf": "application/pdf",
    "xls": "application/vnd.ms-excel",
    "dat": "application/ms-tnef",
    "xml": "text/xml",
    "zip": "application/zip",
}
PLATFORM = "teleexpertise@miss.example"

HEADER = """FICTIF85
FICTIF
BASTIEN
12 RUE DES TESTS

59140 DUNKERQUE
14/07/1985
185075918304224

20/11/2026
.          Dr EXEMPLE Paul
.          MiSS
"""
ANSWERS = """
Formulaire : dermatologie
d.alerte : non
c.delai : 72 h
c.but : Diagnostic
c.question : Faut-il retirer cette lésion apparue au printemps ?
c.terrain : Aucun
c.allergie : non
c.information : oui
d.type : Lésion pigmentée
d.siege : Tronc
d.debut : 1-6 mois
d.evolution : Stable
d.signes : Aucun
d.diametre : 7
d.abcde : Aucun
d.essai : Rien
"""
END = "****FIN****\n****FINFICHIER****\n"


def photo(colour: str = "peru", *, size: tuple[int, int] = (640, 480)) -> bytes:
    """A small photograph."""
    output = io.BytesIO()
    Image.new("RGB", size, colour).save(output, "JPEG")
    return output.getvalue()


@dataclass
class Letter:
    """A mail to the platform, as a practitioner's software sends it."""

    sender: str
    message_id: str
    subject: str = "Demande d'avis dermatologie"
    text: str = HEADER + ANSWERS + END
    files: tuple[tuple[str, bytes], ...] = (("vue.jpg", photo()), ("pres.jpg", photo("sienna")))
    in_reply_to: str = ""

    def compose(self) -> bytes:
        """The bytes that arrive by SMTP."""
        mail = EmailMessage(policy=email.policy.SMTP)
        mail["From"] = self.sender
        mail["To"] = PLATFORM
        mail["Subject"] = self.subject
        mail["Date"] = "Fri, 20 Nov 2026 10:00:00 +0100"
        mail["Message-ID"] = self.message_id
        if self.in_reply_to:
            mail["In-Reply-To"] = self.in_reply_to
            mail["References"] = self.in_reply_to
        mail.set_content(self.text, charset="utf-8")
        for name, content in self.files:
            kind, _, subtype = MIME_TYPES[name.rpartition(".")[2]].partition("/")
            mail.add_attachment(content, maintype=kind, subtype=subtype, filename=name)
        return mail.as_bytes()


@dataclass(frozen=True)
class Office:
    """The service, its people, and the spool where outgoing mail lands."""

    house: House
    service: Teleexpertise
    pool: Pool
    spool: Path
    paul: Practitioner
    anne: Practitioner
    karim: Practitioner
    claire: Practitioner
    marc: Practitioner

    def letter(self, number: int = 1, **changes: object) -> Letter:
        """The `number`-th complete request of Dr EXEMPLE, with changes."""
        return replace(
            Letter(sender=self.paul.mailboxes[0], message_id=f"<demande-{number}@medecin.mssante.example>"),
            **changes,  # type: ignore[arg-type]
        )

    async def deliver(self, letter: Letter) -> None:
        """What the SMTP listener does with a mail, then every job that is due."""
        await self.house.intakes.keep(letter.sender, [PLATFORM], letter.compose())
        await self.run_jobs()

    async def run_jobs(self) -> None:
        """Every job that is due, and those that they make due."""
        while await self.house.jobs.run_due():
            continue

    def mails(self) -> list[EmailMessage]:
        """What has left, oldest first."""
        parser = BytesParser(EmailMessage, policy=email.policy.default)
        paths = sorted(self.spool.glob("*.eml"))
        return [parser.parsebytes(path.read_bytes()) for path in paths]

    def mails_to(self, person: Practitioner) -> list[EmailMessage]:
        """What has left to somebody, oldest first."""
        return [mail for mail in self.mails() if person.mailboxes[0] in mail["To"]]

    async def requests(self) -> list[ExpertiseRequest]:
        """Every request of Dr EXEMPLE, oldest first."""
        async with self.house.db.snapshot() as tx:
            stored = await store.list_of_requester(tx, self.paul.id)
        return [one.request for one in reversed(stored)]

    async def request(self) -> ExpertiseRequest:
        """The only request there is."""
        [only] = await self.requests()
        return only

    def expert(self, request: ExpertiseRequest) -> Practitioner:
        """The expert who holds a request."""
        [holder] = [person for person in (self.anne, self.karim) if person.id == request.holder]
        return holder

    async def dead_jobs(self) -> list[str]:
        """What went wrong in the background: kinds and reasons."""
        async with self.house.db.snapshot() as tx:
            return [f"{job.kind}: {reason}" for job, reason in await list_dead(tx)]


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail."""
    body = mail.get_body(("plain",))
    return body.get_content() if body is not None else ""


async def import_cast(practitioners: Practitioners) -> None:
    """The people of the story, out of the fictive register: the whole of it would cost each test a moment."""
    for opened, load in (
        (open_register, practitioners.import_register),
        (open_mailboxes, practitioners.import_mailboxes),
    ):
        with opened() as lines:
            header, *others = lines
            named = [line for line in others if any(rpps.encode() in line for rpps in CAST.values())]
        await load([header, *named])


async def open_office(house: House, service: Teleexpertise, spool: Path) -> Office:
    """A dermatology pool: two experts who work on weekdays in turn, coordinated by Dr COORDO."""
    people = {}
    for name, rpps in CAST.items():
        person = await house.practitioners.find_by_rpps(rpps)
        assert person is not None
        people[name] = person
    pool = await service.dispatch.create_pool(
        name="Dermatologie du Nord",
        questionnaire="dermatologie",
        coordinator_id=people["marc"].id,
        hours=Availability(weekly=tuple(WeeklySlot(day, time(9), time(18), PARIS) for day in range(5))),
        zone=PARIS,
        answer_within=timedelta(hours=27),
        accept_within=timedelta(hours=4),
        answer_time=timedelta(minutes=30),
    )
    for name in ("anne", "karim"):
        await service.dispatch.put_member(pool.id, people[name].id)
    return Office(house=house, service=service, pool=pool, spool=spool, **people)
