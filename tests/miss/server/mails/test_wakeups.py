"""Calling people by secure mail: who is called, and that the call says nothing."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.ids import AccountId
from miss.base.random import system_random
from miss.base.text import Language
from miss.chat.alarms.model import Wakeup, WakeupKind
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog
from miss.directory.practitioners import Practitioners
from miss.directory.preferences import NotificationLevel, Preferences
from miss.directory.sample import open_mailboxes, open_register
from miss.directory.sample.people import ANNE_MODELE, HUGO_FACTICE, INES_BROUILLON
from miss.mail.outbound import Outbox, Spool
from miss.server.demo.mailbox import text_of
from miss.server.mails.wakeups import WakeupMails
from miss.server.service import Services
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.databases import open_prepared_server
from tests.miss.server.running import settings_in

REFERENCE = "0123456789abcdef" * 2


class Office:
    """The directory, the outbox and a folder where mails land."""

    def __init__(self, db: Database, keystore: KeyStore, clock: MovableClock, jobs: JobRunner, folder: Path) -> None:
        self.db, self.jobs, self.folder = db, jobs, folder
        self.practitioners = Practitioners(db, clock, system_random)
        self.accounts = Accounts(db, clock, system_random)
        outbox = Outbox(db, keystore, Spool(folder), clock, system_random)
        jobs.register(outbox.job_handler())
        self.preferences = Preferences(db, clock, self.accounts, AuditLog(db, clock))
        self.mails = WakeupMails(self.accounts, self.practitioners, self.preferences, outbox, "miss.example")

    async def account(self, rpps: str, language: Language = Language.FR) -> Account:
        person = await self.practitioners.find_by_rpps(rpps)
        assert person is not None
        account = await self.accounts.open(person.id, by="test", language=language)
        return await self.accounts.verify(account.uid, "test")

    async def call(self, uid: AccountId, kind: WakeupKind, reference: str = REFERENCE) -> bool:
        async with self.db.transaction() as tx:
            return await self.mails(tx, uid, Wakeup(kind, reference))

    async def sent(self) -> list[bytes]:
        while await self.jobs.run_due():
            pass
        return [path.read_bytes() for path in sorted(self.folder.glob("*.eml"))]


@pytest.fixture
async def office(db: Database, keystore: KeyStore, clock: MovableClock, jobs: JobRunner, tmp_path: Path) -> Office:
    made = Office(db, keystore, clock, jobs, tmp_path / "spool")
    with open_register() as lines:
        await made.practitioners.import_register(lines)
    with open_mailboxes() as lines:
        await made.practitioners.import_mailboxes(lines)
    return made


async def test_the_call_names_nobody_and_says_nothing(office: Office) -> None:
    anne = await office.account(ANNE_MODELE)
    assert await office.call(anne.uid, WakeupKind.ALARM_ASKED)
    [raw] = await office.sent()
    mail = message_from_bytes(raw, policy=default)
    assert (mail["To"], mail["Subject"]) == (
        "anne.modele@ch-fictif.mssante.example",
        "Un résultat attend votre accusé de réception dans MiSS",
    )
    assert mail["From"].addresses[0].addr_spec == "miss@miss.example"
    assert (mail["Auto-Submitted"], mail["Message-ID"]) == (
        "auto-generated",
        f"<{REFERENCE}.wakeup@miss.example>",
    )
    words = text_of(mail)
    assert "Ouvrez MiSS" in words
    for secret in (b"MODELE", b"Modele", anne.uid.hex().encode()):
        assert secret not in raw


async def test_the_same_call_again_sends_one_mail(office: Office) -> None:
    anne = await office.account(ANNE_MODELE)
    assert await office.call(anne.uid, WakeupKind.ALARM_ASKED)
    assert await office.call(anne.uid, WakeupKind.ALARM_ASKED)
    assert len(await office.sent()) == 1


async def test_the_author_is_told_something_else_and_everybody_in_their_language(office: Office) -> None:
    ines = await office.account(INES_BROUILLON, Language.EN)
    assert await office.call(ines.uid, WakeupKind.ALARM_EXHAUSTED)
    [raw] = await office.sent()
    mail = message_from_bytes(raw, policy=default)
    assert mail["Subject"] == "A result you sent was not acknowledged in MiSS"
    assert "ines.brouillon@" in mail["To"]


async def test_a_discreet_notice_does_not_say_what_it_is_about(office: Office) -> None:
    anne = await office.account(ANNE_MODELE)
    await office.preferences.choose_level(anne.uid, NotificationLevel.DISCREET)
    for number, kind in enumerate(WakeupKind):
        assert await office.call(anne.uid, kind, f"{number}" * 32)
    for raw in await office.sent():
        mail = message_from_bytes(raw, policy=default)
        assert mail["Subject"] == "Du nouveau vous attend dans MiSS"
        assert "résultat" not in text_of(mail)


async def test_who_wants_no_mail_gets_none_and_the_chat_learns_it(office: Office) -> None:
    anne = await office.account(ANNE_MODELE)
    await office.preferences.choose_level(anne.uid, NotificationLevel.NONE)
    assert not await office.call(anne.uid, WakeupKind.ALARM_ASKED)
    await office.preferences.choose_level(anne.uid, NotificationLevel.FULL)
    assert await office.call(anne.uid, WakeupKind.ALARM_ASKED)
    assert len(await office.sent()) == 1


async def test_who_cannot_be_reached_is_not_called(office: Office, db: Database) -> None:
    hugo = await office.account(HUGO_FACTICE)
    await office.accounts.suspend(hugo.uid, "test", "")
    assert not await office.call(hugo.uid, WakeupKind.ALARM_ASKED)
    assert not await office.call(AccountId(bytes(16)), WakeupKind.ALARM_ASKED)
    assert await office.sent() == []


async def test_without_a_mailbox_nobody_is_called(office: Office) -> None:
    async with office.db.transaction() as tx:
        await (await tx.connection()).exec_driver_sql("DELETE FROM register_mailbox")
    anne = await office.account(ANNE_MODELE)
    assert not await office.call(anne.uid, WakeupKind.ALARM_ASKED)
    assert await office.sent() == []


async def test_the_server_calls_by_mail_and_keeps_as_long_as_it_is_told(tmp_path: Path, clock: MovableClock) -> None:
    settings = settings_in(tmp_path, retention_days=30)
    server = await open_prepared_server(settings, clock, system_random, Services())
    assert isinstance(server.chat.alarms._notify, WakeupMails)
    assert server.chat.limits.retention.days == 30
    await server.house.db.close()
    await server.keys.close()
    await server.register.close()
