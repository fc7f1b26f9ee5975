"""What the measured processes cost, from /proc; which core they run on; what the machine is.

Linux only.  The kernel's user and system times of a process add up to the time its scheduler counted, to a hundredth
of a second.
"""

import os
import platform
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import median

TICKS_PER_S = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")
# Places in /proc/<pid>/stat after the command's closing bracket.
_PARENT, _USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM = 1, 11, 12, 13, 14


def cpu_s(roots: Iterable[int]) -> float:
    """User + system seconds used so far by these processes and all they ever started and waited for."""
    ticks = 0
    for pid in tree(roots):
        if fields := _stat(pid):
            ticks += sum(int(fields[place]) for place in (_USER, _SYSTEM, _CHILDREN_USER, _CHILDREN_SYSTEM))
    return ticks / TICKS_PER_S


def tree(roots: Iterable[int]) -> set[int]:
    """These processes and their living descendants."""
    children: dict[int, list[int]] = {}
    for folder in PROC.iterdir():
        if folder.name.isdigit() and (fields := _stat(int(folder.name))):
            children.setdefault(int(fields[_PARENT]), []).append(int(folder.name))
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        if pid not in found:
            found.add(pid)
            waiting += children.get(pid, ())
    return found


def memory_kb(roots: Iterable[int]) -> int:
    """Memory of the tree in kB; what processes share is counted once (PSS)."""
    total_kb = 0
    for pid in tree(roots):
        try:
            lines = (PROC / str(pid) / "smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total_kb += next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
    return total_kb


def _stat(pid: int) -> list[str]:
    """The fields after the command; empty if the process is gone."""
    try:
        line = (PROC / str(pid) / "stat").read_text()
    except OSError:
        return []
    return line[line.rindex(")") + 2 :].split()


def describe() -> dict[str, str]:
    """Processor, kernel, distribution, Python and how long this disk takes to make a page durable."""
    processor = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        platform.machine(),
    )
    return {
        "cpu": f"{os.cpu_count()} × {processor}",
        "kernel": platform.release(),
        "os": platform.freedesktop_os_release().get("PRETTY_NAME", "Linux"),
        "python": platform.python_version(),
        "fdatasync_ms": f"{fdatasync_ms():.2f}",
    }


def fdatasync_ms(times: int = 50) -> float:
    """Median time to append 4 kB to a file and have it on the disk."""
    taken = []
    with tempfile.TemporaryFile(dir=tempfile.gettempdir()) as file:
        for _ in range(times):
            began_s = time.perf_counter()
            os.write(file.fileno(), bytes(4096))
            os.fdatasync(file.fileno())
            taken.append((time.perf_counter() - began_s) * 1000)
    return median(taken)
