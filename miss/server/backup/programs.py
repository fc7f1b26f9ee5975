"""Other people's programs, run to their end: their output is theirs, their failure is named.

Passwords go by file or environment, never as arguments, which every user of a machine can read.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, cast

from miss.server.backup.errors import ProgramMissing

PACKAGES: Final = {
    "restic": "restic",
    "pg_basebackup": "postgresql-client",
    "pg_dump": "postgresql-client",
    "psql": "postgresql-client",
}
_LAST_LINES: Final = 3


class ProgramFailed(Exception):
    """A program ended with a code other than 0; `reason`: the last it said."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


async def run_program(
    arguments: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    tell: Callable[[str], None] = lambda _line: None,
) -> list[str]:
    """Run `arguments` in `folder`, its lines of output handed to `tell` as they come; all of them.

    Raises ProgramMissing, ProgramFailed.
    """
    program = shutil.which(arguments[0])
    if program is None:
        raise ProgramMissing(program=arguments[0], package=PACKAGES.get(arguments[0], arguments[0]))
    process = await asyncio.create_subprocess_exec(
        program,
        *arguments[1:],
        cwd=folder,
        env={**os.environ, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**24,
    )
    output, complaints = cast(asyncio.StreamReader, process.stdout), cast(asyncio.StreamReader, process.stderr)
    said = asyncio.create_task(complaints.read())
    lines = []
    try:
        async for line in output:
            lines.append(line.decode(errors="replace").rstrip("\n"))
            tell(lines[-1])
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    complaint = (await said).decode(errors="replace")
    if code:
        last = [line.strip() for line in (complaint or "\n".join(lines)).splitlines() if line.strip()]
        raise ProgramFailed(" / ".join(last[-_LAST_LINES:]) or f"code {code}")
    return lines
