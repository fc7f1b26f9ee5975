"""compose.yaml read and run without containers: its very commands and environments, on this machine.

Only what containers give is replaced: service names and ports by loopback addresses, volumes by folders.
"""

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
import yaml

from tests.servers import free_port

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 180.0
"""A start takes three seconds of a core, which on a loaded machine have been more than a minute."""
STOP_TIMEOUT_S = 90.0
"""deploy/systemd gives it sixty."""
VARIABLES = {
    "POSTGRES_PASSWORD": "unused-by-trust",
    "KEYSTORE_PASSWORD": "unused-by-trust",
    "MISS_PUBLIC_URL": "http://127.0.0.1:8080",
    "MISS_MAIL_DOMAIN": "miss.example",
}


@dataclass(slots=True)
class Deployment:
    """The services of compose.yaml that run our code, with what replaces their containers."""

    services: dict[str, dict[str, Any]]
    replacements: dict[str, str]

    @classmethod
    def read(cls, folder: Path, addresses: dict[str, str]) -> "Deployment":
        """`addresses`: `postgres:5432` → `127.0.0.1:40001` for each service that is another engine."""
        services: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
        volumes = {"/var/lib/miss-keys": str(folder / "keys"), "/var/lib/miss": str(folder / "data")}
        return cls(services, volumes | addresses)

    def environment(self, service: str) -> dict[str, str]:
        """The service's environment: variables filled in, addresses and folders replaced."""
        return {name: self._fill(str(value)) for name, value in self.services[service]["environment"].items()}

    def _fill(self, value: str) -> str:
        value = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: VARIABLES[match[1]], value)
        for ours, theirs in self.replacements.items():
            value = value.replace(ours, theirs)
        return value

    async def run(self, service: str, *command: str, code: int = 0) -> str:
        """Run the service's command, or another one in its environment, to its end, with exit code `code`; its
        output."""
        process = await self._start(service, command or tuple(self.services[service]["command"]), {})
        output, _ = await process.communicate()
        assert process.returncode == code, output.decode()
        return output.decode()

    @asynccontextmanager
    async def serving(self, service: str) -> AsyncIterator["Process"]:
        """Run the service's command until the block ends; it answers `/health` when the block begins."""
        ports = {"MISS_HOST": "127.0.0.1", "MISS_PORT": str(free_port()), "MISS_MAIL_PORT": str(free_port())}
        process = await self._start(service, tuple(self.services[service]["command"]), ports)
        running = Process(process, f"http://127.0.0.1:{ports['MISS_PORT']}", int(ports["MISS_MAIL_PORT"]))
        try:
            await running.wait_healthy()
            yield running
        finally:
            await running.stop()

    async def _start(
        self, service: str, command: tuple[str, ...], overrides: dict[str, str]
    ) -> asyncio.subprocess.Process:
        environment = {**os.environ, **self.environment(service), **overrides}
        program = str(Path(sys.executable).with_name(command[0]))
        return await asyncio.create_subprocess_exec(
            program,
            *command[1:],
            env=environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=2**24,
        )


class Process:
    """One server process."""

    def __init__(self, process: asyncio.subprocess.Process, url: str, mail_port: int) -> None:
        self._process = process
        self.url = url
        self.mail_port = mail_port
        self._lines: list[str] = []
        self._reading = asyncio.create_task(self._read())

    @property
    def log(self) -> str:
        """Everything the process has written."""
        return "".join(self._lines)

    async def wait_healthy(self) -> None:
        """Until `/health` answers 200.  Fails with the process's log if it ends instead."""
        async with httpx.AsyncClient(base_url=self.url) as http:
            deadline_s = monotonic() + START_TIMEOUT_S
            while True:
                assert self._process.returncode is None, self.log
                assert monotonic() < deadline_s, f"not healthy within {START_TIMEOUT_S:.0f} s\n{self.log}"
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/health")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def kill(self) -> None:
        """SIGKILL."""
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """SIGTERM, and the exit code.  Fails with the process's log if it does not end."""
        if self._process.returncode is None:
            self._process.terminate()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                code = await self._process.wait()
        except TimeoutError:
            await self.kill()
            raise AssertionError(f"no end within {STOP_TIMEOUT_S:.0f} s of SIGTERM\n{self.log}") from None
        await self._reading
        return code

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            self._lines.append(line.decode())
