"""Run `photos.sanitise` in a process of its own, with limits, so that a malicious file costs one refusal.

The child is started on the file itself (`python -I photos.py`): it loads Pillow and nothing of ours, opens no socket
and cannot write a file.  One child per photograph, at most `CHILDREN` at once.
"""

import asyncio
import contextlib
import sys

from teleexpertise.attachments import photos
from teleexpertise.attachments.photos import PhotoRefused, Refusal

TIMEOUT_S = 20.0
"""Above the child's own limit of processor time: only a machine that stands still reaches it."""
CHILDREN = 2


class PhotoSandbox:
    """Where photographs from outside are decoded."""

    def __init__(self, *, timeout_s: float = TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._places = asyncio.Semaphore(CHILDREN)

    async def sanitise(self, data: bytes) -> bytes:
        """The photograph written anew (`photos.sanitise`).

        Raises PhotoRefused; a child that is killed by its limits, or crashes, counts as unreadable.
        """
        async with self._places:
            answer = await self._ask(data)
        if answer[:1] == b"+":
            return answer[1:]
        try:
            refusal = Refusal(answer[1:].decode("ascii"))
        except ValueError:
            refusal = Refusal.UNREADABLE
        raise PhotoRefused(refusal)

    async def _ask(self, data: bytes) -> bytes:
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            photos.__file__,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            answer, _ = await asyncio.wait_for(child.communicate(data), self._timeout_s)
        except TimeoutError:
            answer = b""
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
                await child.wait()
        return answer
