from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from miss.base.ids import AccountId, ConversationId, DeviceId
from miss.chat.push.model import (
    FIRST_WAIT,
    LONGEST_WAIT,
    MAX_TRIES,
    SPACING,
    Answer,
    Cause,
    Outcome,
    Standing,
    is_allowed,
    next_try,
    to_wake,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECOND, HOUR = timedelta(seconds=1), timedelta(hours=1)
PAUL, ANNE = AccountId(b"p" * 16), AccountId(b"a" * 16)
CID = ConversationId(b"c" * 32)
DID = DeviceId(b"d" * 16)


def standing(
    *,
    here_at: datetime = NOW - HOUR,
    here_until: datetime | None = None,
    due_at: datetime | None = None,
    is_repeat: bool = False,
    sent_at: datetime | None = None,
    muted: frozenset[ConversationId] = frozenset(),
) -> Standing:
    return Standing(DID, PAUL, here_at, here_until, due_at, is_repeat, sent_at, muted)


def woken(one: Standing, cause: Cause | None = None) -> dict[DeviceId, datetime]:
    said = cause or Cause(CID, frozenset({PAUL, ANNE}), NOW - 4 * SECOND, frozenset({ANNE}))
    return to_wake([one], [said], NOW)


def test_whoever_is_away_is_woken_at_once() -> None:
    assert woken(standing()) == {DID: NOW}


@pytest.mark.parametrize(
    "one",
    [
        standing(here_until=NOW + SECOND),
        standing(here_at=NOW - 4 * SECOND),
        standing(due_at=NOW + SECOND),
        standing(sent_at=NOW - SECOND),
        standing(muted=frozenset({CID})),
    ],
    ids=["connected", "was connected since", "about to be woken", "woken since", "muted"],
)
def test_whoever_knows_or_is_about_to_is_not(one: Standing) -> None:
    assert woken(one) == {}


def test_nobody_is_woken_for_their_own_words_nor_for_what_others_read() -> None:
    assert woken(standing(), Cause(CID, frozenset({PAUL, ANNE}), NOW, frozenset({PAUL}))) == {}
    assert woken(standing(), Cause(CID, frozenset({ANNE}), NOW, frozenset({ANNE}))) == {}
    assert woken(standing(), Cause(CID, frozenset({PAUL, ANNE}), NOW, frozenset({PAUL, ANNE}))) == {DID: NOW}


def test_an_alarm_wakes_in_spite_of_mutes() -> None:
    alarm = Cause(CID, frozenset({PAUL, ANNE}), NOW, frozenset({ANNE}), is_alarm=True)
    assert woken(standing(muted=frozenset({CID})), alarm) == {DID: NOW}


def test_news_does_not_wait_for_the_repetition_and_wake_ups_keep_their_distance() -> None:
    sent_at = NOW - 10 * SECOND
    repeating = standing(sent_at=sent_at, due_at=NOW + HOUR, is_repeat=True)
    assert woken(repeating) == {DID: sent_at + SPACING}
    # A process that died a while ago: its lease is over, and it was there before the message.
    assert woken(standing(here_until=NOW - SECOND)) == {DID: NOW}


@settings(max_examples=60)
@given(
    tries=st.integers(1, MAX_TRIES + 2),
    asked_s=st.none() | st.integers(0, 10**8),
)
def test_tries_are_apart_and_come_to_an_end(tries: int, asked_s: int | None) -> None:
    asked = None if asked_s is None else timedelta(seconds=asked_s)
    at = next_try(Answer(Outcome.BUSY, 429, asked), tries, NOW)
    if tries >= MAX_TRIES:
        assert at is None
    else:
        assert at is not None
        assert FIRST_WAIT <= at - NOW <= LONGEST_WAIT
        if asked is not None and asked <= LONGEST_WAIT:
            assert at - NOW >= asked


def test_the_last_try_is_hours_after_the_first() -> None:
    waits = [next_try(Answer(Outcome.BUSY, 503), tries, NOW) for tries in range(1, MAX_TRIES)]
    total = sum((at - NOW for at in waits if at is not None), timedelta(0))
    assert HOUR < total < 5 * HOUR


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("push.example", True),
        ("PUSH.example.", True),
        ("eu.push.example", False),
        ("a.notify.example", True),
        ("notify.example", False),
        ("evilnotify.example", False),
        ("push.example.evil.example", False),
    ],
)
def test_only_named_hosts_are_allowed(host: str, expected: bool) -> None:
    assert is_allowed(host, {"push.example", "*.notify.example"}) is expected
