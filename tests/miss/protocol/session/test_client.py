"""Playbooks of the client's side."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.protocol.errors import NotConnected
from miss.protocol.session.client import ClientSession
from miss.protocol.session.events import Answered, HelloReceived, Lagged
from miss.protocol.session.limits import SessionLimits
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import (
    Ack,
    AlarmChanged,
    AlarmState,
    Auth,
    Del,
    EpochChanged,
    Err,
    Frame,
    Head,
    Heads,
    Hello,
    Item,
    Lag,
    LinkAdded,
    Msg,
    Page,
    Ping,
    Pong,
    Presence,
    Pull,
    Read,
    Ready,
    Recv,
    Send,
    Typing,
    Unknown,
)

T0 = 50.0
DID, MID, CID = DeviceId(b"d" * 16), MessageId(b"m" * 16), ConversationId(b"c" * 32)
UID = AccountId(b"u" * 16)
HELLO = Hello(ver=1, nonce=b"n" * 32, limits=SessionLimits().announced(), server_ts=10)
READY = Ready(resumed=True, server_ts=10, link_head=b"h" * 32, http_token="token")


def opened() -> ClientSession:
    session = ClientSession(now_s=T0)
    session.receive(encode(HELLO), T0)
    session.authenticate(DID, b"s" * 64, ts_ms=5)
    session.receive(encode(READY), T0)
    session.events()
    session.frames_to_send()
    return session


def sent(session: ClientSession) -> list[Frame | Unknown]:
    return [decode(data) for data in session.frames_to_send()]


def test_the_client_answers_hello_and_waits_for_ready() -> None:
    session = ClientSession(now_s=T0)
    assert not session.has_frames_to_send
    session.receive(encode(HELLO), T0)
    assert session.events() == [HelloReceived(b"n" * 32, 10, 60, 1.0)]
    session.authenticate(DID, b"s" * 64, ts_ms=5, resume=9)
    assert session.has_frames_to_send
    assert sent(session) == [Auth(did=DID, ts=5, sig=b"s" * 64, resume=9)]
    assert not session.is_open
    session.receive(encode(READY), T0)
    assert session.events() == [READY]
    assert session.is_open


def test_nothing_is_requested_before_ready() -> None:
    session = ClientSession(now_s=T0)
    with pytest.raises(NotConnected):
        session.send_envelope(MID, CID, b"env")
    session.authenticate(DID, b"s" * 64, ts_ms=5)
    session.report(Typing(CID, True))
    assert sent(session) == []


@pytest.mark.parametrize("frame", [READY, Msg(CID, 1, b"env", 5), Heads(()), Ping(1)])
def test_a_server_that_skips_hello_is_left(frame: Frame) -> None:
    session = ClientSession(now_s=T0)
    session.receive(encode(frame), T0)
    assert session.close_code is CloseCode.PROTOCOL


def test_a_refusal_is_passed_on() -> None:
    session = ClientSession(now_s=T0)
    session.receive(encode(HELLO), T0)
    session.authenticate(DID, b"s" * 64, ts_ms=5)
    session.events()
    refusal = Err(None, "device_revoked", fatal=True)
    session.receive(encode(refusal), T0)
    assert session.events() == [refusal]


def test_answers_come_back_to_their_requests() -> None:
    session = opened()
    first = session.send_envelope(MID, CID, b"env")
    second = session.pull(CID, 1, 9, 100)
    third = session.send_envelope(MID, CID, b"env")
    requests: list[Send | Pull] = [
        Send(first, MID, CID, b"env"),
        Pull(second, CID, 1, 9, 100),
        Send(third, MID, CID, b"env"),
    ]
    assert sent(session) == requests
    assert session.unanswered == tuple(requests)

    page = Page(second, CID, (Item(1, b"env", 5),), False)
    ack = Ack(first, MID, 1, 5, b"receipt")
    stale = Err(third, "stale_epoch", epoch=4)
    for frame in (page, stale, ack):
        session.receive(encode(frame), T0)
    assert session.events() == [
        Answered(requests[1], page),
        Answered(requests[2], stale),
        Answered(requests[0], ack),
    ]
    assert session.unanswered == ()


def test_an_answer_to_nothing_is_ignored() -> None:
    session = opened()
    session.receive(encode(Ack(99, MID, 1, 5, b"receipt")), T0)
    assert session.events() == []
    assert session.close_code is None


@pytest.mark.parametrize(
    "frame",
    [
        Page(1, CID, (), False),
        Ack(1, MessageId(b"x" * 16), 1, 5, b"receipt"),
        Page(2, ConversationId(b"x" * 32), (), False),
        Ack(2, MID, 1, 5, b"receipt"),
    ],
)
def test_an_answer_to_something_else_closes(frame: Frame) -> None:
    session = opened()
    assert (session.send_envelope(MID, CID, b"env"), session.pull(CID, 1, 2, 3)) == (1, 2)
    session.receive(encode(frame), T0)
    assert session.close_code is CloseCode.PROTOCOL
    assert session.events() == []


def test_what_the_server_tells_becomes_events() -> None:
    session = opened()
    frames: list[Frame] = [
        Heads((Head(CID, 3, 2, 1),)),
        Msg(CID, 1, b"env", 5),
        Recv(CID, 1, UID),
        Read(CID, 1, b"receipt", UID),
        EpochChanged(CID, 2, b"commit", b"box"),
        LinkAdded(UID, b"link"),
        Typing(CID, True, UID),
        Presence(1, UID),
        Del(CID, 1, b"tombstone", UID),
        AlarmChanged(CID, 1, AlarmState.ACKNOWLEDGED, UID, b"acknowledgement"),
        Err(None, "rate", retry_after_s=1.0),
    ]
    for frame in frames:
        session.receive(encode(frame), T0)
    assert session.events() == frames


def test_a_lag_hands_back_what_was_not_answered() -> None:
    session = opened()
    first = session.send_envelope(MID, CID, b"env")
    session.receive(encode(Lag()), T0)
    assert session.events() == [Lagged((Send(first, MID, CID, b"env"),))]
    again = session.send_envelope(MID, CID, b"env")
    assert again != first
    session.receive(encode(Ack(first, MID, 1, 5, b"receipt")), T0)
    session.receive(encode(Ack(again, MID, 1, 5, b"receipt", dup=True)), T0)
    assert [event.answer for event in session.events() if isinstance(event, Answered)] == [
        Ack(again, MID, 1, 5, b"receipt", dup=True)
    ]


def test_reports_leave_once_open() -> None:
    session = opened()
    for frame in (Recv(CID, 1), Read(CID, 1, b"receipt"), Typing(CID, True), Presence(2), Del(CID, 1, b"t")):
        session.report(frame)
        assert sent(session) == [frame]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        encode(HELLO),
        encode(READY),
        encode(Pull(1, CID, 1, 2, 3)),
        encode(Auth(did=DID, ts=5, sig=b"s" * 64)),
        msgspec.msgpack.encode([64]),
    ],
)
def test_a_frame_against_the_protocol_closes(data: bytes) -> None:
    session = opened()
    session.receive(data, T0)
    assert session.close_code is CloseCode.PROTOCOL
    session.receive(encode(Msg(CID, 1, b"env", 5)), T0)
    assert session.events() == []
    with pytest.raises(NotConnected):
        session.pull(CID, 1, 2, 3)


def test_frames_of_a_later_version_are_ignored() -> None:
    session = opened()
    session.receive(msgspec.msgpack.encode([41, "later"]), T0)
    assert session.close_code is None
    assert session.events() == []


def test_the_client_pings_too() -> None:
    session = opened()
    assert session.wake_at_s == T0 + 25
    session.tick(T0 + 25)
    assert sent(session) == [Ping(int((T0 + 25) * 1000))]
    session.receive(encode(Ping(7)), T0 + 30)
    assert sent(session) == [Pong(7)]
    session.receive(encode(Pong(7)), T0 + 31)
    session.tick(T0 + 90)
    assert session.close_code is None
    session.tick(T0 + 91)
    assert session.close_code is CloseCode.SLOW


def test_a_server_that_never_says_hello_is_left() -> None:
    session = ClientSession(now_s=T0)
    assert session.wake_at_s == T0 + 60
    session.tick(T0 + 60)
    assert session.close_code is CloseCode.SLOW
    session.close(CloseCode.RATE)
    session.tick(T0 + 90)
    assert session.close_code is CloseCode.SLOW


@pytest.mark.parametrize(
    ("code", "reconnects"),
    [(None, True), (1006, True), (1001, True), (4001, False), (4003, False), (4008, True), (4009, False), (4010, True)],
)
def test_when_to_come_back(code: int | None, reconnects: bool) -> None:
    assert opened().reconnects_after(code) is reconnects


def test_a_network_too_slow_to_authenticate_is_tried_again() -> None:
    assert ClientSession(now_s=T0).reconnects_after(CloseCode.AUTH)


@given(st.lists(st.binary(max_size=80) | st.sampled_from([encode(HELLO), encode(READY), encode(Lag())]), max_size=8))
def test_whatever_arrives_the_session_stands(chunks: list[bytes]) -> None:
    session = ClientSession(now_s=T0)
    for data in chunks:
        session.receive(data, T0)
        for event in session.events():
            if isinstance(event, HelloReceived):
                session.authenticate(DID, b"s" * 64, ts_ms=5)
    for data in session.frames_to_send():
        decode(data)
