"""Proofs on a real database: collected, signed, sent by the month, destroyed after a year."""

import io
import json
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from typer.testing import CliRunner

from miss.base.clock import MovableClock
from miss.base.ids import AccountId
from miss.base.random import RandomBytes
from miss.base.text import Language
from miss.directory.accounts import Account, Accounts
from miss.directory.agreements import Acceptance, Document, Signature
from miss.directory.practitioners import Practitioners
from miss.directory.sample import open_mailboxes, open_register, people
from miss.directory.signer import Signer, load_or_create_signer
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.outbound import OutboundMail, Outbox, Spool
from miss.mail.proofs import Proofs, Seal, verify_statement
from miss.mail.proofs.errors import ProofNotGenuine, ProofUnknown
from miss.mail.proofs.model import month_after, month_before
from miss.mail.proofs.service import ProofRules
from miss.mail.trace import Trace
from miss.server.commands.proof import app as proof_app
from miss.storage import Database
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests import databases
from tests.miss.mail.trace.samples import RECIPIENT, mdn

PARIS = ZoneInfo("Europe/Paris")
PAGE = "https://miss.example/compte/preuves"


@dataclass
class Room:
    db: Database
    clock: MovableClock
    jobs: JobRunner
    outbox: Outbox
    trace: Trace
    proofs: Proofs
    signer: Signer
    account: Account
    spool: Path

    async def send(self, number: int, author: str = "") -> str:
        mail = OutboundMail(
            message_id=f"<te{number}.answer@miss.example>",
            sender=Mailbox(parse_address("teleexpertise@miss.example")),
            to=Mailbox(parse_address(RECIPIENT)),
            subject="FICTIF BASTIEN",
            text="Un avis.",
            author=author or self.account.practitioner_id,
        )
        async with self.db.transaction() as tx:
            mail_id = await self.outbox.enqueue(tx, mail, about="request:1")
        await self.outbox.lines.drain()
        return mail_id

    def archives(self) -> list[bytes]:
        """The ZIPs that were mailed."""
        mails = [message_from_bytes(path.read_bytes()) for path in sorted(self.spool.glob("*.eml"))]
        return [
            part.get_payload(decode=True)  # type: ignore[misc]
            for mail in mails
            for part in mail.walk()
            if part.get_content_type() == "application/zip"
        ]


@pytest.fixture
async def room(
    tmp_path: Path, keystore: KeyStore, clock: MovableClock, random_bytes: RandomBytes
) -> AsyncIterator[Room]:
    db = Database(await databases.sqlite_database(tmp_path / "miss.db"))
    practitioners = Practitioners(db, clock, random_bytes)
    with open_register() as lines:
        await practitioners.import_register(lines)
    with open_mailboxes() as lines:
        await practitioners.import_mailboxes(lines)
    accounts = Accounts(db, clock, random_bytes)
    anne = await practitioners.find_by_rpps(people.ANNE_MODELE)
    assert anne is not None
    account = await accounts.verify((await accounts.open(anne.id, by="test")).uid, "test")
    outbox = Outbox(db, keystore, Spool(tmp_path / "spool"), clock, random_bytes)
    signer = load_or_create_signer(tmp_path / "operator", clock, random_bytes)
    jobs = JobRunner(db, clock, random_bytes)

    async def accepted_by(uid: AccountId) -> list[Acceptance]:
        signature = Signature("Anne MODELE", "", Language.FR)
        return [Acceptance(Document.TERMS, "2026-11", b"d" * 32, datetime(2026, 11, 2, tzinfo=UTC), signature, uid)]

    proofs = Proofs(
        db,
        keystore,
        clock,
        random_bytes,
        accounts,
        practitioners,
        outbox,
        accepted_by,
        Seal(signer.receipt_key, signer.certs, signer.root_public),
        ProofRules("MiSS", "miss.example", PAGE, PARIS),
    )
    for handler in (outbox.job_handler(), proofs.job_handler()):
        jobs.register(handler)
    trace = Trace(db, clock, random_bytes, ["miss.example"])
    yield Room(db, clock, jobs, outbox, trace, proofs, signer, account, tmp_path / "spool")
    await db.close()


