"""A receipt, deletion or acknowledgement that comes before its author is known: asked about, then believed or not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from miss.base.ids import AccountId, DeviceId
from miss.client.events import Announcer
from miss.client.incidents import Incidents
from miss.client.incoming.claims import Claims
from miss.client.store.conversations import READ
from miss.protocol.crypto.commits import Commit
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.errors import ReceiptForged
from miss.protocol.wire.frames import Read
from tests.miss.client.bench import Bench, bench
from tests.miss.client.devices import first_epoch, join, linked_store, next_epoch
from tests.miss.client.doubles import Answer
from tests.miss.client.people.test_identities import with_second_device
from tests.miss.protocol.people import ALICE, BOB, CAROL, NOW_MS, Person, Team, new_device

COMMIT, ES = first_epoch(ALICE, BOB)
CID = COMMIT.core.cid
_, PHONE_KEYS = new_device(0x77)
PHONE = DeviceId(b"\x77" * 16)


@dataclass
class House:
    """Bob's device, in Alice's conversation."""

    parts: Bench
    incidents: Incidents
    claims: Claims

    async def take(self, frame: Read) -> None:
        await self.claims.take(frame, self.parts.markers.take_read)

    def read_by(self) -> dict[AccountId, int]:
        return self.parts.store.conversations.markers(CID, READ)

    def serve_commits(self, *commits: Commit) -> None:
        """After the first epoch."""

        def answer(request: httpx.Request) -> Answer:
            known = int(request.url.params["from_epoch"]) - 2
            shown = commits[known:]
            boxes = [commit.box(BOB.uid) for commit in shown]
            packed = [commit.stripped().to_bytes() for commit in shown]
            return 200, {"commits": packed, "boxes": boxes, "histories": [None] * len(shown)}

        self.parts.server.answers[f"/api/chat/conversations/{CID.hex()}/commits"] = answer


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, Team(COMMIT, ES))
    parts = bench(store, BOB)
    incidents = Incidents(store, parts.identities, parts.identities._time, Announcer())
    house = House(parts, incidents, Claims(store, parts.identities, parts.epochs, incidents))
    house.serve_commits()
    yield house
    store.close()


def read(reader: Person, did: DeviceId | None = None, signer: Person | None = None, *, phone: bool = False) -> Read:
    receipt = compose_read_receipt(
        cid=CID,
        seq=1,
        log=b"l" * 32,
        uid=reader.uid,
        did=did or reader.did,
        ts_ms=NOW_MS,
        ik=PHONE_KEYS.ik if phone else (signer or reader).keys.ik,
    )
    return Read(CID, 1, receipt.raw, reader.uid)


async def test_a_device_linked_since_is_believed_by_the_chain_of_today(house: House) -> None:
    house.parts.server.shows_chain(with_second_device(ALICE))
    await house.take(read(ALICE, PHONE, phone=True))
    assert house.read_by() == {ALICE.uid: 1}


async def test_a_member_who_joined_since_is_believed_by_the_commit_of_today(house: House) -> None:
    commit, _ = next_epoch(COMMIT, ALICE, BOB, CAROL)
    house.serve_commits(commit)
    house.parts.server.shows_chain(CAROL)
    await house.take(read(CAROL))
    assert house.read_by() == {CAROL.uid: 1}


async def test_who_is_known_and_did_not_sign_is_not_asked_about(house: House) -> None:
    with pytest.raises(ReceiptForged):
        await house.take(read(ALICE, signer=BOB))
    assert house.parts.server.requests == []


async def test_a_device_that_no_chain_holds_is_forged_and_asked_about_once_a_minute(house: House) -> None:
    house.parts.server.shows_chain(ALICE)
    frame = read(ALICE, PHONE, phone=True)
    with pytest.raises(ReceiptForged) as first:
        await house.take(frame)
    house.incidents.note(first.value, frame)
    asked = len(house.parts.server.requests)
    assert asked > 0
    with pytest.raises(ReceiptForged):
        await house.take(frame)
    assert len(house.parts.server.requests) == asked
    assert house.read_by() == {}


async def test_a_stranger_is_not_met_for_it(house: House) -> None:
    house.parts.server.shows_chain(CAROL)
    with pytest.raises(ReceiptForged):
        await house.take(read(CAROL))
    assert house.parts.identities.find(CAROL.uid) is None


async def test_a_conversation_that_is_not_here_is_no_lie(house: House) -> None:
    frame = read(ALICE, signer=BOB)
    await house.take(Read(type(CID)(b"?" * 32), 1, frame.receipt, ALICE.uid))
    assert house.parts.server.requests == []
