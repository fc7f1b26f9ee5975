"""A mailbox on a real Dovecot, fetched: each mail kept before it leaves the inbox, answered once, to members only."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import pytest
from imapclient import IMAPClient
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.directory.practitioners import Practitioners
from miss.mail.inbound import Intakes
from miss.mail.inbound.authentication.model import Trust
from miss.mail.inbound.imap import ImapAccount, MailboxWatch
from miss.mail.inbound.imap.account import ImapSession, TlsKind, Tray
from miss.mail.inbound.imap.answers import Refusals
from miss.mail.outbound import Outbox, Spool
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.conditions import WAIT_S
from tests.databases import sqlite_database
from tests.mail_servers import PASSWORD, UID, Dovecot, dovecot, mail_folder
from tests.miss.mail.inbound.kit import (
    GP,
    LIMIT_BYTES,
    PLATFORM,
    RememberingIntake,
    fictive_directory,
    intakes_on,
    raw,
)

pytestmark = pytest.mark.mail

_boxes = count(1)


@pytest.fixture(scope="module")
def server() -> Iterator[Dovecot]:
    with mail_folder() as folder, dovecot(folder) as imap:
        yield imap


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(await sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()


@pytest.fixture
async def practitioners(db: Database, clock: MovableClock) -> Practitioners:
    return await fictive_directory(db, clock)


class Box:
    """One mailbox of the operator's, and what fetches it."""

    def __init__(self, server: Dovecot, watch_of: object, tls: TlsKind) -> None:
        self.user = f"boite-{next(_boxes)}@operateur.example"
        self._server = server
        context = ssl.create_default_context(cafile=str(server.folder / "fullchain.pem"))
        self.account = ImapAccount(
            host="127.0.0.1",
            port=server.tls_port if tls is TlsKind.TLS else server.port,
            user=self.user,
            password=PASSWORD,
            tls=tls,
            context=context,
        )
        self._watch_of = watch_of

    def put(self, *contents: bytes) -> None:
        """As the operator's server delivers: into the Maildir."""
        local, _, domain = self.user.partition("@")
        folder = self._server.boxes / domain / local
        for name in ("", "tmp", "new", "cur"):
            (folder / name).mkdir(parents=True, exist_ok=True)
            os.chown(folder / name, UID, UID)
        os.chown(folder.parent, UID, UID)
        for content in contents:
            path = folder / "tmp" / f"{1_700_000_000 + next(_boxes)}.M{next(_boxes)}.test"
            path.write_bytes(content)
            os.chown(path, UID, UID)
            path.rename(folder / "new" / path.name)

    def look(self, folder: str = "INBOX") -> list[bytes]:
        """As a person sees it."""
        with IMAPClient("127.0.0.1", self._server.port, ssl=False) as client:
            client.login(self.user, PASSWORD)
            client.select_folder(folder, readonly=True)
            found = client.fetch(client.search(), ["BODY.PEEK[]", "FLAGS"])
            return [bytes(one[b"BODY[]"]) for _, one in sorted(found.items())]

    async def fetch(self) -> int:
        """One look at everything, by a new connection."""
        watch: MailboxWatch = self._watch_of(self.account)  # type: ignore[operator]
        session = await asyncio.to_thread(ImapSession, self.account)
        taken = 0
        try:
            while some := await watch.take_some(session):
                taken += some
        finally:
            session.close()
            await watch.close()
        return taken

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watch: MailboxWatch = self._watch_of(self.account)  # type: ignore[operator]
        watch.start()
        yield
        await watch.close()


@pytest.fixture
def intake() -> RememberingIntake:
    return RememberingIntake()


@pytest.fixture
def intakes(
    db: Database, keystore: KeyStore, practitioners: Practitioners, jobs: JobRunner, clock: MovableClock,
    intake: RememberingIntake,
) -> Intakes:  # fmt: skip
    trust = Trust(proof_required=True, authserv_id="op.example")
    intakes = intakes_on(db, keystore, practitioners, jobs, clock, trust=trust)
    intakes.register(intake)
    jobs.register(intakes.job_handler())
    return intakes


@pytest.fixture
def box(
    server: Dovecot, intakes: Intakes, db: Database, keystore: KeyStore, practitioners: Practitioners, jobs: JobRunner,
    clock: MovableClock, tmp_path: Path,
) -> Box:  # fmt: skip
    outbox = Outbox(db, keystore, Spool(tmp_path / "spool"), clock, system_random)
    refusals = Refusals(db, practitioners, outbox, jobs, "miss.example")

    def watch_of(account: ImapAccount) -> MailboxWatch:
        return MailboxWatch(account, intakes, refusals, lambda: PLATFORM, max_bytes=LIMIT_BYTES, poll_s=1)

    return Box(server, watch_of, TlsKind.TLS)


PROVED = "Authentication-Results: op.example; dkim=pass header.d=mssante.example"
PATH = f"Return-Path: <{GP}>"


