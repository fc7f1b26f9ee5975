"""Devices and servers of neighbouring versions understand each other: protocol §7, docs/operations.md « Upgrading ».

The next version is made up: every frame has fields more at its end, nested ones too, and there are kinds nobody knows
yet.  The previous one leaves out what has a default.
"""

from typing import Any

import msgspec
import pytest

from miss.base.ids import AccountId, ConversationId, DeviceId, MessageId
from miss.protocol.session.client import ClientSession
from miss.protocol.session.events import Answered, HelloReceived
from miss.protocol.session.limits import SessionLimits
from miss.protocol.wire import frames
from miss.protocol.wire.close import CloseCode
from miss.protocol.wire.codec import KNOWN_KINDS, decode, encode
from miss.protocol.wire.frames import Frame, Unknown

T0 = 50.0
DID, MID, CID = DeviceId(b"d" * 16), MessageId(b"m" * 16), ConversationId(b"c" * 32)
UID, HASH, SIG = AccountId(b"u" * 16), b"h" * 32, b"s" * 64
TOMORROW = ["tomorrow", {"field": 1}, b"\x00" * 40]
SAMPLES: tuple[Frame, ...] = (
    frames.Hello(ver=1, nonce=b"n" * 32, limits=SessionLimits().announced(), server_ts=10),
    frames.Auth(did=DID, ts=5, sig=SIG),
    frames.Ready(resumed=True, server_ts=10, link_head=HASH, http_token="token"),
    frames.Heads(()),
    frames.Send(ref=1, mid=MID, cid=CID, env=b"env"),
    frames.Msg(CID, 1, b"env", 5),
    frames.Recv(CID, 1),
    frames.Pull(1, CID, 1, 9, 100),
    frames.Lag(),
    frames.Ping(1),
    frames.Pong(1),
    frames.Err(None, "later_code"),
    frames.Typing(CID, True),
)


def named(frame: Frame) -> str:
    return type(frame).__name__


def raw(frame: Frame) -> list[Any]:
    """The array on the wire."""
    unpacked: list[Any] = msgspec.msgpack.decode(encode(frame))
    return unpacked


@pytest.mark.parametrize("frame", SAMPLES, ids=named)
def test_fields_of_the_next_version_are_ignored(frame: Frame) -> None:
    later = [each + TOMORROW if isinstance(each, list) and each else each for each in raw(frame)]
    for longer in (raw(frame) + TOMORROW, later + TOMORROW):
        assert decode(msgspec.msgpack.encode(longer)) == frame


@pytest.mark.parametrize("frame", SAMPLES, ids=named)
def test_fields_that_the_previous_version_left_out_have_a_default(frame: Frame) -> None:
    config = msgspec.structs.fields(frame)
    required = 1 + sum(field.required for field in config)
    assert all(not field.required for field in config[required - 1 :]), "defaults come last"
    shorter = decode(msgspec.msgpack.encode(raw(frame)[:required]))
    assert type(shorter) is type(frame)
    for field in config[: required - 1]:
        assert getattr(shorter, field.name) == getattr(frame, field.name)


def test_a_whole_conversation_with_a_server_of_the_next_version() -> None:
    session = ClientSession(now_s=T0)

    def hear(*unpacked: Any) -> None:
        session.receive(msgspec.msgpack.encode(list(unpacked)), T0)

    hello, ready = raw(SAMPLES[0]), raw(SAMPLES[2])
    hear(hello[0], 2, *hello[2:], *TOMORROW)
    hear(40, "before you came in")
    session.authenticate(DID, SIG, ts_ms=5)
    hear(*ready, *TOMORROW)
    hear(63, {"presence": "of tomorrow"})
    ref = session.send_envelope(MID, CID, b"env")
    sent = [decode(data) for data in session.frames_to_send()]
    assert all(not isinstance(frame, Unknown) for frame in sent)
    ack = frames.Ack(ref=ref, mid=MID, seq=7, ts=11, receipt=b"r")
    hear(*raw(ack), *TOMORROW)
    hear(*raw(frames.Err(None, "a_code_of_tomorrow")), *TOMORROW)
    assert session.is_open
    assert session.close_code is None
    kinds = [type(event) for event in session.events()]
    assert kinds == [HelloReceived, frames.Ready, Answered, frames.Err]


def test_what_may_not_be_ignored_ends_the_connection_with_a_name() -> None:
    session = ClientSession(now_s=T0)
    session.receive(msgspec.msgpack.encode([64, "critical"]), T0)
    assert session.close_code is CloseCode.PROTOCOL


def test_kinds_of_tomorrow_are_free() -> None:
    assert {40, 63, 64}.isdisjoint(KNOWN_KINDS)
