"""How far an alarm has come: the server tells, a member's signature ends it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from miss.client.events import AlarmAcknowledged, AlarmEscalated, AlarmExhausted, MessageChanged
from miss.client.model import AlarmState
from miss.protocol.crypto.acknowledgements import compose_acknowledgement
from miss.protocol.crypto.envelopes import Alarm, hash_envelope, seal_envelope
from miss.protocol.errors import AcknowledgementForged, BadAcknowledgement
from miss.protocol.wire.frames import AlarmChanged
from tests.miss.client.bench import Bench, bench
from tests.miss.client.devices import first_epoch, join, linked_store
from tests.miss.client.incoming.test_intake import item
from tests.miss.protocol.people import ALICE, BOB, CAROL, NOW_MS, Person, Stream, Team, body

COMMIT, ES = first_epoch(ALICE, BOB)
CID = COMMIT.core.cid
ENV = seal_envelope(
    es=ES,
    commit=COMMIT,
    did=ALICE.did,
    ik=ALICE.keys.ik,
    body=body("K+ 6,8"),
    random_bytes=Stream("alarm"),
    alarm=Alarm(NOW_MS + 900_000, (BOB.uid,)),
)


def signed(by: Person, seq: int = 1, env_hash: bytes = hash_envelope(ENV), ik: Person | None = None) -> AlarmChanged:
    raw = compose_acknowledgement(
        cid=CID, seq=seq, env_hash=env_hash, uid=by.uid, did=by.did, ts_ms=NOW_MS, ik=(ik or by).keys.ik
    ).raw
    return AlarmChanged(CID, 1, AlarmState.ACKNOWLEDGED, by.uid, raw)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Bench]:
    """Bob's device, with Alice's alarm; Carol is known, and no member."""
    store = linked_store(tmp_path / "bob.db", BOB, ALICE, CAROL)
    join(store, Team(COMMIT, ES))
    house = bench(store, BOB)
    await house.intake.take(CID, [item(1, ENV)], 1)
    yield house
    store.close()


async def test_the_server_tells_who_is_asked(house: Bench) -> None:
    asked = AlarmChanged(CID, 1, AlarmState.ESCALATED, BOB.uid)
    assert await house.alarms.take(asked) == [AlarmEscalated(CID, 1, BOB.uid)]
    assert await house.alarms.take(asked) == []
    assert await house.alarms.take(AlarmChanged(CID, 1, AlarmState.EXHAUSTED)) == [AlarmExhausted(CID, 1)]
    assert await house.alarms.take(AlarmChanged(CID, 7, AlarmState.EXHAUSTED)) == []  # not here yet


async def test_a_members_signature_ends_it(house: Bench) -> None:
    changed, acknowledged = await house.alarms.take(signed(BOB))

    assert acknowledged == AlarmAcknowledged(CID, 1, BOB.uid)
    assert isinstance(changed, MessageChanged)
    assert changed.message.alarm is not None
    assert changed.message.alarm.acknowledged_by == BOB.uid
    assert await house.alarms.take(signed(BOB)) == []
    assert await house.alarms.take(AlarmChanged(CID, 1, AlarmState.ESCALATED, BOB.uid)) == []


@pytest.mark.parametrize(
    "frame",
    [
        signed(CAROL),
        signed(ALICE),
        signed(BOB, ik=ALICE),
        signed(BOB, seq=2),
        signed(BOB, env_hash=b"h" * 32),
        AlarmChanged(CID, 1, AlarmState.ACKNOWLEDGED, BOB.uid),
    ],
    ids=["a stranger", "its author", "another hand", "another place", "another message", "nobody"],
)
async def test_nothing_else_does(house: Bench, frame: AlarmChanged) -> None:
    with pytest.raises((AcknowledgementForged, BadAcknowledgement)):
        await house.alarms.take(frame)

    assert house.store.alarms.waiting() == [(CID, 1)]
