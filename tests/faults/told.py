"""A server that is asked says where it stands: SIGUSR1 has it write the stack of each thread and task to its log."""

import asyncio
import faulthandler
import os
import signal
import sys
from collections import Counter
from io import StringIO
from types import FrameType

END = "all tasks told"
"""The last line of it."""


def answer_when_asked() -> None:
    """From now on; the threads are told even if the loop is stuck."""
    signal.signal(signal.SIGUSR1, _tell_tasks)
    faulthandler.register(signal.SIGUSR1, all_threads=True, chain=True)


def _stack_of(task: "asyncio.Task[object]") -> str:
    """Where it stands; without its name, so that a hundred that stand in one place are told once."""
    told = StringIO()
    task.print_stack(limit=6, file=told)
    return told.getvalue().partition("\n")[2].rstrip()


def _tell_tasks(_number: int, _frame: FrameType | None) -> None:
    try:
        tasks = asyncio.all_tasks(asyncio.get_running_loop())
    except RuntimeError:  # no loop yet, or none any more
        tasks = set()
    stacks = Counter(_stack_of(task) for task in tasks)
    told = [f"{times} ×\n{stack}\n" for stack, times in sorted(stacks.items())]
    # Past the buffers of `sys.stderr`: whoever is asked again while he answers would stumble over himself.
    os.write(sys.stderr.fileno(), "".join((*told, f"{END}\n")).encode())
