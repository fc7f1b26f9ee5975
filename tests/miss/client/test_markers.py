"""Who received and who read: the server's word for one, a signature for the other."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from miss.base.clock import MovableClock, from_ms
from miss.client.events import Announcer, Delivered, ReadBy
from miss.client.identity import Identities
from miss.client.markers import Markers
from miss.client.server_time import ServerTime
from miss.client.store.conversations import READ, RECEIVED
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.errors import BadReceipt, ReceiptForged
from miss.protocol.wire.frames import Read, Recv
from tests.miss.client.devices import join, linked_store
from tests.miss.client.doubles import Server
from tests.miss.protocol.people import ALICE, BOB, NOW_MS, Person, team

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
def house(tmp_path: Path) -> Iterator[SimpleNamespace]:
    """Alice's device."""
    store, announcer = linked_store(tmp_path / "alice.db", ALICE, BOB), Announcer()
    join(store, TEAM)
    time = ServerTime(MovableClock(from_ms(NOW_MS)))
    identities = Identities(store, store.device.get().root, Server().api(ALICE), time, announcer)
    markers = Markers(store, store.device.get(), identities, announcer)
    yield SimpleNamespace(store=store, markers=markers, events=announcer.stream())
    store.close()


async def told(house: SimpleNamespace) -> list[object]:
    house.events.put(None)
    return [event async for event in house.events]


async def test_received_is_announced_when_it_advances(house: SimpleNamespace) -> None:
    for seq in (3, 3, 2):
        house.markers.take_received(Recv(CID, seq, BOB.uid))
    house.markers.take_received(Recv(CID, 9, ALICE.uid))
    house.markers.take_received(Recv(CID, 9))

    assert await told(house) == [Delivered(CID, BOB.uid, 3)]
    assert house.store.conversations.markers(CID, RECEIVED) == {BOB.uid: 3}


async def test_read_is_proved_and_implies_received(house: SimpleNamespace) -> None:
    await house.markers.take_read(Read(CID, 4, receipt(BOB, 4), BOB.uid))

    assert await told(house) == [Delivered(CID, BOB.uid, 4), ReadBy(CID, BOB.uid, 4)]
    assert house.store.conversations.markers(CID, READ) == {BOB.uid: 4}


async def test_our_own_reading_elsewhere_moves_our_own_position(house: SimpleNamespace) -> None:
    await house.markers.take_read(Read(CID, 4, receipt(ALICE, 4), ALICE.uid))

    record = house.store.conversations.get(CID)
    assert (record.read_seq, record.read_reported_seq) == (4, 4)
    assert await told(house) == []


@pytest.mark.parametrize(
    "frame",
    [
        Read(CID, 5, receipt(BOB, 4), BOB.uid),
        Read(CID, 4, receipt(BOB, 4), ALICE.uid),
        Read(CID, 4, receipt(BOB, 4, signer=ALICE), BOB.uid),
        Read(CID, 4, b"\x92garbage", BOB.uid),
    ],
)
async def test_what_the_receipt_does_not_prove_is_refused(house: SimpleNamespace, frame: Read) -> None:
    with pytest.raises((ReceiptForged, BadReceipt)):
        await house.markers.take_read(frame)

    assert house.store.conversations.markers(CID, READ) == {}
