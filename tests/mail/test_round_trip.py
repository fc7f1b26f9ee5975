"""From a GP's mail to the answer in their mailbox, all of it real: swaks, Postfix, our server, Postfix, Dovecot, IMAP.

And the one moment at which a mail could be lost: our server is killed between Postfix's last dot and our 250.
"""

import asyncio
import gc
import os
import re
import signal
import subprocess
import sys
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from imapclient import IMAPClient
from sqlalchemy import text

from miss.base.clock import MovableClock, SystemClock
from miss.base.ids import OrganizationId
from miss.base.random import system_random
from miss.directory.establishments.model import Establishment, EstablishmentKind
from miss.directory.establishments.service import Establishments
from miss.documents.cda import parse_cda
from miss.documents.hprim import parse_hprim_text
from miss.documents.xdm import parse_archive
from miss.server.demo import request_mails
from miss.server.demo.browser import Browser
from miss.server.demo.people import EXPERTS, PageUser, activate_pages, load_directory, sign_in
from miss.server.demo.photos import take_photo
from miss.server.demo.request_mails import compose_request
from miss.server.demo.request_story import ANSWER, MAIL_QUALITY, story_start
from miss.server.doors import Server
from miss.server.service import find_services
from miss.storage import Database
from tests.databases import open_prepared_server
from tests.mail.conftest import GP_BOX, HOME_BOX, Front
from tests.mail.test_postfix import deliver
from tests.mail_servers import PASSWORD, Dovecot, dovecot
from tests.miss.server.running import serving, settings_in

pytestmark = pytest.mark.mail

PATIENCE_S = 60
HOME = "/teleexpertise"


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """What a killed server leaves half closed in this process is collected here, and not in somebody else's test."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


class Reader:
    """Somebody's mail program: a real IMAP client."""

    def __init__(self, server: Dovecot) -> None:
        self._server = server

    def _list(self, user: str) -> list[bytes]:
        with IMAPClient("127.0.0.1", self._server.port, ssl=False) as client:
            client.login(user, PASSWORD)
            client.select_folder("INBOX", readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]"])
            return [bytes(one[b"BODY[]"]) for _, one in sorted(found.items())]

    async def find(self, user: str, fits: Callable[[EmailMessage], bool]) -> EmailMessage:
        """Their first mail that fits, once it is there."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                for content in await asyncio.to_thread(self._list, user):
                    mail = message_from_bytes(content, EmailMessage, policy=policy.default)
                    if fits(mail):
                        return mail
                await asyncio.sleep(0.1)


def request_mail(number: int, clock: MovableClock) -> EmailMessage:
    photos = (take_photo(220, MAIL_QUALITY), take_photo(640, MAIL_QUALITY))
    return compose_request(
        request_mails.FIRST, number=number, sent_on=clock.now().date(), photos=photos, domain="miss.example"
    )


def words_of(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    return str(body.get_content()) if body else ""


def request_of_a_home(clock: MovableClock) -> EmailMessage:
    """The same, from the mailbox that a care home's people share, in the name of its nurse."""
    mail = request_mail(2, clock)
    mail.replace_header("From", HOME_BOX)
    body = mail.get_body(("plain",))
    assert body is not None
    body.set_content("Demandeur : Claire TEMOIN\r\n" + words_of(mail), charset="iso-8859-1")
    return mail


async def open_home(server: Server) -> None:
    house = server.house
    record = Establishment(
        id=OrganizationId("F599990017"),
        name="EHPAD fictif Les Dunes",
        kind=EstablishmentKind.CARE_HOME,
        finess="599990017",
    )
    await Establishments(house.db, house.clock, system_random).open(record, "test")


async def test_a_request_comes_and_its_answer_arrives(front: Front, tmp_path: Path) -> None:
    """A practitioner's, and one that a care home sends from the mailbox which its people share."""
    settings = settings_in(
        tmp_path,
        mail_port=front.mx.door_port,
        relay_host="127.0.0.1",
        relay_port=front.mx.relay_port,
        relay_tls=False,
    )
    clock = MovableClock(story_start(SystemClock().now()))
    with dovecot(front.mx.folder) as imap:
        async with serving(settings, clock) as server:
            await load_directory(server.house)
            for sample in server.samples:
                await sample()
            users = {rpps: await activate_pages(server.house, settings.public_origin, rpps) for rpps in EXPERTS}
            await open_home(server)
            arrived = [
                await _ask_and_answer(front, server, Reader(imap), users, box, request)
                for box, request in ((GP_BOX, request_mail(1, clock)), (HOME_BOX, request_of_a_home(clock)))
            ]
    for answer in arrived:
        record = parse_hprim_text(words_of(answer))
        assert (record.family_name, record.given_name) == ("FICTIF", "BASTIEN")
        assert "Nævus atypique".replace("æ", "ae") in record.body.replace("æ", "ae")
    of_home = arrived[1]
    assert parse_hprim_text(words_of(of_home)).recipient_name.startswith("EHPAD fictif Les Dunes")
    [archive] = [part.get_content() for part in of_home.walk() if part.get_filename() == "IHE_XDM.ZIP"]
    [recipient] = parse_cda(parse_archive(archive).documents[0].content).recipients
    assert (recipient.finess, recipient.family_name) == ("599990017", "TEMOIN")


