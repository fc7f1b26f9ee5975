"""Lies outside the log: noted and announced under their name, a thousand of them like one."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from miss.base.clock import from_ms
from miss.base.ids import AccountId, ConversationId
from miss.base.text import Language
from miss.client import Store
from miss.client import incidents as module
from miss.client.events import Announcer, Event, EventStream, ServerLied
from miss.client.incidents import MAX_AT_ONCE, QUIET_S, Incidents
from miss.client.model import Incident
from miss.protocol.crypto.receipts import compose_read_receipt
from miss.protocol.errors import LinkForged, ReceiptForged, TombstoneForged
from miss.protocol.session.events import Answered
from miss.protocol.wire.frames import Ack, LinkAdded, Read, Send
from tests.conditions import WAIT_S
from tests.miss.client.bench import bench
from tests.miss.client.devices import join, linked_store
from tests.miss.client.script import Script, bob_on, saying
from tests.miss.client.test_sync import CID, TEAM, heads, msg, read
from tests.miss.protocol.people import ALICE, BOB, NOW_MS

FORGED = ReceiptForged(seq=1)
READ = Read(CID, 1, b"r", ALICE.uid)
LINK = LinkAdded(ALICE.uid, b"l")


@dataclass
class House:
    """Bob's device, in a conversation with Alice."""

    store: Store
    incidents: Incidents
    stream: EventStream
    now_s: float = 1000.0

    def told(self) -> list[Event]:
        found = []
        while not self.stream._queue.empty():
            event = self.stream._queue.get_nowait()
            assert event is not None
            found.append(event)
        return found


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = linked_store(tmp_path / "bob.db", BOB, ALICE)
    join(store, TEAM)
    yield store
    store.close()


@pytest.fixture
async def house(store: Store, monkeypatch: pytest.MonkeyPatch) -> House:
    parts, announcer = bench(store, BOB), Announcer()
    house = House(store, Incidents(store, parts.identities, parts.identities._time, announcer), announcer.stream())
    monkeypatch.setattr(module, "monotonic_s", lambda: house.now_s)
    return house


async def test_a_lie_is_announced_and_kept_once_a_minute(house: House) -> None:
    assert [house.incidents.note(FORGED, READ) for _ in range(1000)] == [True] + [False] * 999
    assert house.incidents.is_recent(FORGED, READ)
    assert not house.incidents.is_recent(TombstoneForged(seq=1), READ)
    house.now_s += QUIET_S
    assert not house.incidents.is_recent(FORGED, READ)
    assert house.incidents.note(FORGED, READ)
    assert house.told() == [ServerLied("receipt_forged", CID, None)] * 2
    [kept] = house.store.incidents.list_()
    assert (kept.code, kept.cid, kept.uid) == ("receipt_forged", CID, None)


async def test_what_it_is_about_is_a_conversation_or_a_person_known_here(house: House) -> None:
    unknown = Read(ConversationId(b"?" * 32), 1, b"r", AccountId(b"?" * 16))
    sent = Answered(Send(1, b"m" * 16, CID, b"e"), Ack(1, b"m" * 16, 1, 1, b"r"))  # type: ignore[arg-type]
    for error, event in ((LinkForged(), LINK), (FORGED, unknown), (FORGED, object()), (FORGED, sent)):
        house.incidents.note(error, event)
    assert house.told() == [
        ServerLied("link_forged", None, ALICE.uid),
        ServerLied("receipt_forged", None, None),
        ServerLied("receipt_forged", CID, None),
    ]


async def test_many_different_lies_at_once_are_not_all_noted(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(MAX_AT_ONCE + 40):
        monkeypatch.setattr(FORGED, "code", f"lie_{number}", raising=False)
        house.incidents.note(FORGED, READ)
    assert len(house.told()) == len(house.store.incidents.list_()) == MAX_AT_ONCE


async def test_a_flood_of_forged_receipts_is_one_incident_and_keeps_nothing_from_coming(store: Store) -> None:
    forged = compose_read_receipt(
        cid=CID, seq=1, log=b"l" * 32, uid=ALICE.uid, did=ALICE.did, ts_ms=NOW_MS, ik=BOB.keys.ik
    )
    flood = [Read(CID, 1, forged.raw, ALICE.uid)] * 300
    script = Script(saying([heads(0), *flood, msg(1), read(1)]))
    async with bob_on(script, store) as bob, asyncio.timeout(WAIT_S):
        events, lies = bob.events(), 0
        while not bob.read_by(CID):
            lies += isinstance(await anext(events), ServerLied)
        assert lies == 1
        [incident] = bob.incidents()
        assert incident.code == "receipt_forged"
        assert "receipt_forged" in incident.sentence()
        assert incident.sentence() != incident.sentence(Language.EN)
        assert [one.text for one in bob.messages(CID)] == ["1"]


def test_the_first_incidents_stay(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("miss.client.store.incidents.MAX_INCIDENTS", 2)
    for code, at_ms in (("a", 10), ("b", 20), ("c", 30), ("a", 40)):
        store.incidents.note(code, CID, None, at_ms)
    assert store.incidents.list_() == [
        Incident("a", CID, None, from_ms(10), from_ms(40)),
        Incident("b", CID, None, from_ms(20), from_ms(20)),
    ]
