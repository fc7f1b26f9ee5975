"""Frames to bytes and back.  protocol §7

Lengths, ranges and nesting are checked while decoding: what comes out of `decode` is within bounds.  A known frame
is nested as deep as its own fields, three arrays at most; one of an unknown kind is skipped without being built,
and one nested so deep that skipping it exhausts the interpreter's stack limit is a BadFrame.  This module does not
check signatures or what a frame refers to.
"""

from typing import Final

import msgspec

from miss.protocol.errors import BadFrame
from miss.protocol.limits import MAX_FRAME_BYTES
from miss.protocol.packing import UNREADABLE
from miss.protocol.wire.frames import FIRST_CRITICAL_KIND, Frame, Unknown

MAX_KIND: Final = 127

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[Frame] = msgspec.msgpack.Decoder(Frame)


class _Kind(msgspec.Struct, array_like=True):
    """The beginning of any frame; what follows is skipped without being built."""

    kind: int


_kind = msgspec.msgpack.Decoder(_Kind)
KNOWN_KINDS: Final = frozenset(kind.__struct_config__.tag for kind in Frame.__args__)


def encode(frame: Frame) -> bytes:
    """The bytes of `frame`, to be sent as one binary WebSocket message."""
    return _encoder.encode(frame)


def decode(data: bytes, max_bytes: int = MAX_FRAME_BYTES) -> Frame | Unknown:
    """The frame in one binary WebSocket message.

    Raises BadFrame for anything that is not a frame within its bounds.
    """
    if len(data) > max_bytes:
        raise BadFrame(reason="too_long", size_bytes=len(data), max_bytes=max_bytes)
    try:
        return _decoder.decode(data)
    except UNREADABLE:
        return _decode_unknown(data)


def _decode_unknown(data: bytes) -> Unknown:
    """A frame of a kind this version does not know.  Raises BadFrame if it is a known one, or none at all."""
    try:
        kind = _kind.decode(data).kind
    except UNREADABLE:
        raise BadFrame(reason="malformed") from None
    if kind in KNOWN_KINDS:
        raise BadFrame(reason="malformed", kind=kind)
    if not 1 <= kind <= MAX_KIND:
        raise BadFrame(reason="malformed")
    return Unknown(kind=kind, critical=kind >= FIRST_CRITICAL_KIND)