async def _ask_and_answer(
    front: Front, server: Server, reader: Reader, users: dict[str, PageUser], box: str, request: EmailMessage
) -> EmailMessage:
    """The answer in the mailbox that asked."""
    sent = await deliver(front, request.as_bytes(policy=policy.SMTP), "--from", box)
    assert sent.startswith("250 2.0.0 Message recu")
    told = await reader.find(box, lambda mail: mail["In-Reply-To"] == request["Message-ID"])
    found = re.search(r"TE\d{8}", words_of(told))
    assert found is not None
    await _answer(server, found[0], users)
    answer = await reader.find(box, lambda mail: "****FINFICHIER****" in words_of(mail))
    assert request["Message-ID"] in str(answer["References"])
    return answer


async def _answer(server: Server, number: str, users: dict[str, PageUser]) -> None:
    """Whoever's turn it is accepts and answers on the pages."""
    for user in users.values():
        async with Browser(server.house.settings.public_origin) as browser:
            await sign_in(browser, user)
            if number in await browser.open(f"{HOME}/avis"):
                await browser.send(f"{HOME}/demandes/{number}/accepter", {})
                await browser.send(f"{HOME}/demandes/{number}/repondre", ANSWER)
                await browser.send(f"{HOME}/demandes/{number}/envoyer", {})
                return
    pytest.fail("nobody holds the request")


class Killer:
    """Between Postfix and the server: the next time that `word` passes from one to the other, the server is killed."""

    def __init__(self, port: int, server_port: int) -> None:
        self._port, self._server_port = port, server_port
        self.word = b""
        self.victim: subprocess.Popen[bytes] | None = None
        self._sessions: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def between(self) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        try:
            yield
        finally:
            server.close()
            # Postfix keeps sessions open: what is still on its way ends here, its sockets closed.
            for session in self._sessions:
                session.cancel()
            await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = asyncio.current_task()
        assert session is not None
        self._sessions.add(session)
        try:
            there, away = await asyncio.open_connection("127.0.0.1", self._server_port)
        except OSError:
            writer.close()
            return
        ways = (self._carry(reader, away), self._carry(there, writer))
        try:
            await asyncio.gather(*ways, return_exceptions=True)
        finally:
            for one in (away, writer):
                one.transport.abort()
            await asyncio.sleep(0)  # the loop closes what was aborted

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tail = b""
        try:
            while data := await reader.read(65_536):
                tail = tail[-80:] + data
                if self.word and self.word in tail:
                    self.word = b""
                    self._kill()
                    return  # whatever was said is not heard
                writer.write(data)
                await writer.drain()
        finally:
            writer.close()

    def _kill(self) -> None:
        assert self.victim is not None
        self.victim.send_signal(signal.SIGKILL)
        self.victim.wait(10)


@pytest.mark.parametrize("word", [b"\r\n.\r\n", b"250 2.0.0 Message recu"], ids=["at the last dot", "at our 250"])
async def test_a_server_that_is_killed_before_its_250_loses_nothing(front: Front, tmp_path: Path, word: bytes) -> None:
    """The sender hears « later » and brings it again, as every mail server does: it is kept once."""
    settings = settings_in(tmp_path)
    prepared = await open_prepared_server(settings, SystemClock(), system_random, find_services())
    await load_directory(prepared.house)
    for sample in prepared.samples:
        await sample()
    await prepared.close()
    killer = Killer(front.mx.door_port, settings.mail_port)
    content = request_mail(1, MovableClock(SystemClock().now())).as_bytes(policy=policy.SMTP)
    environment = os.environ | {
        "MISS_DATA_DIR": str(settings.data_dir),
        "MISS_PORT": str(settings.port),
        "MISS_MAIL_PORT": str(settings.mail_port),
    }
    async with killer.between():
        killer.victim = await _start(environment, settings.mail_port)
        killer.word = word
        try:
            assert (await deliver(front, content)).startswith("451"), "the sender keeps the mail"
            assert killer.victim.poll() is not None, "it was killed"
            killer.victim = await _start(environment, settings.mail_port)
            assert (await deliver(front, content)).startswith("250 2.0.0")
        finally:
            killer.victim.kill()
            killer.victim.wait(10)
    database = Database(settings.database)
    async with database.snapshot() as tx:
        connection = await tx.connection()
        kept = (await connection.execute(text("SELECT count(*) FROM inbound_mail"))).scalar()
    await database.close()
    assert kept == 1


async def _start(environment: dict[str, str], port: int) -> "subprocess.Popen[bytes]":
    """`miss serve`, once its SMTP listener answers."""
    command = [sys.executable, "-c", "from miss.server.cli import main; main()", "serve"]
    process = subprocess.Popen(  # noqa: ASYNC220 - a moment; it is waited for in no loop
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    async with asyncio.timeout(PATIENCE_S):
        while True:
            assert process.poll() is None, "the server ended instead of starting"
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return process
