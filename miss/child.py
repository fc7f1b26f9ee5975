"""What strangers send is read in a process of its own: one that loads nothing of ours, with limits it sets itself.

The child is a file started by itself (`python -I reading.py`); this module asks it one question and ends it.
"""

import asyncio
import contextlib
import sys


async def ask_child(script: str, said: bytes, timeout_s: float) -> bytes:
    """What the file `script` answers to `said`; empty if it took longer, was killed by its limits or crashed."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        script,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        answer, _ = await asyncio.wait_for(child.communicate(said), timeout_s)
    except TimeoutError:
        answer = b""
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()
    return answer