async def answered(db: Database) -> list[str]:
    async with db.snapshot() as tx:
        rows = (await (await tx.connection()).execute(text("SELECT recipient FROM outbound_mail"))).all()
    return [row[0] for row in rows]


async def test_a_mail_is_kept_then_moved(box: Box, jobs: JobRunner, intake: RememberingIntake, db: Database) -> None:
    content = raw("Bonjour", GP, PATH, PROVED)
    box.put(content)
    assert await box.fetch() == 1
    assert box.look() == []
    assert box.look(Tray.DONE) == [content]
    await jobs.run_due()
    assert [mail.text for mail, _, _ in intake.received] == ["Bonjour"]
    assert await answered(db) == []


async def test_refusals_are_written_once_and_to_members_only(box: Box, db: Database) -> None:
    unproved = raw("un", GP, PATH, PROVED.replace("pass", "fail"))
    stranger = raw("deux", "eve@evil.example", "Return-Path: <eve@evil.example>", PROVED)
    circular = raw("trois", GP, PATH, PROVED, "List-Id: <l.example>")
    absence = raw("quatre", GP, PATH, PROVED, "Auto-Submitted: auto-replied")
    nameless = b"Subject: rien\r\n\r\n"
    heavy = raw("é" * 70 + "\n" * 250_000, GP, PATH, PROVED)
    box.put(unproved, stranger, circular, absence, nameless, heavy)
    assert await box.fetch() == 6
    assert await answered(db) == [GP, GP], "the one that is not proved, and the one that is too large"
    assert len(box.look(Tray.REFUSED)) == 4
    assert len(box.look(Tray.DONE)) == 2, "the absence, and the one that nobody seems to have sent"
    box.put(unproved)
    assert await box.fetch() == 1
    assert await answered(db) == [GP, GP]


async def test_a_process_that_dies_before_the_move_fetches_again_and_keeps_once(
    box: Box, jobs: JobRunner, intake: RememberingIntake, intakes: Intakes, monkeypatch: pytest.MonkeyPatch
) -> None:
    box.put(raw("Bonjour", GP, PATH, PROVED))
    with monkeypatch.context() as patched:
        patched.setattr(ImapSession, "move", _die)
        with pytest.raises(ConnectionResetError):
            await box.fetch()
    assert len(box.look()) == 1
    assert await box.fetch() == 1
    while await jobs.run_due():
        pass
    assert len(intake.received) == 1


def _die(*_: object) -> None:
    raise ConnectionResetError


async def test_a_mailbox_that_is_made_anew_repeats_and_loses_nothing(
    box: Box, jobs: JobRunner, intake: RememberingIntake, server: Dovecot
) -> None:
    """Another UIDVALIDITY, the same numbers."""
    box.put(raw("un", GP, PATH, PROVED))
    await box.fetch()
    local, _, domain = box.user.partition("@")
    for path in (server.boxes / domain / local).glob("dovecot*"):
        path.unlink()
    box.put(raw("un", GP, PATH, PROVED), raw("deux", GP, PATH, PROVED))
    assert await box.fetch() == 2
    while await jobs.run_due():
        pass
    assert sorted(mail.text for mail, _, _ in intake.received) == ["deux", "un"]


async def test_a_large_mailbox_is_emptied(box: Box, db: Database) -> None:
    box.put(*(raw(f"patient {rank}", GP, PATH, PROVED) for rank in range(60)))
    assert await box.fetch() == 60
    assert box.look() == []
    async with db.snapshot() as tx:
        assert (await (await tx.connection()).execute(text("SELECT count(*) FROM inbound_mail"))).scalar() == 60


async def test_what_comes_while_we_watch_is_taken_at_once_and_again_after_the_server_was_away(
    box: Box, intakes: Intakes, jobs: JobRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: asyncio.Queue[bytes] = asyncio.Queue()
    keep = intakes.keep

    async def noting(*args: object) -> None:
        await keep(*args)  # type: ignore[arg-type]
        await kept.put(args[2])  # type: ignore[arg-type]

    monkeypatch.setattr(intakes, "keep", noting)
    monkeypatch.setattr("miss.mail.inbound.imap.watch.FIRST_WAIT_S", 0.01)
    async with box.watched(), asyncio.timeout(WAIT_S):
        box.put(raw("un", GP, PATH, PROVED))
        await kept.get()
        box.put(raw("deux", GP, PATH, PROVED))
        await kept.get()
    async with box.watched(), asyncio.timeout(WAIT_S):
        box.put(raw("trois", GP, PATH, PROVED))
        await kept.get()


async def test_starttls(server: Dovecot, intakes: Intakes) -> None:
    found = Box(server, None, TlsKind.STARTTLS)
    session = await asyncio.to_thread(ImapSession, found.account)
    assert session.list_(10) == []
    session.close()
