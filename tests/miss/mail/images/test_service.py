"""Images on a real database, key store and folder of blobs: prepared, sent, opened, withdrawn, destroyed."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from sqlmodel import select

from miss.base.clock import MovableClock
from miss.base.random import RandomBytes
from miss.directory.accounts import Account, Accounts
from miss.directory.audit import AuditLog, Subject
from miss.directory.blocking import Blocking, BlockReason
from miss.directory.practitioners import Practitioners
from miss.directory.retirement import Retirements
from miss.directory.roles import Principal
from miss.directory.sample import open_mailboxes, open_register, people
from miss.mail.images import Album, Correspondents, ImageRules, ImageSendings, State, Way, read_words
from miss.mail.images.errors import (
    ImageFormat,
    ImagesTooMany,
    ImageUnreadable,
    RecipientNoMember,
    RecipientSelf,
    RecipientSetApart,
    RecipientUnknown,
    SendingsTooMany,
    SendingUnknown,
)
from miss.mail.images.tables import MailImagesOpeningRow, MailImagesRow
from miss.mail.inbound.errors import CorrespondentBlocked, CorrespondentBlockedUnwanted
from miss.mail.outbound import Outbox, Spool
from miss.photos import PhotoSandbox
from miss.storage import Database
from miss.storage.blobs import DiskBlobs
from miss.storage.jobs import JobRunner
from miss.storage.sealed import KeyStore
from tests import databases
from tests.miss.photos.test_photos import exif_of_a_telephone, jpeg
from tests.miss.server.matrix import MACHINE

PARIS = ZoneInfo("Europe/Paris")
WORDS = read_words("Lésion du dos", "Depuis un mois.", "FICTIF", "Bastien", "1985-07-14")
PHOTO = jpeg(exif=exif_of_a_telephone())


@dataclass
class Room:
    db: Database
    clock: MovableClock
    jobs: JobRunner
    accounts: Accounts
    practitioners: Practitioners
    blocking: Blocking
    retirements: Retirements
    outbox: Outbox
    audit: AuditLog
    images: ImageSendings
    folder: Path
    anne: Account
    paul: Account
    marc: Account

    async def send(self, count: int = 1, whom: str = people.PAUL_EXEMPLE) -> str:
        draft = await self.images.prepare(self.anne, whom, WORDS, [PHOTO] * count)
        await self.images.send(self.anne, draft.id)
        return draft.id

    async def mails(self) -> list[EmailMessage]:
        await self.outbox.lines.drain()
        paths = sorted((self.folder / "spool").glob("*.eml"))
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    def blobs(self) -> list[bytes]:
        return [path.read_bytes() for path in (self.folder / "blobs").rglob("*") if path.is_file()]

    async def acts(self, sending_id: str) -> list[str]:
        page = await self.audit.list_(subject=Subject("images", sending_id))
        return [entry.fact.act for entry in reversed(page.entries) if entry.fact]

    async def is_unknown(self, account: Account, sending_id: str) -> bool:
        """To every way of looking, in the same words."""
        for look in (
            self.images.open(account, sending_id),
            self.images.read_image(account, sending_id, 1),
            self.images.read_all(account, sending_id),
        ):
            with pytest.raises(SendingUnknown):
                await look
        return True


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
    accounts, audit = Accounts(db, clock, random_bytes), AuditLog(db, clock)
    opened = []
    for rpps in (people.ANNE_MODELE, people.PAUL_EXEMPLE, people.MARC_COORDO):
        found = await practitioners.find_by_rpps(rpps)
        assert found is not None
        opened.append(await accounts.verify((await accounts.open(found.id, by="test")).uid, "test"))
    outbox, jobs = (
        Outbox(db, keystore, Spool(tmp_path / "spool"), clock, random_bytes),
        JobRunner(db, clock, random_bytes),
    )

    async def tells_nobody(*_: object) -> None:
        return

    blocking = Blocking(db, clock, random_bytes, practitioners, accounts, audit)
    retirements = Retirements(db, clock, random_bytes, accounts, tells_nobody)
    images = ImageSendings(
        db,
        clock,
        random_bytes,
        Correspondents(db, practitioners, accounts, blocking, retirements),
        accounts,
        Album(DiskBlobs(tmp_path / "blobs"), keystore, PhotoSandbox()),
        outbox,
        audit,
        jobs,
        ImageRules(domain="miss.example", pages="https://miss.example/images", zone=PARIS, per_day=2),
    )
    for handler in (outbox.job_handler(), images.retention.job_handler(), retirements.job_handler()):
        jobs.register(handler)
    yield Room(
        db, clock, jobs, accounts, practitioners, blocking, retirements, outbox, audit, images, tmp_path, *opened
    )
    await db.close()


async def test_sent_seen_by_one_and_its_sender_is_told(room: Room) -> None:
    draft = await room.images.prepare(room.anne, people.PAUL_EXEMPLE, WORDS, [PHOTO, PHOTO])
    assert await room.is_unknown(room.paul, draft.id), "a draft is nobody else's"
    assert (await room.images.open(room.anne, draft.id)).words == WORDS
    assert await room.mails() == []
    await room.images.send(room.anne, draft.id)
    await room.images.send(room.anne, draft.id)
    (mail,) = await room.mails()
    body = mail.get_body()
    assert body is not None
    assert f"https://miss.example/images/{draft.id}" in body.get_content()
    assert list(mail.iter_attachments()) == []
    assert b"FICTIF" not in b"".join(room.blobs())
    assert b"\xff\xd8\xff" not in b"".join(blob[:3] for blob in room.blobs())
    room.clock.advance(timedelta(hours=1))
    seen = await room.images.open(room.paul, draft.id)
    assert (seen.words, seen.is_own, seen.openings) == (WORDS, False, ())
    picture = await room.images.read_image(room.paul, draft.id, 2)
    assert not Image.open(io.BytesIO(picture)).getexif()
    with pytest.raises(SendingUnknown):
        await room.images.read_image(room.paul, draft.id, 3)
    with zipfile.ZipFile(io.BytesIO(await room.images.read_all(room.paul, draft.id))) as archive:
        assert archive.namelist() == ["image-1.jpg", "image-2.jpg"]
        assert archive.read("image-2.jpg") == picture
    assert await room.is_unknown(room.marc, draft.id)
    assert await room.acts(draft.id) == ["images.sent", "images.opened", "images.image_read", "images.downloaded"]
    (sent,) = await room.images.list_sent(room.anne)
    assert [room.clock.now() - at < timedelta(minutes=1) for at in sent.openings] == [True, True]
    assert [one.sending.id for one in await room.images.list_received(room.paul)] == [draft.id]
    assert (await room.images.open(room.anne, draft.id)).is_own
    assert len((await room.images.list_sent(room.anne))[0].openings) == 2, "who sends opens nothing"


async def test_withdrawn_means_gone_at_once(room: Room) -> None:
    sending_id = await room.send()
    with pytest.raises(SendingUnknown):
        await room.images.withdraw(room.paul, sending_id)
    await room.images.withdraw(room.anne, sending_id)
    await room.images.withdraw(room.anne, sending_id)
    assert await room.is_unknown(room.paul, sending_id)
    assert await room.is_unknown(room.anne, sending_id)
    assert room.blobs() == []
    assert (await room.images.list_sent(room.anne))[0].state is State.WITHDRAWN
    assert await room.acts(sending_id) == ["images.sent", "images.withdrawn"]
    draft = await room.images.prepare(room.anne, people.PAUL_EXEMPLE, WORDS, [PHOTO])
    await room.images.withdraw(room.anne, draft.id)
    with pytest.raises(SendingUnknown):
        await room.images.send(room.anne, draft.id)
    assert len(await room.images.list_sent(room.anne)) == 1, "what was thrown away unsent leaves no line"


async def test_expired_means_closed_at_once_and_destroyed_by_the_days_look(room: Room, keystore: KeyStore) -> None:
    await room.images.retention.start()
    sending_id = await room.send(1)
    await room.images.open(room.paul, sending_id)
    await room.images.prepare(room.anne, people.PAUL_EXEMPLE, WORDS, [PHOTO])
    room.clock.advance(timedelta(days=1, minutes=1))
    assert await room.jobs.run_due()
    assert len(room.blobs()) == 1, "the draft is gone, what was sent is not"
    room.clock.advance(timedelta(days=28, hours=23, minutes=58))
    await room.images.open(room.paul, sending_id)
    room.clock.advance(timedelta(minutes=1))
    assert await room.is_unknown(room.paul, sending_id)
    assert (await room.images.list_received(room.paul))[0].state is State.EXPIRED
    assert len(room.blobs()) == 1
    sealed = room.blobs()[0]
    room.clock.advance(timedelta(days=1))
    assert await room.jobs.run_due()
    assert room.blobs() == []
    # A copy of the blob says nothing: its key is destroyed.
    with pytest.raises(Exception, match="data_key_destroyed"):
        await keystore.open(f"images:{sending_id}", sealed, what=f"{sending_id}-1")
    (sent,) = await room.images.list_sent(room.anne)
    assert (sent.state, len(sent.openings)) == (State.EXPIRED, 2)
    room.clock.advance(timedelta(days=366))
    await room.jobs.run_due()
    async with room.db.snapshot() as tx:
        left = [len((await tx.exec(select(table))).all()) for table in (MailImagesRow, MailImagesOpeningRow)]
    assert left == [0, 0], "after a year not even the trace"


async def test_what_a_crash_left_half_done_is_done_by_the_days_look(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    sending_id = await room.send(1)

    async def dies(_self: object, _sending_id: str) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(Album, "destroy", dies)
        with pytest.raises(ConnectionError):
            await room.images.withdraw(room.anne, sending_id)
    assert await room.is_unknown(room.paul, sending_id)
    assert len(room.blobs()) == 1
    assert await room.images.retention.destroy_past() == 1
    assert room.blobs() == []
    assert await room.images.retention.destroy_past() == 0


async def test_large_mails_go_to_who_takes_them_member_or_not(room: Room) -> None:
    paul = await room.practitioners.get(room.paul.practitioner_id)
    domain = paul.letterboxes[0].rpartition("@")[2]
    room.images.rules = replace(room.images.rules, large_mail_domains={domain})
    await room.accounts.suspend(room.paul.uid, "test", "parti")
    sending_id = await room.send(2)
    (mail,) = await room.mails()
    assert [part.get_content_type() for part in mail.iter_attachments()] == ["image/jpeg"] * 2
    assert room.blobs() == []
    assert await room.is_unknown(room.anne, sending_id)
    await room.images.withdraw(room.anne, sending_id)
    (sent,) = await room.images.list_sent(room.anne)
    assert (sent.state, sent.sending.way) == (State.SENT, Way.ATTACHED)
    room.images.rules = replace(room.images.rules, large_mail_domains=())
    with pytest.raises(RecipientNoMember):
        await room.send()


async def test_a_block_stops_it_and_tells_the_reason_that_was_chosen(room: Room) -> None:
    draft = await room.images.prepare(room.anne, people.PAUL_EXEMPLE, WORDS, [PHOTO])
    block = await room.blocking.block(room.paul, people.ANNE_MODELE, BlockReason.UNWANTED)
    with pytest.raises(CorrespondentBlockedUnwanted):
        await room.images.send(room.anne, draft.id)
    await room.blocking.unblock(room.paul.uid, block.id)
    block = await room.blocking.block(room.paul, people.ANNE_MODELE, BlockReason.OTHER)
    with pytest.raises(CorrespondentBlocked) as refused:
        await room.send()
    assert type(refused.value) is CorrespondentBlocked, "« Autre motif » is nobody's business"
    await room.blocking.unblock(room.paul.uid, block.id)
    await room.blocking.block(room.anne, people.PAUL_EXEMPLE, BlockReason.OTHER)
    with pytest.raises(RecipientSetApart):
        await room.send()
    assert await room.mails() == []


async def test_who_has_left_is_followed_to_the_successor(room: Room) -> None:
    technician = Principal(room.paul.uid, MACHINE.grants)
    leaves_on = date(2026, 11, 21)
    asked = await room.retirements.ask(
        technician, room.paul.uid, leaves_on, successor=room.marc.practitioner_id, reason="retraite"
    )
    for grants in (MACHINE, replace(MACHINE, uid=room.anne.uid)):
        if (await room.retirements.get(asked.id)).stage.value == "asked":
            await room.retirements.approve(grants, asked.id)
    room.clock.advance(timedelta(days=2))
    while await room.jobs.run_due():
        pass
    sending_id = await room.send(1)
    (mail,) = await room.mails()
    assert "remis à son successeur" in mail["Subject"]
    assert (await room.images.open(room.marc, sending_id)).words == WORDS
    assert await room.is_unknown(room.paul, sending_id)


async def test_what_is_not_taken(room: Room) -> None:
    anne, paul = room.anne, people.PAUL_EXEMPLE
    with pytest.raises(RecipientUnknown):
        await room.images.prepare(anne, "personne@ailleurs.example", WORDS, [PHOTO])
    with pytest.raises(RecipientSelf):
        await room.images.prepare(anne, people.ANNE_MODELE, WORDS, [PHOTO])
    with pytest.raises(ImagesTooMany):
        await room.images.prepare(anne, paul, WORDS, [PHOTO] * 7)
    with pytest.raises(ImageUnreadable) as refused:
        await room.images.prepare(anne, paul, WORDS, [PHOTO, b"%PDF-1.7"])
    assert refused.value.params["rank"] == 2
    with pytest.raises(ImageFormat):
        await room.images.prepare(anne, paul, WORDS, [b"\0\0\0\x18ftypmp42" + bytes(40)])
    assert room.blobs() == []
    for _ in range(2):
        await room.images.prepare(anne, paul, WORDS, [PHOTO])
    with pytest.raises(SendingsTooMany):
        await room.images.prepare(anne, paul, WORDS, [PHOTO])
    room.clock.advance(timedelta(days=1, seconds=1))
    await room.images.prepare(anne, paul, WORDS, [PHOTO])
