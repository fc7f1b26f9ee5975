"""Who received and who read: the server's word for one, a signature for the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.client.events import Delivered, ReadBy
from miss.client.store.conversations import READ, RECEIVED
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.errors import BadReceipt, ReceiptForged
from miss.protocol.wire.frames import Read, Recv
from tests.miss.client.bench import Bench, bench
from tests.miss.client.devices import join, linked_store
from tests.miss.protocol.people import ALICE, BOB, CAROL, NOW_MS, Person, team

TEAM = team()
CID = TEAM.commit.core.cid


def receipt(reader: Person, seq: int, signer: Person | None = None) -> bytes:
    return compose_read_receipt(
        cid=CID,
        seq=seq,
        log=b"l" * 32,
        uid=reader.uid,
        did=reader.did,
        ts_ms=NOW_MS,
        ik=(signer or reader).keys.ik,
    ).raw


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Bench]:
    """Alice's device."""
    store = linked_store(tmp_path / "alice.db", ALICE, BOB)
    join(store, TEAM)
    yield bench(store, ALICE)
    store.close()


async def test_received_is_announced_when_it_advances(house: Bench) -> None:
    for seq in (3, 3, 2):
        house.markers.take_received(Recv(CID, seq, BOB.uid))
    house.markers.take_received(Recv(CID, 9, ALICE.uid))
    house.markers.take_received(Recv(CID, 9))

    assert await house.told() == [Delivered(CID, BOB.uid, 3)]
    assert house.store.conversations.markers(CID, RECEIVED) == {BOB.uid: 3}


async def test_read_is_proved_and_implies_received(house: Bench) -> None:
    await house.markers.take_read(Read(CID, 4, receipt(BOB, 4), BOB.uid))

    assert await house.told() == [Delivered(CID, BOB.uid, 4), ReadBy(CID, BOB.uid, 4)]
    assert house.store.conversations.markers(CID, READ) == {BOB.uid: 4}


async def test_our_own_reading_elsewhere_moves_our_own_position(house: Bench) -> None:
    await house.markers.take_read(Read(CID, 4, receipt(ALICE, 4), ALICE.uid))

    record = house.store.conversations.get(CID)
    assert (record.read_seq, record.read_reported_seq) == (4, 4)
    assert await house.told() == []


@pytest.mark.parametrize(
    "frame",
    [
        Read(CID, 5, receipt(BOB, 4), BOB.uid),
        Read(CID, 4, receipt(BOB, 4), ALICE.uid),
        Read(CID, 4, receipt(BOB, 4, signer=ALICE), BOB.uid),
        Read(CID, 4, b"\x92garbage", BOB.uid),
        Read(CID, 4, receipt(CAROL, 4), CAROL.uid),
    ],
)
async def test_what_the_receipt_does_not_prove_is_refused(house: Bench, frame: Read) -> None:
    house.server.shows_chain(CAROL)  # a stranger to the conversation
    with pytest.raises((ReceiptForged, BadReceipt)):
        await house.markers.take_read(frame)

    assert house.store.conversations.markers(CID, READ) == {}
