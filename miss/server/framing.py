"""Frames of a WebSocket as a server sends and receives them: the ordinary ones.  RFC 6455 §5.2

Ordinary is a message of a client in one masked frame of less than 64 KiB, or a control frame: all that our clients
ever send.  Anything else is left to a parser that knows the rest of the standard.
"""

from functools import lru_cache

BINARY = 0x82
"""FIN and opcode 2."""
_WHOLE = frozenset((0x81, BINARY, 0x88, 0x89, 0x8A))
"""FIN and text, binary, close, ping, pong."""
_MASKED = 0x80
_TWO_BYTES, _EIGHT_BYTES = 126, 127
"""In place of a length: it follows in so many bytes."""
MASK_BYTES = 4


@lru_cache(4096)
def frame_header(size_bytes: int) -> bytes:
    """What stands before a binary message of that length, sent by a server in one frame."""
    if size_bytes < _TWO_BYTES:
        return bytes((BINARY, size_bytes))
    if size_bytes < 1 << 16:
        return bytes((BINARY, _TWO_BYTES, size_bytes >> 8, size_bytes & 0xFF))
    return bytes((BINARY, _EIGHT_BYTES)) + size_bytes.to_bytes(8, "big")


def measure(data: bytes, start: int) -> tuple[int, int]:
    """Where the masked payload of the ordinary frame at `start` begins and ends.

    The end is beyond `data` while some of the frame is missing; it is 0 if this will not be an ordinary frame.
    """
    known = len(data) - start
    if data[start] not in _WHOLE:
        return 0, 0
    if known < 2:
        return start + 2, start + 2
    size_bytes = data[start + 1] - _MASKED
    body = start + 2 + MASK_BYTES
    if 0 <= size_bytes < _TWO_BYTES:
        return body, body + size_bytes
    if size_bytes != _TWO_BYTES:
        return 0, 0
    body += 2
    if known < 4:
        return body, body
    return body, body + (data[start + 2] << 8 | data[start + 3])
