"""Reports about mails that left, believed and not, on a real database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail, Outbox, Spool
from miss.mail.trace import Stage, Trace
from miss.mail.trace.errors import MailedUnknown
from miss.mail.trace.store import Pile
from miss.storage import Database
from miss.storage.sealed import KeyStore
from tests import databases
from tests.miss.mail.trace.samples import KO_NEW, KO_OLD, MESSAGE_ID, RECIPIENT, dsn, mdn


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(await databases.sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()


@pytest.fixture
def outbox(db: Database, keystore: KeyStore, clock: MovableClock, tmp_path: Path) -> Outbox:
    return Outbox(db, keystore, Spool(tmp_path / "spool"), clock, system_random)


@pytest.fixture
def trace(db: Database, clock: MovableClock) -> Trace:
    return Trace(db, clock, system_random, ["miss.example", "smtp.operateur.example"])


async def _send(db: Database, outbox: Outbox, *, leaves: bool = True) -> str:
    mail = OutboundMail(
        message_id=MESSAGE_ID,
        sender=Mailbox(parse_address("teleexpertise@miss.example")),
        to=Mailbox(parse_address(RECIPIENT)),
        subject="Avis",
        text="Un avis.",
    )
    async with db.transaction() as tx:
        mail_id = await outbox.enqueue(tx, mail, about="request:1")
    if leaves:
        await outbox.lines.drain()
    return mail_id


async def test_from_the_queue_to_the_record(db: Database, outbox: Outbox, trace: Trace, clock: MovableClock) -> None:
    mail_id = await _send(db, outbox)
    for report, mail_from in ((dsn(envid=mail_id), ""), (KO_OLD, RECIPIENT), (mdn(), "")):
        clock.advance(timedelta(minutes=5))
        assert await trace.receive(report, mail_from=mail_from)
        assert await trace.receive(report, mail_from=mail_from), "the same again is one step"
    [traced] = await trace.list_about("request:1")
    assert [entry.stage for entry in traced.timeline] == [
        Stage.QUEUED,
        Stage.ACCEPTED,
        Stage.DELIVERED,
        Stage.REJECTED,
        Stage.INTEGRATED,
    ]
    assert traced.mailed.stage is Stage.INTEGRATED
    assert [step.source for step in traced.steps] == ["dsn", "mdn", "mdn"]
    assert traced.steps[1].code == "902"
    assert await trace.get(mail_id) == traced


@pytest.mark.parametrize(
    ("report", "mail_from"),
    [
        (dsn(), "somebody@evil.example"),
        (dsn(envid="unknown", message_id="<other@miss.example>"), ""),
        (dsn(envid="", sender="MAILER-DAEMON@evil.example", host="mx.evil.example"), ""),
        (dsn(envid="", recipient="other@medecin.mssante.example", original=""), ""),
        (mdn(sender="paul.exemple@evil.example"), ""),
        (mdn(), "paul@evil.example"),
        (mdn(recipient="other@medecin.mssante.example"), ""),
        (mdn(message_id="<other@miss.example>").replace(MESSAGE_ID.encode(), b"<other@miss.example>"), ""),
        (mdn("manual-action/MDN-sent-manually; denied"), ""),
        (mdn(sender="notmedecin.mssante.example@x.notmedecin.mssante.example"), ""),
    ],
)
async def test_what_is_not_believed_changes_nothing(
    db: Database, outbox: Outbox, trace: Trace, report: bytes, mail_from: str
) -> None:
    mail_id = await _send(db, outbox)
    assert await trace.receive(report, mail_from=mail_from)
    assert (await trace.get(mail_id)).steps == []
    assert (await trace.get(mail_id)).mailed.stage is Stage.ACCEPTED


async def test_who_carried_the_mail_is_believed_wherever_they_are(db: Database, outbox: Outbox, trace: Trace) -> None:
    mail_id = await _send(db, outbox)
    elsewhere = {"sender": "MAILER-DAEMON@hosting.example", "host": "mx.hosting.example"}
    assert await trace.receive(dsn("failed", "5.1.1", envid=mail_id, **elsewhere), mail_from="<>")
    traced = await trace.get(mail_id)
    assert traced.mailed.stage is Stage.FAILED
    [undelivered] = await outbox.list_undelivered()
    assert (undelivered.is_refused, undelivered.reply) == (True, "5.1.1"), "flows that fail are told of it"


async def test_our_relay_is_believed(db: Database, outbox: Outbox, trace: Trace) -> None:
    mail_id = await _send(db, outbox)
    ours = {"sender": "MAILER-DAEMON@smtp.operateur.example", "host": "smtp.operateur.example", "envid": ""}
    assert await trace.receive(dsn("delayed", "4.4.1", **ours), mail_from="")
    assert (await trace.get(mail_id)).mailed.stage is Stage.DELAYED


async def test_a_mail_that_arrived_is_not_sent_again(
    db: Database, outbox: Outbox, trace: Trace, tmp_path: Path
) -> None:
    mail_id = await _send(db, outbox, leaves=False)  # as if the 250 had been lost
    assert await trace.receive(dsn(envid=mail_id), mail_from="")
    await outbox.lines.drain()
    assert list((tmp_path / "spool").iterdir()) == []
    assert await outbox.count_by_state() == {"accepted": 1}


async def test_other_mails_are_left_to_others(trace: Trace) -> None:
    assert not await trace.receive(b"From: a@b.example\r\nSubject: x\r\n\r\nx\r\n", mail_from="a@b.example")
    assert not await trace.receive(dsn("eaten"), mail_from="")


async def test_nothing_of_a_patient_reaches_the_logs_or_the_table(db: Database, outbox: Outbox, trace: Trace) -> None:
    mail_id = await _send(db, outbox)
    with capture_logs() as logs:
        await trace.receive(KO_NEW, mail_from="")
        await trace.receive(dsn(envid=mail_id), mail_from="")
    assert "BASTIEN" not in str(logs)
    assert "BASTIEN" not in str(await trace.get(mail_id))


async def test_piles(db: Database, outbox: Outbox, trace: Trace) -> None:
    mail_id = await _send(db, outbox, leaves=False)
    assert await trace.count_piles([*Pile]) == dict.fromkeys(Pile, 0) | {Pile.QUEUED: 1}
    await outbox.lines.drain()
    assert [one.id for one in (await trace.list_pile(Pile.ARRIVED)).mails] == [mail_id]
    await trace.receive(KO_NEW, mail_from="")
    assert await trace.count_piles([*Pile]) == dict.fromkeys(Pile, 0) | {Pile.REJECTED: 1}
    page = await trace.list_pile(Pile.REJECTED, limit=1)
    assert page.cursor == ""


async def test_a_mail_that_never_was(trace: Trace) -> None:
    with pytest.raises(MailedUnknown):
        await trace.get("nothing")
