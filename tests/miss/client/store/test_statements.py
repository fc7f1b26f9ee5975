"""What was signed and not confirmed: the first of its kind about a place, until it is settled."""

from pathlib import Path

from miss.base.ids import ConversationId
from miss.client.store import Store
from miss.client.store.statements import PendingStatement, StatementKind
from tests.miss.client.devices import KEY
from tests.miss.protocol.people import Stream

HERE, THERE = ConversationId(b"h" * 32), ConversationId(b"t" * 32)
STONE, ACK = StatementKind.TOMBSTONE, StatementKind.ACKNOWLEDGEMENT


def test_each_waits_until_it_is_settled(tmp_path: Path) -> None:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        waiting = [PendingStatement(HERE, 1, ACK, b"a"), PendingStatement(HERE, 1, STONE, b"s")]
        elsewhere = PendingStatement(THERE, 1, STONE, b"t")
        for one in (*waiting, elsewhere, PendingStatement(HERE, 1, STONE, b"again")):
            store.statements.add(one)
        assert store.statements.list_() == [*waiting, elsewhere]

        store.statements.settle(HERE, 1, STONE)
        assert store.statements.list_() == [waiting[0], elsewhere]
