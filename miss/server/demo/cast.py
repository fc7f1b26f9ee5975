"""The programs of the care team's members: started, told, killed and restarted, as their owners' devices are.

A member is told one thing a line, in JSON, and answers with one line (`member.py`).
"""

import asyncio
import json
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from miss.server.demo.report import StepFailed

ANSWER_TIMEOUT_S = 60.0
LINE_LIMIT_BYTES = 16 * 1024 * 1024


class CastMember:
    """One member's program and its folder, which outlives the program."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.kill()

    async def start(self) -> None:
        """Start the program on the member's folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "member.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "miss.server.demo.member", str(self.folder)),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                limit=LINE_LIMIT_BYTES,
            )

    async def kill(self) -> None:
        """SIGKILL: no farewell, nothing flushed."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._process = None

    async def do(self, deed: str, **details: Any) -> Any:
        """Have the member do something; what it brought back.  Raises StepFailed with the member's own words."""
        process = self._process
        if process is None or process.stdin is None or process.stdout is None:
            raise StepFailed(f"{self.name} is not running")
        process.stdin.write(json.dumps({"do": deed, **details}).encode() + b"\n")
        await process.stdin.drain()
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            line = await process.stdout.readline()
        if not line:
            raise StepFailed(f"{self.name} ended: see {self.folder / 'member.log'}")
        answer = json.loads(line)
        if "error" in answer:
            raise StepFailed(f"{self.name}: {answer['error']}")
        return answer["result"]
