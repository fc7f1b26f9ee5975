"""Playbooks of the server's side: bytes in, events and bytes out, a clock moved by hand."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import ConversationId, DeviceId, MessageId
from miss.protocol.session.events import AuthReceived
from miss.protocol.session.limits import Rate, SessionLimits
from miss.protocol.session.rates import TokenBucket
from miss.protocol.session.server import ServerSession
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import (
    Ack,
    AlarmChanged,
    AlarmState,
    Auth,
    Del,
    Err,
    Frame,
    Hello,
    Lag,
    Msg,
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

T0 = 1000.0
NONCE = b"n" * 32
DID, MID, CID = DeviceId(b"d" * 16), MessageId(b"m" * 16), ConversationId(b"c" * 32)
AUTH = Auth(did=DID, ts=5, sig=b"s" * 64, resume=7)
READY = Ready(resumed=False, server_ts=10, link_head=b"h" * 32, http_token="token")
SEND = Send(1, MID, CID, b"env")


def start(limits: SessionLimits | None = None) -> ServerSession:
    return ServerSession(nonce=NONCE, server_ts_ms=10, now_s=T0, limits=limits)


def opened(limits: SessionLimits | None = None) -> ServerSession:
    session = start(limits)
    session.receive(encode(AUTH), T0)
    session.events()
    session.accept(READY)
    session.frames_to_send()
    return session


def sent(session: ServerSession) -> list[Frame | Unknown]:
    return [decode(data) for data in session.frames_to_send()]


def test_the_server_speaks_first_then_opens() -> None:
    session = start()
    (hello,) = sent(session)
    assert isinstance(hello, Hello)
    assert (hello.nonce, hello.ver, hello.limits.send_burst, hello.server_ts) == (NONCE, 1, 60, 10)
    assert not session.is_open

    session.receive(encode(AUTH), T0 + 1)
    assert session.events() == [AuthReceived(did=DID, sig=b"s" * 64, nonce=NONCE, resume=7, ts_ms=5)]
    assert session.events() == []
    assert sent(session) == []

    session.accept(READY)
    assert session.is_open
    assert sent(session) == [READY]
    assert session.close_code is None


def test_ten_seconds_to_authenticate() -> None:
    session = start()
    sent(session)
    assert session.wake_at_s == T0 + 10
    session.tick(T0 + 9.9)
    assert session.close_code is None
    session.tick(T0 + 10)
    assert session.close_code is CloseCode.AUTH
    assert sent(session) == [Err(None, "auth_timeout", fatal=True)]


def test_while_the_server_decides_the_clock_of_auth_stands() -> None:
    session = start()
    session.frames_to_send()
    session.receive(encode(AUTH), T0 + 9)
    session.tick(T0 + 30)
    assert session.close_code is None
    assert session.wake_at_s == T0 + 69


def test_a_refusal_may_say_when_to_come_back() -> None:
    session = start()
    sent(session)
    session.refuse(CloseCode.RATE, "account_full", 30)
    assert sent(session) == [Err(None, "account_full", retry_after_s=30, fatal=True)]
    assert session.close_code is CloseCode.RATE


def test_a_refusal_is_said_before_closing() -> None:
    session = start()
    session.receive(encode(AUTH), T0)
    sent(session)
    session.refuse(CloseCode.REVOKED, "device_revoked")
    assert sent(session) == [Err(None, "device_revoked", fatal=True)]
    assert session.close_code is CloseCode.REVOKED
    session.accept(READY)
    session.close(CloseCode.RESTART)
    session.send(READY)
    session.tick(T0 + 1000)
    assert sent(session) == []
    assert session.close_code is CloseCode.REVOKED
    assert not session.is_open


@pytest.mark.parametrize("frame", [SEND, Ping(1), Pull(1, CID, 1, 2, 3), Lag(), Recv(CID, 1), Typing(CID, True)])
def test_nothing_but_auth_comes_first(frame: Frame) -> None:
    session = start()
    session.receive(encode(frame), T0)
    assert session.close_code is CloseCode.PROTOCOL
    assert session.events() == []


@pytest.mark.parametrize("frame", [AUTH, SEND])
def test_nothing_comes_between_auth_and_ready(frame: Frame) -> None:
    session = start()
    session.receive(encode(AUTH), T0)
    session.receive(encode(frame), T0)
    assert session.close_code is CloseCode.PROTOCOL


def test_requests_become_events_in_order() -> None:
    session = opened()
    frames: list[Send | Pull | Recv | Read | Typing | Presence | Del] = [
        SEND,
        Pull(2, CID, 1, 5, 100),
        Recv(CID, 3),
        Read(CID, 3, b"receipt"),
        Typing(CID, True),
        Presence(1),
        Del(CID, 3, b"tombstone"),
    ]
    for frame in frames:
        session.receive(encode(frame), T0)
    assert session.events() == frames
    assert sent(session) == []


def test_answers_leave_in_order() -> None:
    session = opened()
    ack = Ack(1, MID, 1, 5, b"receipt")
    msg = encode(Msg(CID, 1, b"env", 5))
    session.send(ack)
    session.push_encoded(msg)
    assert session.has_frames_to_send
    assert session.frames_to_send() == [encode(ack), msg]
    assert not session.has_frames_to_send


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not messagepack",
        encode(Msg(CID, 1, b"env", 5)),  # only a server sends these
        encode(READY),
        encode(AUTH),
        encode(Lag()),
        encode(AlarmChanged(CID, 1, AlarmState.WAITING)),
        msgspec.msgpack.encode([5, 1, b"short", CID, b"env"]),
        msgspec.msgpack.encode([64, "critical"]),
        bytes(70_000),
    ],
)
def test_a_frame_against_the_protocol_is_answered_and_closes(data: bytes) -> None:
    session = opened()
    session.receive(data, T0)
    assert sent(session) == [Err(None, "bad_frame", fatal=True)]
    assert session.close_code is CloseCode.PROTOCOL
    session.receive(encode(SEND), T0)
    assert session.events() == []


def test_frames_of_a_later_version_are_ignored() -> None:
    session = opened()
    session.receive(msgspec.msgpack.encode([40, "later"]), T0)
    session.receive(encode(SEND), T0)
    assert session.close_code is None
    assert session.events() == [SEND]


def test_but_not_before_authentication() -> None:
    session = start()
    session.receive(msgspec.msgpack.encode([40, "later"]), T0)
    assert session.close_code is CloseCode.PROTOCOL


# Heart


def test_a_ping_is_answered() -> None:
    session = opened()
    session.receive(encode(Ping(42)), T0)
    assert sent(session) == [Pong(42)]
    assert session.events() == []


def test_the_server_pings_and_gives_up_after_a_minute_of_silence() -> None:
    session = opened()
    assert session.wake_at_s == T0 + 25
    session.tick(T0 + 24)
    assert sent(session) == []
    session.tick(T0 + 25)
    assert sent(session) == [Ping(int((T0 + 25) * 1000))]
    session.receive(encode(Pong(1)), T0 + 26)
    session.tick(T0 + 85.9)
    assert session.close_code is None
    session.tick(T0 + 86)
    assert session.close_code is CloseCode.SLOW


# Rates


def test_sending_too_fast_is_refused_with_the_time_to_wait() -> None:
    session = opened()
    for ref in range(60):
        session.receive(encode(Send(ref, MID, CID, b"env")), T0)
    assert len(session.events()) == 60
    session.receive(encode(Send(60, MID, CID, b"env")), T0)
    assert session.events() == []
    assert sent(session) == [Err(60, "rate", retry_after_s=1.0)]
    session.receive(encode(Send(60, MID, CID, b"env")), T0 + 1)
    assert len(session.events()) == 1


def test_a_bucket_may_outlive_its_connection() -> None:
    kept = TokenBucket(Rate(2, 0.001), T0)
    asked: list[type] = []

    def find(kind: type) -> TokenBucket | None:
        asked.append(kind)
        return kept if kind is Typing else None

    limits = SessionLimits(rates={Typing: Rate(9, 1), Pull: Rate(1, 1)})
    answers = []
    for _ in range(2):
        session = start(limits)
        session.receive(encode(AUTH), T0)
        session.accept(READY, find)
        session.frames_to_send()
        for frame in (Typing(CID, True), Typing(CID, True), Pull(7, CID, 1, 2, 3), Recv(CID, 1), Recv(CID, 2)):
            session.receive(encode(frame), T0)
        answers.append([frame.ref for frame in sent(session) if isinstance(frame, Err)])
    # The second connection finds nothing left of the one, and a full bucket of the other.
    assert answers == [[], [None, None]]
    # Asked for once a connection and a kind; kinds that are not limited are nobody's.
    assert asked == [Typing, Pull] * 2


def test_deletions_have_a_rate_and_no_reference() -> None:
    session = opened()
    for _ in range(31):
        session.receive(encode(Del(CID, 1, b"tombstone")), T0)
    assert len(session.events()) == 30
    assert sent(session) == [Err(None, "rate", retry_after_s=1.0)]


def test_each_kind_has_its_own_rate() -> None:
    session = opened(SessionLimits(rates={Typing: Rate(1, 1), Pull: Rate(1, 0.5)}))
    session.receive(encode(Typing(CID, True)), T0)
    session.receive(encode(Typing(CID, False)), T0)
    assert sent(session) == [Err(None, "rate", retry_after_s=1.0)]
    session.receive(encode(Pull(7, CID, 1, 2, 3)), T0)
    session.receive(encode(Pull(8, CID, 1, 2, 3)), T0)
    assert sent(session) == [Err(8, "rate", retry_after_s=2.0)]
    session.receive(encode(SEND), T0)
    assert session.events() == [Typing(CID, True), Pull(7, CID, 1, 2, 3), SEND]


def test_a_flood_ends_the_connection() -> None:
    session = opened(SessionLimits(rates={Typing: Rate(1, 0.01)}, excess=Rate(5, 0.01)))
    for _ in range(6):
        session.receive(encode(Typing(CID, True)), T0)
    assert session.close_code is None
    session.receive(encode(Typing(CID, True)), T0)
    assert session.close_code is CloseCode.RATE
    assert sent(session)[-1] == Err(None, "rate", fatal=True)


# A peer that reads slowly


def test_a_full_queue_drops_ephemera_then_becomes_a_lag() -> None:
    session = opened(SessionLimits(queue_frames=4))
    session.push_encoded(encode(Typing(CID, True)), ephemeral=True)
    session.send(Typing(CID, False))
    messages = [Msg(CID, seq, b"env", 5) for seq in range(1, 6)]
    for message in messages[:4]:
        session.push_encoded(encode(message))
    assert sent(session) == messages[:4]
    for message in messages:
        session.push_encoded(encode(message))
    assert sent(session) == [Lag(), messages[4]]


def test_twenty_seconds_without_a_write_close() -> None:
    session = opened()
    session.push_encoded(encode(Msg(CID, 1, b"env", 5)))
    session.receive(encode(Ping(1)), T0 + 10)
    session.tick(T0 + 10)
    assert session.wake_at_s == T0 + 25
    session.frames_to_send()
    session.push_encoded(encode(Msg(CID, 2, b"env", 5)))
    session.tick(T0 + 15)
    assert session.wake_at_s == T0 + 25
    session.tick(T0 + 25)
    assert session.wake_at_s == T0 + 35
    session.tick(T0 + 34)
    assert session.close_code is None
    session.tick(T0 + 35)
    assert session.close_code is CloseCode.SLOW


@given(st.lists(st.binary(max_size=80) | st.sampled_from([encode(AUTH), encode(SEND), encode(Ping(1))]), max_size=8))
def test_whatever_arrives_the_session_stands(chunks: list[bytes]) -> None:
    session = start()
    for number, data in enumerate(chunks):
        session.receive(data, T0 + number)
        for event in session.events():
            if isinstance(event, AuthReceived):
                session.accept(READY)
        session.tick(T0 + number)
    for data in session.frames_to_send():
        decode(data)
