"""PostgreSQL's log in the folder that `pg_receivewal` fills: has it come, does it continue the base, its copy.

A receiver that died, or that began anew after a hole, leaves a folder that looks well and restores to yesterday; so
each backup asks.  Segments: https://www.postgresql.org/docs/current/wal-internals.html.
"""

import asyncio
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from miss.server.backup.postgresql import address_of, first_segment
from miss.server.backup.programs import ProgramFailed, run_program

RECEIVED_S: Final = 30.0
"""How long a commit may take to reach the folder; a second is usual."""
_LOOK_S: Final = 0.5
_SEGMENT: Final = re.compile(r"([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})(\.partial)?")
_NEWEST: Final = 2
"""Segments looked through: a mark may be the last of one that was completed meanwhile."""


async def is_received(url: str, log: Path, name: str, patience_s: float = RECEIVED_S) -> bool:
    """Whether what the server at `url` has committed by now lies in `log`; False after `patience_s`.

    Marks called `name` are written into the server's log and looked for in the folder.  Raises ProgramMissing.
    """
    address, environment = address_of(url)
    marks: list[bytes] = []
    try:
        async with asyncio.timeout(patience_s):
            while True:
                # Another one each time: a page's end may lie in the midst of one.
                mark = f"{name}/{len(marks)}"
                statement = f"SELECT pg_logical_emit_message(true, 'miss.backup', '{mark}.')"
                await run_program(
                    ["psql", "-XqAt", "-d", address, "-c", statement], folder=log, environment=environment
                )
                marks.append(f"{mark}.".encode())
                if await asyncio.to_thread(_holds_any, log, marks):
                    return True
                await asyncio.sleep(_LOOK_S)
    except (TimeoutError, ProgramFailed):
        return False


def continues(base: Path, log: Path) -> bool:
    """Whether every segment from the start of `base` to the last of `log` is there, on one timeline."""
    first = first_segment(base)
    found = [one for folder in (base / "pg_wal", log) for one in segments(folder) if one.name >= first]
    places = sorted({(one.name[:8], *_place(one)) for one in found})
    if not found or any(timeline != first[:8] for timeline, *_ in places):
        return False
    per_log = (1 << 32) // max(one.stat().st_size for one in found)
    numbers = [high * per_log + low for _, high, low in places]
    return first in {one.name[:24] for one in found} and numbers == list(range(numbers[0], numbers[-1] + 1))


def copy_log(log: Path, target: Path) -> None:
    """Every file of `log` in the new folder `target`, while the receiver writes on."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(mode=0o700)
    _copy(sorted(one.name for one in log.iterdir() if one.is_file()), log, target)


def add_survivors(log: Path, restored: Path) -> None:
    """To a restored log, what the receiver's own folder `log` has: the same segments, further than the last copy."""
    names = sorted(one.name for one in segments(log))
    _copy(names, log, restored)


def _copy(names: Iterable[str], log: Path, target: Path) -> None:
    for name in names:
        try:
            shutil.copy2(log / name, target / name)
        except FileNotFoundError:
            # Completed since it was listed, and renamed.
            whole = name.removesuffix(".partial")
            shutil.copy2(log / whole, target / whole)


def segments(folder: Path) -> list[Path]:
    """Those in `folder`, the one under way too; none if there is no such folder."""
    return [one for one in folder.iterdir() if _SEGMENT.fullmatch(one.name)] if folder.is_dir() else []


def _place(segment: Path) -> tuple[int, int]:
    return int(segment.name[8:16], 16), int(segment.name[16:24], 16)


def _holds_any(log: Path, marks: list[bytes]) -> bool:
    for segment in sorted(segments(log), key=lambda one: one.name[:24])[-_NEWEST:]:
        try:
            written = segment.read_bytes()
        except FileNotFoundError:  # completed and renamed: at the next look
            continue
        if any(mark in written for mark in marks):
            return True
    return False
