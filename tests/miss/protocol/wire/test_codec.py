import contextlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from miss.base.ids import ConversationId, MessageId
from miss.protocol.errors import BadFrame
from miss.protocol.limits import MAX_CLIENT_FRAME_BYTES, MAX_FRAME_BYTES
from miss.protocol.wire.codec import decode, encode
from miss.protocol.wire.frames import (
    Ack,
    Auth,
    EpochChanged,
    Err,
    Frame,
    Head,
    Heads,
    Hello,
    Item,
    Lag,
    Limits,
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

pack = msgspec.msgpack.encode


def exactly(size: int) -> st.SearchStrategy[bytes]:
    return st.binary(min_size=size, max_size=size)


NUMBER = st.integers(0, 2**53 - 1)
MILLIS = st.integers(0, 2**47 - 1)
ORDINAL = st.integers(1, 2**53 - 1)
REF = st.integers(0, 2**32 - 1)
ID, HASH, SIG = exactly(16), exactly(32), exactly(64)
DATA = st.binary(min_size=1, max_size=100)
RATE = st.floats(0, 1000)

FRAMES: st.SearchStrategy[Frame] = st.one_of(
    st.builds(Hello, NUMBER, HASH, st.builds(Limits, NUMBER, NUMBER, NUMBER, NUMBER, RATE), MILLIS),
    st.builds(Auth, ID, MILLIS, SIG, st.none() | MILLIS),
    st.builds(Ready, st.booleans(), MILLIS, HASH, st.text(min_size=1, max_size=64)),
    st.builds(Heads, st.lists(st.builds(Head, HASH, NUMBER, NUMBER, ORDINAL), max_size=5).map(tuple)),
    st.builds(Send, REF, ID, HASH, DATA),
    st.builds(Ack, REF, ID, ORDINAL, MILLIS, DATA, st.booleans()),
    st.builds(Msg, HASH, ORDINAL, DATA, MILLIS),
    st.builds(Recv, HASH, ORDINAL, st.none() | ID),
    st.builds(Read, HASH, ORDINAL, DATA, st.none() | ID),
    st.builds(Pull, REF, HASH, ORDINAL, ORDINAL, st.integers(1, 1000)),
    st.builds(
        Page,
        REF,
        HASH,
        st.lists(st.builds(Item, ORDINAL, st.binary(max_size=50), MILLIS), max_size=5).map(tuple),
        st.booleans(),
    ),
    st.builds(EpochChanged, HASH, ORDINAL, DATA, st.none() | DATA, st.none() | DATA),
    st.builds(LinkAdded, ID, DATA),
    st.builds(Typing, HASH, st.booleans(), st.none() | ID),
    st.builds(Presence, st.integers(0, 3), st.none() | ID),
    st.just(Lag()),
    st.builds(Ping, NUMBER),
    st.builds(Pong, NUMBER),
    st.builds(
        Err,
        st.none() | REF,
        st.from_regex(r"[a-z0-9_]{1,48}", fullmatch=True),
        st.none() | RATE,
        st.booleans(),
        st.none() | ORDINAL,
        st.none() | ORDINAL,
        st.none() | HASH,
    ),
)


@given(FRAMES)
def test_every_frame_comes_back(frame: Frame) -> None:
    assert decode(encode(frame)) == frame


@given(st.binary(max_size=300))
def test_bytes_of_others_are_frames_or_refused(data: bytes) -> None:
    try:
        frame = decode(data)
    except BadFrame:
        return
    assert isinstance(frame, Unknown) or decode(encode(frame)) == frame


@given(FRAMES, st.data())
def test_a_changed_byte_never_crashes(frame: Frame, data: st.DataObject) -> None:
    raw = bytearray(encode(frame))
    raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(BadFrame):
        decode(bytes(raw))


@given(FRAMES)
def test_a_frame_cut_short_is_refused(frame: Frame) -> None:
    raw = encode(frame)
    for size in range(len(raw)):
        with pytest.raises(BadFrame):
            decode(raw[:size])
    with pytest.raises(BadFrame):
        decode(raw + b"\0")


CID, MID = ConversationId(b"c" * 32), MessageId(b"m" * 16)


@pytest.mark.parametrize(
    "fields",
    [
        [],
        {},
        "hello",
        [None],
        ["send"],
        [0],
        [128],
        [-1],
        [True],
        [5, 1, MID, CID],  # a field is missing
        [5, 1, b"m" * 15, CID, b"e"],
        [5, 1, b"m" * 17, CID, b"e"],
        [5, 1, MID, b"c" * 31, b"e"],
        [5, 1, MID, CID, b""],
        [5, 1, MID, CID, "e"],
        [5, 2**32, MID, CID, b"e"],
        [5, -1, MID, CID, b"e"],
        [5, 1.0, MID, CID, b"e"],
        [5, 1, MID, CID, b"e" * (64 * 1024 + 1)],
        [2, b"d" * 16, 0, b"s" * 63],
        [10, 1, CID, 0, 5, 10],
        [10, 1, CID, 1, 5, 0],
        [10, 1, CID, 1, 5, 1001],
        [10, 1, CID, 1, 2**53, 10],
        [4, [[CID, 0, 0, 1]] * 1001],
        [4, [[CID, 0, 0]]],
        [11, 1, CID, [[1, b"e", 0]] * 1001, False],
        [14, CID, 1],
        [15, 4],
        [19, None, "Not A Code"],
        [19, None, "rate\n"],
        [19, None, "rate", -1],
        [17, {"t": 1}],
    ],
)
def test_fields_out_of_bounds_are_refused(fields: object) -> None:
    with pytest.raises(BadFrame):
        decode(pack(fields))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc1",
        b'{"type":"send"}',
        b"\x91" * 60_000,
        b"\x92\x3f" + b"\x91" * 60_000,
        b"\xdd\xff\xff\xff\xff",
        b"\xc6\xff\xff\xff\xff",
        b"\x92\x3f\xdf\xff\xff\xff\xff",
    ],
)
def test_what_is_not_messagepack_or_has_no_end_is_refused(data: bytes) -> None:
    with pytest.raises(BadFrame):
        decode(data)


def test_length_is_checked_before_anything_else() -> None:
    with pytest.raises(BadFrame) as refused:
        decode(bytes(MAX_FRAME_BYTES + 1))
    assert refused.value.params["reason"] == "too_long"
    page = encode(Page(1, CID, (Item(1, b"e" * 60_000, 0), Item(2, b"e" * 60_000, 0)), False))
    decode(page)
    with pytest.raises(BadFrame):
        decode(page, MAX_CLIENT_FRAME_BYTES)


def test_unknown_kinds_are_told_apart_by_their_number() -> None:
    assert decode(pack([40, "later", {"field": 1}])) == Unknown(40, critical=False)
    assert decode(pack([63])) == Unknown(63, critical=False)
    assert decode(pack([64])) == Unknown(64, critical=True)
    assert decode(pack([127, b""])) == Unknown(127, critical=True)


def test_fields_appended_by_a_later_version_are_ignored() -> None:
    assert decode(pack([17, 5, "later"])) == Ping(5)
    assert decode(pack([8, CID, 3])) == Recv(CID, 3)


def test_an_error_does_not_repeat_what_was_sent() -> None:
    with pytest.raises(BadFrame) as refused:
        decode(pack([5, "CANARY", MID, CID, b"CANARY"]))
    assert "CANARY" not in str(refused.value)
    assert refused.value.__cause__ is None
