"""Requests for advice by mail: two answered in turn, one that waits for a slot to open."""

import json
import re
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import aiosmtplib

from miss.base.clock import MovableClock
from miss.directory.sample import people
from miss.documents.cda import check_cda
from miss.documents.hprim import parse_hprim_text
from miss.documents.mssante import ARCHIVE_NAME
from miss.documents.xdm import parse_archive
from miss.server.demo import request_mails
from miss.server.demo.browser import Browser, links_of
from miss.server.demo.mailbox import SpoolReader, files_of, text_of
from miss.server.demo.people import EXPERTS, PageUser, sign_in
from miss.server.demo.photos import take_photo
from miss.server.demo.report import Report, require
from miss.server.demo.request_mails import DemoRequest, compose_request
from miss.server.house import House

PARIS = ZoneInfo("Europe/Paris")
HOME = "/teleexpertise"
MAIL_QUALITY = 75
"""Two photos fit the ten megabytes that the platform takes."""
NUMBER = re.compile(r"TE\d{8}")
ANSWER = {
    "r.decision": "avis",
    "r.diagnostic": "Nævus atypique, sans critère de malignité sur ces clichés",
    "r.certitude": "probable",
    "r.conduite": "1. Contrôle photographique à trois mois.\r\n2. Adresser si le diamètre ou la couleur change.",
    "r.orientation": "1mois",
    "r.qualite": "suffisante",
    "r.cotation": "te2",
}


