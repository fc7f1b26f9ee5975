"""Ordinary frames are found, whole or not yet; whatever else is said to be none."""

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from miss.server.framing import measure

ORDINARY = (Opcode.BINARY, Opcode.TEXT, Opcode.PING, Opcode.PONG, Opcode.CLOSE)
sizes = st.one_of(st.integers(0, 300), st.sampled_from([125, 126, 127, 65_534, 65_535]))


@given(before=st.binary(max_size=5), opcode=st.sampled_from(ORDINARY), size=sizes, cut=st.integers(1, 66_000))
def test_a_frame_is_found_as_soon_as_it_is_whole(before: bytes, opcode: Opcode, size: int, cut: int) -> None:
    payload = bytes(size) if opcode in (Opcode.BINARY, Opcode.TEXT) else bytes(size % 126)
    frame = Frame(opcode, payload).serialize(mask=True)
    data, start = before + frame, len(before)
    assert measure(data + b"next", start) == (len(data) - len(payload), len(data))
    part = data[: start + 1 + cut % len(frame)]
    end = measure(part, start)[1]
    assert (end > len(part)) == (len(part) < len(data))


@given(first=st.integers(0, 255), second=st.integers(0, 255), rest=st.binary(min_size=12, max_size=12))
def test_anything_else_is_no_ordinary_frame(first: int, second: int, rest: bytes) -> None:
    is_whole_message = first in (0x81, 0x82, 0x88, 0x89, 0x8A)
    is_masked_and_short = 0x80 <= second <= 0x80 + 126
    found = measure(bytes((first, second)) + rest, 0)
    assert (found != (0, 0)) == (is_whole_message and is_masked_and_short)
    assert measure(bytes((first,)), 0)[1] == (2 if is_whole_message else 0)
