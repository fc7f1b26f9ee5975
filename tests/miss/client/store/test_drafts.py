"""Drafts: one for each conversation, sealed, in the order of nothing."""

from pathlib import Path

from miss.base.ids import ConversationId, MessageId
from miss.client.model import SavedDraft
from miss.client.store import Store
from tests.miss.client.devices import KEY
from tests.miss.protocol.people import BOB, Stream

HERE, THERE = ConversationId(b"h" * 32), ConversationId(b"t" * 32)


def test_a_draft_is_there_after_a_restart_and_sealed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    draft = SavedDraft("CANARI en cours", MessageId(b"r" * 16), (BOB.uid,), True)
    with Store(path, KEY, Stream("s")) as store:
        store.drafts.put(HERE, SavedDraft("avant"))
        store.drafts.put(HERE, draft)
        store.drafts.put(THERE, SavedDraft("x"))
        store.drafts.put(THERE, SavedDraft(""))
    assert b"CANARI" not in path.read_bytes()
    with Store(path, KEY, Stream("t")) as store:
        assert store.drafts.find(HERE) == draft
        assert store.drafts.find(THERE) is None
        store.drafts.remove(HERE)
        assert store.drafts.find(HERE) is None
