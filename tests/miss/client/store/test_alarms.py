"""Alarms: the last word of the server, until somebody has acknowledged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from miss.base.clock import from_ms
from miss.client.model import Alarm, AlarmState
from miss.client.store import Store
from miss.client.store.alarms import AlarmRecord
from miss.protocol.crypto.acknowledgements import compose_acknowledgement
from tests.miss.client.devices import KEY
from tests.miss.client.store.test_messages import AT, CID
from tests.miss.protocol.people import BOB, CAROL, NOW_MS, Stream

ALARM = Alarm(AT, (CAROL.uid,))
SIGNED = compose_acknowledgement(
    cid=CID, seq=1, env_hash=b"h" * 32, uid=BOB.uid, did=BOB.did, ts_ms=NOW_MS, ik=BOB.keys.ik
).raw


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store(tmp_path / "store.db", KEY, Stream("s")) as store:
        yield store


def test_the_last_word_counts_until_it_is_acknowledged(store: Store) -> None:
    waiting = AlarmRecord(AlarmState.WAITING, None, None)
    escalated = AlarmRecord(AlarmState.ESCALATED, CAROL.uid, None)
    assert store.alarms.put(CID, 1, waiting)
    assert not store.alarms.put(CID, 1, waiting)
    assert store.alarms.put(CID, 1, escalated)
    assert store.alarms.waiting() == [(CID, 1)]
    assert escalated.apply(ALARM) == Alarm(AT, (CAROL.uid,), AlarmState.ESCALATED, CAROL.uid)

    assert store.alarms.put(CID, 1, AlarmRecord(AlarmState.ACKNOWLEDGED, None, None))  # by a message
    assert not store.alarms.put(CID, 1, escalated)
    assert store.alarms.waiting() == []
    assert store.alarms.complete(CID, 1, AlarmRecord(AlarmState.ACKNOWLEDGED, None, SIGNED))  # by the server
    assert not store.alarms.complete(CID, 1, AlarmRecord(AlarmState.ACKNOWLEDGED, None, b"another"))

    found = store.alarms.find(CID, 1)
    assert found is not None
    assert found.apply(ALARM) == Alarm(
        AT, (CAROL.uid,), AlarmState.ACKNOWLEDGED, None, BOB.uid, from_ms(NOW_MS), SIGNED
    )
