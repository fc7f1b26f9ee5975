"""The lines of a conversation, receipts, alarms."""

from dataclasses import replace
from datetime import UTC

from clients.desktop.state.model import Waiting
from clients.desktop.state.reading import (
    AlarmStanding,
    DayLine,
    MessageLine,
    Reach,
    UnreadLine,
    WaitingLine,
    alarm_standing,
    first_unread,
    last_own,
    lines,
    name_of,
    receipt_of,
    to_acknowledge,
    typing_names,
)
from miss.base.ids import MessageId
from miss.client.model import AlarmState
from tests.clients.desktop.values import CLAIRE, ME, PAUL, STATE, alarm, message, thread


def test_days_the_separator_and_what_waits() -> None:
    waiting = Waiting(MessageId(b"m" * 16), "Bientôt", "text")
    shown = thread(message(1), message(2), message(3, ME), message(4, minutes=60 * 24), read_seq=1, waiting=(waiting,))
    found = lines(shown, ME, UTC)
    assert [type(one) for one in found] == [
        DayLine, MessageLine, UnreadLine, MessageLine, MessageLine, DayLine, MessageLine, WaitingLine
    ]  # fmt: skip
    assert found[2] == UnreadLine(2), "one's own message is not unread"
    assert first_unread(shown) == 2


def test_everything_read_has_no_separator() -> None:
    shown = thread(message(1), message(2, ME), read_seq=1)
    assert not [one for one in lines(shown, ME, UTC) if isinstance(one, UnreadLine)]
    assert first_unread(shown) is None


def test_one_breath_is_said_once() -> None:
    found = lines(
        thread(message(1), message(2), message(3, minutes=40), message(4, CLAIRE, minutes=41), read_seq=9), ME, UTC
    )
    assert [one.continues for one in found if isinstance(one, MessageLine)] == [False, True, False, False]


def test_receipts_count_the_others() -> None:
    mine = message(5, ME)
    sent = thread(mine)
    assert receipt_of(sent, mine, ME).reach is Reach.SENT
    delivered = replace(sent, delivered=((PAUL, 5), (ME, 9)))
    assert receipt_of(delivered, mine, ME).reach is Reach.DELIVERED
    read = replace(delivered, read=((PAUL, 7), (CLAIRE, 4)))
    receipt = receipt_of(read, mine, ME)
    assert (receipt.reach, receipt.read, receipt.delivered, receipt.others) == (Reach.READ, 1, 1, 2)
    assert not receipt.is_complete
    assert receipt_of(replace(read, read=((PAUL, 7), (CLAIRE, 5))), mine, ME).is_complete


def test_what_the_arrow_edits() -> None:
    deleted = message(4, ME, "", is_deleted=True)
    assert last_own([message(1, ME, "a"), message(2, ME, "b"), message(3), deleted, alarm(5, uid=ME)]) == message(
        2, ME, "b"
    )
    assert last_own([message(1)]) is None


def test_names() -> None:
    assert name_of(thread(), PAUL) == "Paul EXEMPLE"
    assert name_of(thread(), None) == ""
    assert typing_names(thread(typing=frozenset({CLAIRE, PAUL, ME})), ME) == ["Paul EXEMPLE", "Claire TEMOIN"]


def test_what_an_alarm_asks_of_whom() -> None:
    assert alarm_standing(message(1), ME) is None
    assert alarm_standing(alarm(1), ME) is AlarmStanding.ANSWER
    assert alarm_standing(alarm(1, AlarmState.ESCALATED, ME), ME) is AlarmStanding.ASKED
    assert alarm_standing(alarm(1, AlarmState.ESCALATED, CLAIRE), ME) is AlarmStanding.OTHER
    assert alarm_standing(alarm(1, uid=ME), ME) is AlarmStanding.FOLLOW
    assert alarm_standing(alarm(1, AlarmState.EXHAUSTED, uid=ME), ME) is AlarmStanding.EXHAUSTED
    assert alarm_standing(alarm(1, AlarmState.EXHAUSTED), ME) is AlarmStanding.ANSWER
    assert alarm_standing(alarm(1, AlarmState.ACKNOWLEDGED), ME) is AlarmStanding.DONE


def test_alarms_wait_oldest_first() -> None:
    state = replace(STATE, alarms=(alarm(7), alarm(3), alarm(5, uid=ME)))
    assert [one.seq for one in to_acknowledge(state)] == [3, 7]
    assert to_acknowledge(replace(state, me=None)) == []