@dataclass(slots=True)
class RequestStory:
    """The story; `users` are the people who sign in, by RPPS."""

    house: House
    clock: MovableClock
    origin: str
    smtp_port: int
    users: dict[str, PageUser]
    report: Report
    _sent: int = 0

    async def play(self) -> None:
        """Every step, in order.  Raises StepFailed."""
        self.report.say("La téléexpertise : trois demandes par messagerie sécurisée, une seule adresse")
        spool = SpoolReader(self.house.settings.data_dir / "spool")
        first = await self._ask(
            spool, request_mails.FIRST, "Une demande de dermatologie arrive par messagerie sécurisée"
        )
        expert = await self._find_offered(spool, first)
        await self._answer(spool, first, expert)
        second = await self._ask(spool, request_mails.SECOND, "Une deuxième demande arrive")
        other = await self._find_offered(spool, second)
        with self.report.step("Elle va au dermatologue suivant") as facts:
            facts |= {"first": expert.practitioner.display_name, "second": other.practitioner.display_name}
            require(other != expert, "the second request goes to the next expert")
        await self._answer(spool, second, other)
        await self._wait_for_a_slot(spool)

    async def ask_again(self) -> str:
        """One more request, for whoever signs in next; its number."""
        spool = SpoolReader(self.house.settings.data_dir / "spool")
        return await self._ask(spool, request_mails.FIRST, "Une nouvelle demande attend un dermatologue")

    async def _ask(self, spool: SpoolReader, request: DemoRequest, sentence: str) -> str:
        with self.report.step(sentence) as facts:
            self._sent += 1
            mail = compose_request(
                request,
                number=self._sent,
                sent_on=self.clock.now().astimezone(PARIS).date(),
                photos=(take_photo(220, MAIL_QUALITY), take_photo(640, MAIL_QUALITY)),
                domain=self.house.settings.mail_domain,
            )
            self.report.file(f"mail/in-{self._sent}-request.eml", bytes(mail))
            await self._deliver(mail)
            acknowledgement, content = await spool.take("TE", request_mails.SENDER)
            found = NUMBER.search(text_of(acknowledgement))
            require(found is not None, "the acknowledgement bears the request's number")
            number = found[0] if found else ""
            require(
                "compléter" not in str(acknowledgement["Subject"]),
                f"the request is complete: {text_of(acknowledgement)}",
            )
            require(acknowledgement["In-Reply-To"] == mail["Message-ID"], "the acknowledgement is on the thread")
            self.report.file(f"mail/out-{number}-acknowledgement.eml", content)
            facts["number"] = number
        return number

    async def _deliver(self, mail: EmailMessage) -> None:
        await aiosmtplib.send(
            mail,
            sender=request_mails.SENDER,
            hostname=self.house.settings.mail_host,
            port=self.smtp_port,
            start_tls=False,
        )

    async def _find_offered(self, spool: SpoolReader, number: str) -> PageUser:
        """The expert whose turn it was: who got the notice, and whose worklist shows the request."""
        experts = {user.practitioner.mailboxes[0]: user for user in (self.users[rpps] for rpps in EXPERTS)}
        with self.report.step("Elle est proposée, à son tour, à un dermatologue disponible") as facts:
            notice, content = await spool.take(number, *experts)
            [holder] = [user for address, user in experts.items() if address in str(notice["To"])]
            for user in experts.values():
                async with Browser(self.origin) as browser:
                    await sign_in(browser, user)
                    listed = number in await browser.open(f"{HOME}/avis")
                    require(listed == (user is holder), "the request is on one expert's worklist only")
            self.report.file(f"mail/out-{number}-offer.eml", content)
            facts["expert"] = holder.practitioner.display_name
        return holder

    async def _answer(self, spool: SpoolReader, number: str, expert: PageUser) -> None:
        async with AsyncExitStack() as stack:
            browser = await stack.enter_async_context(Browser(self.origin))
            with self.report.step("L'expert lit la demande et ses photos, puis répond par le formulaire") as facts:
                await sign_in(browser, expert)
                page = f"{HOME}/demandes/{number}"
                shown = await browser.open(page)
                photos = links_of(shown, f"{page}/pieces/")
                require(len(photos) >= 2, "the request shows its two photos")
                self.report.file(f"requests/{number}-photo.jpg", await browser.download(photos[0]))
                await browser.send(f"{page}/accepter", {})
                require("FIN" in await browser.send(f"{page}/repondre", ANSWER), "the preview shows the letter")
                await browser.send(f"{page}/envoyer", {})
                response = json.loads(await browser.download(f"{page}/reponse.json"))
                require(response["resourceType"] == "QuestionnaireResponse", "the answer is a FHIR resource")
                written = json.dumps(response, ensure_ascii=False, indent=2)
                self.report.file(f"requests/{number}-answer.json", written + "\n")
                facts["photos"] = len(photos)
        with self.report.step("Le demandeur reçoit l'avis : un texte HPRIM prêt pour le dossier") as facts:
            mail, content = await spool.take("****FINFICHIER****", request_mails.SENDER)
            letter = parse_hprim_text(text_of(mail))
            require(letter.number == number or number in letter.patient_code, "the header bears the number")
            require("atypique" in letter.body, "the body holds the advice")
            require(mail["References"] is not None, "the answer is on the request's thread")
            self.report.file(f"mail/out-{number}-answer.eml", content)
            self.report.file(f"requests/{number}.hpr", text_of(mail).encode("iso-8859-1"))
            facts["patient"] = f"{letter.family_name} {letter.given_name}"
        with self.report.step("À côté du texte : le même avis en CDA (IHE_XDM.ZIP) et en PDF") as facts:
            facts |= self._keep_documents(number, files_of(mail))

    def _keep_documents(self, number: str, files: Mapping[str, bytes]) -> dict[str, object]:
        """Read them as a record's software would, and keep each."""
        archive = parse_archive(files[ARCHIVE_NAME])
        require(archive.is_sound, "the archive holds what its metadata say")
        [document] = archive.documents
        [pdf] = [content for name, content in files.items() if name.endswith(f"{number}.pdf")]
        faults = [fault for fault in check_cda(document.content, pdf) if not fault.is_warning]
        require(not faults, f"the CDA document holds the PDF that is beside it, and has no fault: {faults}")
        self.report.file(f"requests/{number}-IHE_XDM.zip", files[ARCHIVE_NAME])
        self.report.file(f"requests/{number}-cda.xml", document.content)
        self.report.file(f"requests/{number}.pdf", pdf)
        return {"cda_bytes": len(document.content), "pdf_bytes": len(pdf)}

    async def _wait_for_a_slot(self, spool: SpoolReader) -> None:
        friday_evening, monday_morning = _next(self.clock.now(), 4, 18), _next(self.clock.now(), 0, 9, minute=1)
        self.clock.advance_to(friday_evening)
        number = await self._ask(spool, request_mails.URGENT, "Vendredi 18 h : une demande à rendre sous 24 h")
        with self.report.step("Aucun créneau d'ici là : elle attend, et le coordinateur est prévenu"):
            coordinator = self.users[people.MARC_COORDO]
            _, content = await spool.take(number, coordinator.practitioner.mailboxes[0])
            self.report.file(f"mail/out-{number}-coordinator.eml", content)
            async with Browser(self.origin) as browser:
                await sign_in(browser, coordinator)
                require(number in await browser.open(f"{HOME}/coordination"), "the coordinator's page shows it")
        self.clock.advance_to(monday_morning)
        self.house.jobs.wake()
        self.report.say("Lundi 9 h : un créneau s'ouvre")
        await self._answer(spool, number, await self._find_offered(spool, number))


def _next(now: datetime, weekday: int, hour: int, minute: int = 0) -> datetime:
    """The next such weekday (Monday 0), at that time in Paris, in UTC."""
    local = now.astimezone(PARIS)
    days = (weekday - local.weekday()) % 7 or 7
    day = local.date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=PARIS).astimezone(UTC)


def story_start(now: datetime) -> datetime:
    """A Tuesday, 10:00 in Paris, so long ago that the story's last day has passed: time only moves forward."""
    local = now.astimezone(PARIS)
    days = (local.weekday() - 1) % 7 + 7
    day = local.date() - timedelta(days=days)
    return datetime(day.year, day.month, day.day, 10, tzinfo=PARIS).astimezone(UTC)
