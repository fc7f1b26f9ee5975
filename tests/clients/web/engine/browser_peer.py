"""The web client's engine as a process beside the tests (`peer.ts`): asked line by line, its events kept."""

import asyncio
import base64
import contextlib
import itertools
import json
import os
import subprocess
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

from tests.conditions import WAIT_S
from tests.cross_language.core import CORE, find_node

APP = CORE.parent / "app"


class PeerError(Exception):
    """The engine refused, by `code`."""

    def __init__(self, code: str, stack: str) -> None:
        super().__init__(f"{code}\n{stack}")
        self.code = code


def bundle(folder: Path) -> Path:
    """The peer as one file of Node, made by the web client's own esbuild."""
    node, target = find_node(), folder / "peer.mjs"
    command = [
        str(node.node),
        str(APP / "node_modules" / "esbuild" / "bin" / "esbuild"),
        str(Path(__file__).with_name("peer.ts")),
        "--bundle",
        "--format=esm",
        "--platform=node",
        "--target=node20",
        "--log-level=error",
        # What is CommonJS in there asks for `require`.
        "--banner:js=import { createRequire as __makeRequire } from 'node:module';"
        "const require = __makeRequire(import.meta.url);",
        f"--outfile={target}",
    ]
    done = subprocess.run(
        command, env={**os.environ, "NODE_PATH": str(APP / "node_modules")}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return target


class Peer:
    """One engine."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Condition()
        self.events: list[dict[str, Any]] = []
        """Everything announced so far."""

    async def read(self) -> None:
        """Take what the process says, until it ends."""
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line, object_hook=_unpack)
            if "event" in said:
                async with self._news:
                    self.events.append(said["event"])
                    self._news.notify_all()
            elif "error" in said:
                self._waiting.pop(said["id"]).set_exception(PeerError(said["error"]["code"], said["error"]["stack"]))
            else:
                self._waiting.pop(said["id"]).set_result(said["result"])

    async def ask(self, call: str, *args: object) -> Any:
        """What the engine answers.  Raises PeerError."""
        assert self._process.stdin is not None
        number = next(self._ids)
        self._waiting[number] = answer = asyncio.get_running_loop().create_future()
        self._process.stdin.write(
            json.dumps({"id": number, "call": call, "args": args}, default=_pack).encode() + b"\n"
        )
        async with asyncio.timeout(WAIT_S):
            return await answer

    async def until(self, condition: Callable[[dict[str, Any]], bool], after: int = 0) -> dict[str, Any]:
        """The first event from number `after` on for which `condition` holds."""
        try:
            async with asyncio.timeout(WAIT_S), self._news:
                await self._news.wait_for(lambda: any(condition(event) for event in self.events[after:]))
        except TimeoutError:
            kinds = [event["kind"] for event in self.events[after:]]
            raise AssertionError(f"it was not announced; since then: {kinds}") from None
        return next(event for event in self.events[after:] if condition(event))


@contextlib.asynccontextmanager
async def peer(program: Path) -> AsyncIterator[Peer]:
    """A new engine with an empty database."""
    process = await asyncio.create_subprocess_exec(
        str(find_node().node),
        "--no-warnings",
        "--experimental-websocket",
        str(program),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=32 * 1024 * 1024,
    )
    made = Peer(process)
    reading = asyncio.create_task(made.read())
    try:
        yield made
    finally:
        assert process.stdin is not None
        process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(WAIT_S):
                await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
        await reading


def _pack(value: object) -> object:
    if isinstance(value, bytes):
        return {"$bytes": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


def _unpack(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["$bytes"]) if value.keys() == {"$bytes"} else value
