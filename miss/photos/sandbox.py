"""Run `reading.sanitise` in a process of its own, with limits, so that a malicious file costs one refusal.

The child is started on the file itself (`python -I reading.py`): it loads Pillow and nothing of ours, opens no socket
and cannot write a file.  One child per photograph, at most `CHILDREN` at once.
"""

import asyncio

from miss.child import ask_child
from miss.photos import reading
from miss.photos.reading import PhotoRefused, Refusal

TIMEOUT_S = 20.0
"""Above the child's own limit of processor time: only a machine that stands still reaches it."""
CHILDREN = 2


class PhotoSandbox:
    """Where photographs from outside are decoded."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(CHILDREN)

    async def sanitise(self, data: bytes) -> bytes:
        """The photograph written anew (`reading.sanitise`).

        Raises PhotoRefused; a child that is killed by its limits, or crashes, counts as unreadable.
        """
        async with self._places:
            answer = await ask_child(reading.__file__, data, self._timeout_s)
        if answer[:1] == b"+":
            return answer[1:]
        try:
            refusal = Refusal(answer[1:].decode("ascii"))
        except ValueError:
            refusal = Refusal.UNREADABLE
        raise PhotoRefused(refusal)
