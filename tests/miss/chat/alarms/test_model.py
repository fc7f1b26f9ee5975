"""The rules of an alarm, without a server."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId, ConversationId
from miss.chat.alarms.model import (
    MAX_DELAY_MS,
    OPEN,
    Place,
    RaisedAlarm,
    WakeupKind,
    escalate,
    refuse_alarm,
    wakeup_of,
)
from miss.protocol.crypto.envelopes import Alarm
from miss.protocol.wire.frames import AlarmState

AUTHOR, ANNE, PAUL, KARIM = (AccountId(bytes([number]) * 16) for number in range(4))
MEMBERS = frozenset({AUTHOR, ANNE, PAUL, KARIM})
NOW = 1_790_000_000_000
RAISED = RaisedAlarm(
    place=Place(ConversationId(b"c" * 32), 7),
    author=AUTHOR,
    env_hash=b"h" * 32,
    state=AlarmState.WAITING,
    next_uids=(ANNE, PAUL, KARIM),
    delay_ms=600_000,
    due_ms=NOW,
)


def code(alarm: Alarm) -> str | None:
    error = refuse_alarm(alarm, AUTHOR, MEMBERS, NOW)
    return error.code if error else None


def test_what_an_alarm_may_ask() -> None:
    assert code(Alarm(NOW + 1, ())) is None
    assert code(Alarm(NOW + MAX_DELAY_MS, (ANNE, PAUL))) is None


@pytest.mark.parametrize("named", [(AccountId(b"x" * 16),), (ANNE, AUTHOR), (ANNE, ANNE)])
def test_nobody_but_other_members_is_named_and_each_once(named: tuple[AccountId, ...]) -> None:
    assert code(Alarm(NOW + 1, named)) == "alarm_not_member"


@pytest.mark.parametrize("ack_by", [0, NOW - 1, NOW, NOW + MAX_DELAY_MS + 1])
def test_the_time_lies_ahead_and_within_a_week(ack_by: int) -> None:
    assert code(Alarm(ack_by, (ANNE,))) == "alarm_time_refused"


def test_each_is_asked_in_turn_for_as_long_as_the_first_delay() -> None:
    asked, alarm, now_ms = [], RAISED, NOW + 5_000
    while alarm.state in OPEN:
        alarm = escalate(alarm, MEMBERS, now_ms)
        asked.append((alarm.state, alarm.uid, wakeup_of(alarm)[0], alarm.due_ms))
        now_ms = alarm.due_ms
    late = NOW + 5_000
    assert asked == [
        (AlarmState.ESCALATED, ANNE, ANNE, late + 600_000),
        (AlarmState.ESCALATED, PAUL, PAUL, late + 1_200_000),
        (AlarmState.ESCALATED, KARIM, KARIM, late + 1_800_000),
        (AlarmState.EXHAUSTED, None, AUTHOR, late + 1_800_000),
    ]


def test_who_has_left_is_skipped() -> None:
    alarm = escalate(RAISED, {AUTHOR, KARIM}, NOW)
    assert (alarm.uid, alarm.next_uids) == (KARIM, ())
    assert escalate(RAISED, {AUTHOR}, NOW).state is AlarmState.EXHAUSTED


def test_a_call_says_nothing_of_what_it_is_about() -> None:
    references = set()
    alarm = RAISED
    for kind in (WakeupKind.ALARM_ASKED,) * 3 + (WakeupKind.ALARM_EXHAUSTED,):
        alarm = escalate(alarm, MEMBERS, NOW)
        wakeup = wakeup_of(alarm)[1]
        assert wakeup.kind is kind
        assert wakeup_of(alarm)[1] == wakeup
        references.add(wakeup.reference)
    elsewhere = replace(alarm, place=Place(alarm.place.cid, 8))
    references.add(wakeup_of(elsewhere)[1].reference)
    assert len(references) == 5
    assert {len(reference) for reference in references} == {32}


@given(st.binary(min_size=32, max_size=32), st.integers(1, 2**53 - 1))
def test_a_job_knows_its_place(cid: bytes, seq: int) -> None:
    place = Place(ConversationId(cid), seq)
    assert Place.of(place.key) == place
    assert len(place.key) <= 200
