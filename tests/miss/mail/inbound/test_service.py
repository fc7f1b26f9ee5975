"""What arrives is judged, kept once, handed over; what fails three times is set aside and its sender told."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from miss.base.clock import MovableClock
from miss.base.ids import PractitionerId
from miss.base.random import system_random
from miss.broker import MemoryBroker, Rates
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog
from miss.directory.blocking import Blocking, BlockReason
from miss.directory.practitioners import Practitioners
from miss.directory.sample import people
from miss.mail.addresses import MailAddress
from miss.mail.errors import (
    BareLineEnd,
    DisplayNameMisleading,
    FromNotAligned,
    FromNotSingle,
    MailRefused,
    MailUnreadable,
    NoReplySender,
    SenderUnknown,
)
from miss.mail.inbound import Intakes
from miss.mail.inbound.authentication.errors import SenderNotProved, SignatureRequired
from miss.mail.inbound.authentication.model import Believed, Signing, Trust, Via
from miss.mail.inbound.authentication.service import OpenedMail
from miss.mail.inbound.bulk.errors import BulkMail, SameMailAgain, TooManyAddressees
from miss.mail.inbound.bulk.model import MAX_ALIKE
from miss.mail.inbound.errors import CorrespondentBlocked, QuarantinedUnknown, ReasonMissing, TooManyMails
from miss.mail.inbound.quarantine.service import Quarantine
from miss.mail.inbound.receipts import Receipts
from miss.mail.outbound import Outbox, Spool
from miss.protocol.session import Rate
from miss.storage import Database
from miss.storage.errors import DatabaseUnreachable
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests.miss.mail.inbound.kit import CANARY, GP, PLATFORM, RememberingIntake, intakes_on, raw

OPERATOR = {"authserv_id": "mx.miss.example", "operators": {"op.example": ("medecin.mssante.example",)}}
BY_OPERATOR = "Authentication-Results: mx.miss.example; x-tls-client=pass policy.operator=op.example"
RECEIVED = "Received: from out.example by mx.miss.example; Fri, 20 Nov 2026 09:00:00 +0000"
BEHIND_FRONT = Via("192.0.2.7", Believed.ABOVE_RECEIVED)

Make = Callable[..., Intakes]


@pytest.fixture
def make(
    db: Database, keystore: KeyStore, practitioners: Practitioners, jobs: JobRunner, clock: MovableClock,
    intake: RememberingIntake,
) -> Make:  # fmt: skip
    """Intakes with rules of their own."""

    def intakes(**rules: object) -> Intakes:
        made = intakes_on(db, keystore, practitioners, jobs, clock, **rules)  # type: ignore[arg-type]
        made.register(intake)
        return made

    return intakes


async def bring(intakes: Intakes, content: bytes, *, sender: str = GP, via: Via | None = None) -> None:
    await intakes.keep(sender, [str(PLATFORM)], content, via or Via())


async def drain(jobs: JobRunner) -> None:
    while await jobs.run_due():
        pass


class TestOnce:
    """The same mail is kept once, however it is brought."""

    async def test_brought_twice_at_once(self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake) -> None:
        await asyncio.gather(bring(intakes, raw()), bring(intakes, raw()))
        await drain(jobs)
        assert len(intake.received) == 1

    async def test_brought_again_by_another_way(
        self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake
    ) -> None:
        """Our own Postfix writes another Received at each try."""
        await bring(intakes, raw(CANARY, GP, "Received: by mx.miss.example id 1;\r\n\tFri"))
        await bring(intakes, raw(CANARY, GP, "Received: by mx.miss.example id 2;\r\n\tFri"))
        await drain(jobs)
        assert len(intake.received) == 1

    async def test_the_same_id_with_another_body_is_not_lost(
        self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake
    ) -> None:
        await bring(intakes, raw("un"))
        await bring(intakes, raw("deux"))
        await drain(jobs)
        assert sorted(mail.text.strip() for mail, _, _ in intake.received) == ["deux", "un"]


async def test_what_is_kept_is_not_readable_in_the_database(intakes: Intakes, db: Database) -> None:
    await bring(intakes, raw())
    async with db.snapshot() as tx:
        rows = (await (await tx.connection()).execute(text("SELECT * FROM inbound_mail"))).all()
        bodies = (await (await tx.connection()).execute(text("SELECT * FROM inbound_body"))).all()
    assert len(rows) == len(bodies) == 1
    stored = b"".join(
        bytes(value) if isinstance(value, bytes) else str(value).encode() for row in (*rows, *bodies) for value in row
    )
    assert CANARY.encode() not in stored
    assert b"pigment" not in stored


FROM = f"From: {GP}\r\n".encode()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (raw(sender="anne.modele@ch-fictif.mssante.example"), FromNotAligned),
        (raw().replace(FROM, FROM + b"From: eve@evil.example\r\n"), FromNotSingle),
        (raw().replace(FROM, b""), FromNotSingle),
        (raw().replace(FROM, f'From: "{GP}" <eve@evil.example>\r\n'.encode()), DisplayNameMisleading),
        (raw().replace(FROM, f'From: "dg@ars.example" <{GP}>\r\n'.encode()), DisplayNameMisleading),
        (raw().replace(FROM, f"From: {GP})eve@evil.example\r\n".encode()), MailRefused),
        (raw().replace(FROM, f"From: {GP}, eve@evil.example\r\n".encode()), MailRefused),
        (raw().replace(b"Subject:", b"Subject: a\nBcc: x@y.example\r\nX:"), BareLineEnd),
        (raw() + b"\0\r\n", BareLineEnd),
    ],
)
async def test_a_doubtful_mail_is_refused_and_leaves_nothing(
    intakes: Intakes, jobs: JobRunner, db: Database, content: bytes, error: type[MailRefused]
) -> None:
    with pytest.raises(error) as refused:
        await bring(intakes, content)
    assert refused.value.smtp_reply()[:1] == "5"
    async with db.snapshot() as tx:
        assert (await (await tx.connection()).execute(text("SELECT count(*) FROM inbound_mail"))).scalar() == 0


async def test_a_sender_who_reads_no_answer_is_refused(intakes: Intakes) -> None:
    sender = "ne-pas-repondre@labo.example"
    with pytest.raises(NoReplySender):
        await bring(intakes, raw(sender=sender), sender=sender)


@pytest.mark.parametrize("line", ["Auto-Submitted: auto-replied", "X-Autoreply: yes", RECEIVED])
async def test_an_automatic_answer_is_kept_without_a_word(
    intakes: Intakes, jobs: JobRunner, intake: RememberingIntake, line: str
) -> None:
    lines = [RECEIVED] * 26 if line == RECEIVED else [line]
    await bring(intakes, raw("Je suis absent.", GP, *lines))
    await bring(intakes, raw("Votre message…"), sender="")
    assert await jobs.run_due() == 0
    assert intake.received == []


async def test_what_says_to_be_a_mail_server_brings_reports_only(intakes: Intakes) -> None:
    daemon = "MAILER-DAEMON@relais.example"
    await intakes.require_welcome(daemon, str(PLATFORM))
    with pytest.raises(NoReplySender):
        await bring(intakes, raw(sender=daemon), sender=daemon)
    told: list[bytes] = []

    async def report(content: bytes, *, mail_from: str) -> bool:
        told.append(content)
        return b"delivery-status" in content

    intakes.take_reports(report)
    content = raw().replace(b"Content-Type: text/plain", b"Content-Type: multipart/report; x=delivery-status;")
    await bring(intakes, content, sender=daemon)
    with pytest.raises(SenderUnknown):
        await bring(intakes, content.replace(b"delivery-status", b"x"), sender=daemon)
    assert len(told) == 2


class TestBulk:
    """Letters are taken, circulars are not."""

    @pytest.mark.parametrize(
        "line", ["List-Id: <nouvelles.labo.example>", "List-Unsubscribe: <mailto:x@labo.example>", "Precedence: bulk"]
    )
    async def test_lists_are_refused(self, intakes: Intakes, line: str) -> None:
        with pytest.raises(BulkMail) as refused:
            await bring(intakes, raw(CANARY, GP, line))
        assert "liste de diffusion" in refused.value.smtp_reply()

    async def test_a_letter_to_twenty_people_is_one_and_to_more_is_none(self, intakes: Intakes) -> None:
        some = ", ".join(f"dr{rank}@labo.example" for rank in range(19))
        await bring(intakes, raw(CANARY, GP, f"Cc: {some}"))
        with pytest.raises(TooManyAddressees):
            await bring(intakes, raw(CANARY, GP, f"Cc: {some}, un.de.plus@labo.example"))

    async def test_the_same_words_again_and_again(self, intakes: Intakes, clock: MovableClock) -> None:
        for rank in range(MAX_ALIKE):
            await bring(intakes, raw(CANARY, GP, f"X-Rank: {rank}"))
        await bring(intakes, raw(CANARY, GP, "X-Rank: 0"))  # brought again: it counts once
        with pytest.raises(SameMailAgain):
            await bring(intakes, raw(f" {CANARY}\n\n", GP, "X-Rank: last"))
        await bring(intakes, raw("Un autre patient", GP))
        clock.advance(timedelta(days=1, minutes=1))
        await bring(intakes, raw(CANARY, GP, "X-Rank: tomorrow"))

    async def test_a_sender_has_a_rate(self, make: Make) -> None:
        broker = MemoryBroker()
        intakes = make(rates=Rates(broker.counts), per_sender=Rate(burst=2, per_s=0.001))
        for rank in range(2):
            await bring(intakes, raw(str(rank)))
        with pytest.raises(TooManyMails) as refused:
            await bring(intakes, raw("trois"))
        assert refused.value.smtp_reply().startswith("450 4.7.1")
        await broker.close()


class Seal:
    """S/MIME as `miss.mail.smime` answers it: a mail of these tests is « signed » by whoever a header names."""

    async def open(self, raw: bytes) -> OpenedMail:
        if b"X-Broken:" in raw:
            raise MailUnreadable(reason="signature")
        if b"X-Forged-Inside:" in raw:
            return OpenedMail(raw.replace(FROM, b"From: eve@evil.example\r\n"))
        return OpenedMail(raw, frozenset({MailAddress(*GP.split("@"))} if b"X-Signed:" in raw else ()))


class TestProof:
    """Only mail that is proved is taken."""

    async def test_by_an_operator_s_certificate(self, make: Make, jobs: JobRunner, db: Database) -> None:
        intakes = make(trust=Trust(proof_required=True, **OPERATOR))  # type: ignore[arg-type]
        with pytest.raises(SenderNotProved):
            await bring(intakes, raw(CANARY, GP, RECEIVED), via=BEHIND_FRONT)
        await bring(intakes, raw(CANARY, GP, BY_OPERATOR, RECEIVED), via=BEHIND_FRONT)
        async with db.snapshot() as tx:
            row = (await (await tx.connection()).execute(text("SELECT proof, client FROM inbound_mail"))).one()
        assert tuple(row) == ("operator", "192.0.2.7")

    @pytest.mark.parametrize(
        ("lines", "via"),
        [
            ([RECEIVED, BY_OPERATOR], BEHIND_FRONT),
            ([BY_OPERATOR, RECEIVED], Via("192.0.2.7")),
            ([BY_OPERATOR.replace("mx.miss", "evil"), RECEIVED], BEHIND_FRONT),
            ([BY_OPERATOR.replace("op.example", "other.example"), RECEIVED], BEHIND_FRONT),
            ([BY_OPERATOR.replace("pass", "fail"), RECEIVED], BEHIND_FRONT),
            ([BY_OPERATOR.replace("mx", "xx"), BY_OPERATOR.replace("=pass", "=none"), BY_OPERATOR],
             Via("", Believed.TOPMOST)),
        ],
    )  # fmt: skip
    async def test_a_forged_statement_proves_nothing(self, make: Make, lines: list[str], via: Via) -> None:
        intakes = make(trust=Trust(proof_required=True, **OPERATOR))  # type: ignore[arg-type]
        with pytest.raises(SenderNotProved):
            await bring(intakes, raw(CANARY, GP, *lines), via=via)

    async def test_by_a_signature(self, make: Make) -> None:
        intakes = make(trust=Trust(proof_required=True, signing=Signing.REQUIRED), protection=Seal())
        await bring(intakes, raw(CANARY, GP, "X-Signed: yes"))
        with pytest.raises(SignatureRequired):
            await bring(intakes, raw())
        with pytest.raises(MailUnreadable):
            await bring(intakes, raw(CANARY, GP, "X-Broken: yes"))

    async def test_who_signs_inside_is_who_writes_outside(self, make: Make) -> None:
        with pytest.raises(FromNotAligned):
            await bring(make(protection=Seal()), raw(CANARY, GP, "X-Forged-Inside: yes"))


class TestBlocked:
    """Whoever a mail asks for by name may have blocked its sender."""

    @pytest.fixture
    async def anne(self, db: Database, clock: MovableClock, practitioners: Practitioners) -> tuple[Account, Blocking]:
        accounts = Accounts(db, clock, system_random, validity=timedelta(days=1), tries=5)
        blocking = Blocking(db, clock, system_random, practitioners, accounts, AuditLog(db, clock))
        practitioner = await practitioners.find_by_rpps(people.ANNE_MODELE)
        assert practitioner is not None
        return await accounts.open(practitioner.id, by="test"), blocking

    @pytest.mark.parametrize(
        ("reason", "said", "kept_secret"),
        [
            (BlockReason.FORMAT, "leur format ne lui convient pas", False),
            (BlockReason.UNWANTED, "ne souhaite pas en recevoir", False),
            (BlockReason.OTHER, "ne recoit pas vos messages", True),
        ],
    )
    async def test_the_reason_is_told_unless_it_is_secret(
        self, make: Make, anne: tuple[Account, Blocking], intake: RememberingIntake, reason: BlockReason, said: str,
        kept_secret: bool,
    ) -> None:  # fmt: skip
        account, blocking = anne
        intakes = make(blocking=blocking)
        intake.readers = (PractitionerId(account.practitioner_id),)
        await bring(intakes, raw("avant"))
        await blocking.block(account, GP, reason)
        with pytest.raises(CorrespondentBlocked) as refused:
            await bring(intakes, raw())
        assert said in refused.value.smtp_reply()
        assert ("format" in refused.value.smtp_reply()) is (reason is BlockReason.FORMAT)
        assert kept_secret is (refused.value.code == "mail_correspondent_blocked")
        intake.readers = ()
        await bring(intakes, raw("à qui le tour"))


class TestSetAside:
    """Row 13 of the faults: three tries, then an operator."""

    @pytest.fixture
    def outbox(self, db: Database, keystore: KeyStore, clock: MovableClock, tmp_path: Path, intakes: Intakes) -> Outbox:
        return Outbox(db, keystore, Spool(tmp_path / "spool"), clock, system_random)

    @pytest.fixture
    def quarantine(
        self, db: Database, keystore: KeyStore, jobs: JobRunner, clock: MovableClock, outbox: Outbox, intakes: Intakes
    ) -> Quarantine:
        made = Quarantine(
            db, keystore, jobs, AuditLog(db, clock), outbox, clock, system_random, "miss.example"
        )  # fmt: skip
        intakes.tell_set_aside(made.tell)
        return made

    @staticmethod
    async def fail(intakes: Intakes, jobs: JobRunner, clock: MovableClock, content: bytes | None = None) -> None:
        await bring(intakes, content or raw())
        for _ in range(3):
            assert await jobs.run_due() >= 1
            clock.advance(timedelta(hours=1))
        assert await jobs.run_due() == 0

    async def test_three_tries_then_a_person(
        self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake, clock: MovableClock, quarantine: Quarantine,
        db: Database,
    ) -> None:  # fmt: skip
        intake.failures = 3
        await self.fail(intakes, jobs, clock)
        [found] = await quarantine.list_()
        assert (found.sender, found.reason, await quarantine.count()) == (GP, "ValueError", 1)
        async with db.snapshot() as tx:
            told = (await (await tx.connection()).execute(text("SELECT recipient, about FROM outbound_mail"))).all()
        assert [tuple(row) for row in told] == [(GP, f"mail:{found.id}")]
        await quarantine.replay(found.id, by="op")
        await jobs.run_due()
        assert len(intake.received) == 1
        assert await quarantine.list_() == []

    async def test_who_asks_for_a_receipt_has_one_once_it_is_processed(
        self, intakes: Intakes, jobs: JobRunner, outbox: Outbox, db: Database
    ) -> None:
        intakes.acknowledge(Receipts(outbox, "miss.example").send)
        await bring(intakes, raw("un", GP, f"Disposition-Notification-To: {GP}"))
        await bring(intakes, raw("deux", GP, "X-Second: yes"))
        await jobs.run_due()
        async with db.snapshot() as tx:
            told = (await (await tx.connection()).execute(text("SELECT recipient, about FROM outbound_mail"))).all()
        assert [(row[0], row[1].partition(":")[0]) for row in told] == [(GP, "receipt")]

    async def test_a_mail_that_kills_its_process_is_tried_three_times_too(
        self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake, clock: MovableClock, quarantine: Quarantine,
        db: Database,
    ) -> None:  # fmt: skip
        await bring(intakes, raw())
        async with db.transaction() as tx:  # as three processes leave it that die in the middle
            await (await tx.connection()).execute(text("UPDATE inbound_mail SET tries = 3"))
        await jobs.run_due()
        assert [found.reason for found in await quarantine.list_()] == ["crash"]
        assert intake.received == []

    async def test_a_database_that_is_away_is_not_the_mail_s_fault(
        self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake, clock: MovableClock, quarantine: Quarantine,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        async def away(*_: object) -> None:
            raise DatabaseUnreachable

        await bring(intakes, raw())
        with monkeypatch.context() as patched:
            patched.setattr(intake, "receive", away)
            for _ in range(5):
                assert await jobs.run_due() == 1
                clock.advance(timedelta(hours=1))
        await jobs.run_due()
        assert len(intake.received) == 1
        assert await quarantine.count() == 0

    async def test_content_is_opened_for_a_reason_that_is_written_down_first(
        self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake, clock: MovableClock, quarantine: Quarantine,
        db: Database,
    ) -> None:  # fmt: skip
        intake.failures = 3
        await self.fail(intakes, jobs, clock)
        [found] = await quarantine.list_()
        shown = dict(await quarantine.headers(found.id, by="op"))
        assert shown["From"] == GP
        assert shown["Subject"] == "…"
        with pytest.raises(ReasonMissing):
            await quarantine.open(found.id, "  voir  ", by="op")
        assert (await quarantine.open(found.id, "panne du lecteur HPRIM", by="op")) == raw()
        acts = (await AuditLog(db, clock).list_(actor="op")).entries
        assert [(one.fact.act, one.fact.detail.partition(": ")[2]) for one in acts if one.fact] == [
            ("mail.content_opened", "panne du lecteur HPRIM"),
            ("mail.headers_read", ""),
        ]

    async def test_what_is_discarded_can_be_tried_again(
        self, intakes: Intakes, jobs: JobRunner, intake: RememberingIntake, clock: MovableClock, quarantine: Quarantine
    ) -> None:
        intake.failures = 3
        await self.fail(intakes, jobs, clock)
        [found] = await quarantine.list_()
        await quarantine.discard(found.id, "essai d’un éditeur", by="op")
        assert await quarantine.count() == 0
        assert [one.is_discarded for one in await quarantine.list_()] == [True]
        await quarantine.replay(found.id, by="op")
        await jobs.run_due()
        assert len(intake.received) == 1
        with pytest.raises(QuarantinedUnknown):
            await quarantine.replay(found.id, by="op")