def _open(archive: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


async def test_what_was_sent_and_what_came_back(room: Room, tmp_path: Path) -> None:
    mail_id = await room.send(1)
    await room.send(2, author="810000000000")
    report = mdn("automatic-action/x; processed/error", error="902^x", message_id="<te1.answer@miss.example>")
    assert await room.trace.receive(report, mail_from="")
    archive = await room.proofs.download(room.account, mail_id)
    files = _open(archive)
    assert set(files) == {"LISEZMOI.txt", "preuves.json", "signature.json", "preuves.pdf", "courriel.eml"}
    said = json.loads(files["preuves.json"])
    [mail] = said["mails"]
    assert [step["stage"] for step in mail["steps"]] == ["queued", "accepted", "rejected"]
    assert mail["sha256"] == sha256(files["courriel.eml"]).hexdigest()
    assert said["terms"] == {"version": "2026-11", "accepted_at": "2026-11-02T00:00:00.000+00:00"}
    assert b"BASTIEN" not in files["preuves.json"]
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(files["preuves.pdf"])).pages)
    assert "902 : identifiant du patient inconnu" in printed
    assert mail["sha256"] in printed.replace("\n", "")
    # Verified by whoever is handed the file.
    path = tmp_path / "preuve.zip"
    path.write_bytes(archive)
    told = CliRunner().invoke(proof_app, ["mail", str(path), "--root-fingerprint", room.signer.root_fingerprint])
    assert told.exit_code == 0, told.output
    assert "Cette preuve tient : 1 courriel" in told.output
    path.write_bytes(archive[:200])
    told = CliRunner().invoke(proof_app, ["mail", str(path), "--root-fingerprint", room.signer.root_fingerprint])
    assert told.exit_code == 1


async def test_a_statement_that_was_touched_is_not_genuine(room: Room) -> None:
    await room.send(1)
    files = _open(await room.proofs.download_all(room.account))
    statement, signature, root = files["preuves.json"], files["signature.json"], room.signer.root_fingerprint
    verify_statement(statement, signature, root)
    assert "courriel.eml" not in files
    other_day = json.dumps(json.loads(signature) | {"at_ms": json.loads(signature)["at_ms"] + 1}).encode()
    after_its_end = json.dumps(json.loads(signature) | {"at_ms": 2**45}).encode()
    for forged, sign, fingerprint, reason in (
        (statement.replace(b"accepted", b"Accepted"), signature, root, "signature"),
        (statement, other_day, root, "signature"),
        (statement, after_its_end, root, "certificate"),
        (statement, signature, "0000 " * 8, "root"),
        (statement, b"{}", root, "form"),
    ):
        with pytest.raises(ProofNotGenuine) as refused:
            verify_statement(forged, sign, fingerprint)
        assert refused.value.params["reason"] == reason


async def test_a_proof_is_downloaded_for_sixty_days_kept_a_year_and_destroyed(room: Room) -> None:
    mail_id = await room.send(1)
    report = mdn(message_id="<te1.answer@miss.example>")
    assert await room.trace.receive(report, mail_from="")
    room.clock.advance(timedelta(days=59))
    assert len(await room.proofs.list_own(room.account)) == 1
    room.clock.advance(timedelta(days=2))
    assert await room.proofs.list_own(room.account) == []
    with pytest.raises(ProofUnknown):
        await room.proofs.download(room.account, mail_id)
    room.clock.advance(timedelta(days=300))
    assert await room.proofs.destroy_past() == 0
    assert len((await room.trace.get(mail_id)).steps) == 1
    room.clock.advance(timedelta(days=5))
    assert await room.proofs.destroy_past() == 1
    traced = await room.trace.get(mail_id)
    assert (traced.steps, traced.mailed.digest, traced.mailed.author) == ([], None, "")


async def test_nobody_has_the_proofs_of_others(room: Room) -> None:
    mail_id = await room.send(1, author="810000000000")
    with pytest.raises(ProofUnknown):
        await room.proofs.download(room.account, mail_id)


async def test_who_subscribes_is_sent_the_month_once(room: Room) -> None:
    await room.send(1)
    await room.proofs.subscribe(room.account.uid, wanted=True)
    await room.proofs.start()
    for _ in range(14):
        room.clock.advance(timedelta(days=1))
        while await room.jobs.run_due():
            pass
    [archive] = room.archives()
    said = json.loads(_open(archive)["preuves.json"])
    assert [mail["message_id"] for mail in said["mails"]] == ["<te1.answer@miss.example>"]
    assert said["since"].startswith("2026-11-01T00:00:00")
    await room.proofs.subscribe(room.account.uid, wanted=False)
    assert not await room.proofs.is_subscribed(room.account.uid)
    await room.send(2)
    for _ in range(31):
        room.clock.advance(timedelta(days=1))
        while await room.jobs.run_due():
            pass
    assert len(room.archives()) == 1


def test_months() -> None:
    now = datetime(2027, 1, 31, 12, tzinfo=PARIS)
    assert month_before(now) == (datetime(2026, 12, 1, tzinfo=PARIS), datetime(2027, 1, 1, tzinfo=PARIS))
    assert month_after(now) == datetime(2027, 2, 1, 5, tzinfo=PARIS)
