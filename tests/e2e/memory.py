"""What a process holds, and what it leaves when it dies: the evidence in which a secret is searched."""

import asyncio
import resource
import signal
from collections.abc import Iterable, Iterator
from pathlib import Path

CORE_PATTERN = Path("/proc/sys/kernel/core_pattern")


def spellings(text: str) -> list[bytes]:
    """How a program may hold a text: UTF-8, the two wide forms of Python's strings, hexadecimal."""
    utf8 = text.encode()
    return [utf8, text.encode("utf-16-le"), text.encode("utf-32-le"), utf8.hex().encode()]


def memory_of(pid: int) -> Iterator[bytes]:
    """Every readable mapping of a running process."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights, *rest = line.split(maxsplit=5)
            start, stop = (int(address, 16) for address in place.split("-"))
            if "r" not in rights or rest[-1].startswith(("[v", "/dev/")):
                continue
            memory.seek(start)
            yield memory.read(stop - start)


def holds(parts: Iterable[bytes], needles: Iterable[bytes]) -> bool:
    """True if one of the parts has one of the needles."""
    wanted = tuple(needles)
    return any(needle in part for part in parts for needle in wanted)


def files_with(folder: Path, needles: Iterable[bytes]) -> list[str]:
    """The files below `folder` that have one of the needles."""
    wanted = tuple(needles)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [str(path.relative_to(folder)) for path in files if holds([path.read_bytes()], wanted)]


def writes_cores_to_its_folder() -> bool:
    """False where the machine hands core dumps to a program of its own, or forbids them."""
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    return hard == resource.RLIM_INFINITY and CORE_PATTERN.read_text().startswith("core")


async def crash(process: asyncio.subprocess.Process) -> None:
    """End a process as a crash does; it leaves its core in the folder it runs in."""
    resource.prlimit(process.pid, resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    process.send_signal(signal.SIGABRT)
    await process.wait()


def core_in(folder: Path) -> Iterator[bytes]:
    """The core of a process that ran in `folder`."""
    [core] = [path for path in folder.iterdir() if path.name.startswith("core")]
    yield core.read_bytes()
