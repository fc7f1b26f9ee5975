"""Images attached to a mail of nearly 10 MB, through a real Postfix on the shipped limits: whole, and once."""

import asyncio
from collections.abc import AsyncIterator
from email import message_from_bytes, policy
from hashlib import sha256
from pathlib import Path

import pytest

from miss.base.clock import MovableClock
from miss.base.random import system_random
from miss.mail.addresses import Mailbox, parse_address
from miss.mail.images.letter import Envelope, compose_attached_mail
from miss.mail.images.model import LARGE_MAIL_BYTES, mail_bytes, read_words
from miss.mail.outbound import Outbox
from miss.mail.relays import Relay, Relays, TlsPolicy
from miss.mail.smime import ProtectedTransport
from miss.storage import Database
from miss.storage.sealed import KeyStore
from tests.databases import sqlite_database
from tests.mail.conftest import GP_BOX, Front
from tests.miss.mail.smime.making import OURS, Correspondent, certificate_of, curve_key, smime_of

pytestmark = pytest.mark.mail

PATIENCE_S = 30


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(await sqlite_database(tmp_path / "miss.db"))
    yield database
    await database.close()


async def test_ten_megabytes_pass_the_shipped_postfix_signed(
    front: Front, db: Database, keystore: KeyStore, clock: MovableClock, tmp_path: Path
) -> None:
    key = curve_key("ours")
    smime = smime_of(Correspondent(tmp_path / "ours", key, certificate_of(key, OURS)))
    relay = Relay(name="postfix", host="127.0.0.1", port=front.mx.relay_port, tls=TlsPolicy.NONE)
    relays = Relays([relay], clock)
    outbox = Outbox(db, keystore, ProtectedTransport(relays, smime), clock, system_random, room=smime.room_for)
    room_bytes = await outbox.room_for(GP_BOX, LARGE_MAIL_BYTES)
    each = max(size for size in range(1_000_000, 1_300_000, 1_000) if mail_bytes(6 * size) <= room_bytes)
    images = [system_random(each) for _ in range(6)]
    envelope = Envelope(
        message_id="<01a1.images@miss.example>",
        platform=Mailbox(parse_address("miss@miss.example"), "MiSS"),
        sender="Dr Anne MODELE",
        author="899900000011",
        reply_to=None,
        to=Mailbox(parse_address(GP_BOX)),
        recipient="Dr Paul EXEMPLE",
        reference="IM1EB78E58",
    )
    words = read_words("Lésion", "Texte.", "FICTIF", "Bastien", "1985-07-14")
    mail = compose_attached_mail(envelope, words, images, clock.now())
    try:
        async with db.transaction() as tx:
            await outbox.enqueue(tx, mail, about="images:1", limit_bytes=LARGE_MAIL_BYTES)
        await outbox.lines.drain()
    finally:
        await relays.close()
    assert await outbox.count_by_state() == {"accepted": 1}
    content = await _delivered(front)
    assert 9_700_000 < len(content) < LARGE_MAIL_BYTES
    read = message_from_bytes(content, policy=policy.default)
    brought = [part.get_content() for part in read.walk() if part.get_content_type() == "image/jpeg"]
    assert [sha256(one).digest() for one in brought] == [sha256(one).digest() for one in images]


async def _delivered(front: Front) -> bytes:
    """The one mail, once Postfix has put it into the box."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = [one for one in front.mx.delivered(GP_BOX) if b"01a1.images@miss.example" in one]
            if found:
                [content] = found
                return content
            await asyncio.sleep(0.1)
