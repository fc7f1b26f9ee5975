"""The whole store: nothing readable lies in its files."""

from datetime import UTC, datetime
from pathlib import Path

from miss.base.ids import MessageId
from miss.client.model import Message
from miss.client.store.outbox import Draft
from tests.miss.client.devices import KEY, join, linked_store
from tests.miss.protocol.people import ALICE, BOB, team

CANARY = "CANARI-7F3A mélanome de l'épaule"
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def test_no_secret_and_no_plaintext_in_any_file_of_the_store(tmp_path: Path) -> None:
    store = linked_store(tmp_path / "store.db", ALICE, BOB)
    conversation = team()
    cid = conversation.commit.core.cid
    join(store, conversation)
    store.conversations.set_name(cid, f"nom {CANARY}")
    store.outbox.add(MessageId(b"1" * 16), cid, Draft(0, "text", f"sortant {CANARY}"))
    message = Message(cid, 1, MessageId(b"2" * 16), BOB.uid, BOB.did, False, AT, AT, text=f"reçu {CANARY}")
    store.messages.add(message, envelope_id=b"e" * 16, env_hash=None)

    def on_disk() -> bytes:
        return b"".join(path.read_bytes() for path in sorted(tmp_path.iterdir()))

    secrets = {
        "text": b"CANARI-7F3A",
        "a contact's name": BOB.who.family.encode(),
        "device key": bytes(ALICE.keys.ik),
        "sealing key": ALICE.keys.ek.seed,
        "user key": ALICE.user_key.secret,
        "epoch secret": conversation.es,
        "store key": KEY,
    }
    while_open = on_disk()
    assert len(while_open) > 10_000
    store.close()
    closed = on_disk()
    for what, secret in secrets.items():
        assert secret not in while_open, what
        assert secret not in closed, what


def test_writes_to_several_parts_are_one(tmp_path: Path) -> None:
    store = linked_store(tmp_path / "store.db", ALICE)
    try:
        with store.transaction():
            store.outbox.add(MessageId(b"1" * 16), team().commit.core.cid, Draft(0, "text", "Bonjour"))
            store.device.set_resume(5)
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass

    assert store.outbox.find(MessageId(b"1" * 16)) is None
    assert store.device.resume() is None
    store.close()
