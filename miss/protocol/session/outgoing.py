"""The bounded queue of frames on their way to a peer that may read slowly.  protocol §7

When it is full, ephemera (typing, presence) go first; if that is not enough, everything waiting is discarded and
one `lag` takes its place: the client pulls, and repeats what was not answered.  The frame that did not fit follows
the `lag`, so that a page the client asked for always arrives in the end.
"""

from collections.abc import Sequence

from miss.protocol.wire.codec import encode
from miss.protocol.wire.frames import Lag

_LAG = encode(Lag())


class _Ephemeral(bytes):
    """A frame that is dropped first."""


class Outgoing:
    """Frames in order, at most `max_frames` of them and `max_bytes` together."""

    def __init__(self, max_frames: int, max_bytes: int) -> None:
        self._max_frames = max_frames
        self._max_bytes = max_bytes
        self._waiting: list[bytes] = []
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, data: bytes, ephemeral: bool = False) -> None:
        """Add one frame; makes room as the module says.  A frame larger than the bound is taken when alone."""
        if not self._fits(data):
            if ephemeral:
                return
            self._replace([frame for frame in self._waiting if not isinstance(frame, _Ephemeral)])
        if not self._fits(data):
            self._replace([_LAG])
        self._waiting.append(_Ephemeral(data) if ephemeral else data)
        self._bytes += len(data)

    def push_all(self, frames: Sequence[bytes]) -> None:
        """Add frames, none of them ephemeral, as `push` would one after the other."""
        size_bytes = self._bytes + sum(map(len, frames))
        if len(self._waiting) + len(frames) <= self._max_frames and size_bytes <= self._max_bytes:
            self._waiting += frames
            self._bytes = size_bytes
            return
        for data in frames:
            self.push(data)

    def take_all(self) -> list[bytes]:
        """Remove and return everything that waits, in order."""
        frames, self._waiting, self._bytes = self._waiting, [], 0
        return frames

    def _fits(self, data: bytes) -> bool:
        if not self._waiting:
            return True
        return len(self._waiting) < self._max_frames and self._bytes + len(data) <= self._max_bytes

    def _replace(self, frames: list[bytes]) -> None:
        self._waiting = frames
        self._bytes = sum(map(len, frames))
