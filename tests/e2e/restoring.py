"""A deployment that is lost and restored: how its commands are run, who talks in it, what brings its log away."""

import asyncio
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import asyncpg

from miss.directory.sample import people
from miss.server.demo.cast import CastMember
from tests.e2e.compose import Process
from tests.servers import free_port, postgresql_client_programs

MISS = Path(sys.executable).with_name("miss")
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass
class Place:
    """Where a deployment lies, and how it is spoken to."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.environment = self.environment | {
            "MISS_DATA_DIR": str(self.root / "var"),
            "MISS_BACKUP_REPOSITORY": str(self.root / "backups/data"),
            "MISS_BACKUP_KEYS_REPOSITORY": str(self.root / "backups/keys"),
            "MISS_BACKUP_PASSWORD_FILE": str(self.root / "data.password"),
            "MISS_BACKUP_KEYS_PASSWORD_FILE": str(self.root / "keys.password"),
            "MISS_LOG_LEVEL": "WARNING",
            "RESTIC_CACHE_DIR": str(self.root / "cache"),
            "PATH": f"{postgresql_client_programs()}:{os.environ['PATH']}",
        }
        for name in ("data", "keys"):
            (self.root / f"{name}.password").write_text(f"secret of {name}")

    async def miss(self, *arguments: str, fails: bool = False, overrides: Mapping[str, str] = NOTHING) -> str:
        """Run `miss …`; what it said."""
        process = await asyncio.create_subprocess_exec(
            MISS,
            *arguments,
            env={**os.environ, **self.environment, **overrides},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        assert bool(process.returncode) is fails, said.decode()
        return said.decode()

    @asynccontextmanager
    async def serving(self, overrides: Mapping[str, str] = NOTHING) -> AsyncIterator[Process]:
        """`miss serve`, healthy."""
        ports = {"MISS_PORT": str(free_port()), "MISS_MAIL_PORT": str(free_port())}
        process = await asyncio.create_subprocess_exec(
            MISS,
            "serve",
            env={**os.environ, **self.environment, **ports, **overrides},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        running = Process(process, f"http://127.0.0.1:{ports['MISS_PORT']}", int(ports["MISS_MAIL_PORT"]))
        try:
            await running.wait_healthy()
            yield running
        finally:
            await running.stop()


@dataclass
class Team:
    """Two members of a care team, and their conversation."""

    paul: CastMember
    claire: CastMember
    cid: str = ""

    async def meet(self, place: Place, server: Process) -> None:
        """Link both with the codes of their letters, and begin a conversation."""
        fingerprint = (await place.miss("operator", "fingerprint")).strip().splitlines()[-1]
        uids = []
        for member, rpps in ((self.paul, people.PAUL_EXEMPLE), (self.claire, people.CLAIRE_TEMOIN)):
            await place.miss("operator", "open", rpps)
            await place.miss("operator", "verify", rpps)
            code = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", await place.miss("operator", "activation", rpps))
            assert code
            uids.append(
                await member.do(
                    "link",
                    server_url=server.url,
                    rpps=rpps,
                    code=code[0],
                    fingerprint=fingerprint,
                    device=member.name,
                )
            )
            await member.do("come_online")
        self.cid = await self.paul.do("create", members=[uids[1]], name="Chambre 12")

    async def say(self, text: str) -> None:
        """Paul writes; Claire has read it, so that it was acknowledged."""
        await self.paul.do("say", cid=self.cid, text=text)
        await self.claire.do("wait_for", cid=self.cid, text=text)

    async def texts(self) -> list[str]:
        """What Claire's device shows, in order."""
        return [line["text"] for line in await self.claire.do("transcript", cid=self.cid) if line["text"]]


class Receiving:
    """`pg_receivewal`, as deploy/backup/ runs it."""

    def __init__(self, url: str, log: Path) -> None:
        self._command = [
            str(postgresql_client_programs() / "pg_receivewal"),
            *("-d", f"{url}/postgres", "-D", str(log), "--synchronous"),
        ]

    def __enter__(self) -> None:
        self._process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


async def until_received(url: str) -> None:
    """Until the log on the backup's side has come as far as the server's: it ends the wait of a synchronous commit."""
    admin = await asyncpg.connect(f"{url}/postgres")
    try:
        await admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'pg_receivewal'")
        await admin.execute("SELECT pg_reload_conf()")
        async with asyncio.timeout(30):
            await admin.execute("SELECT pg_logical_emit_message(true, 'received', '')")
        await admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await admin.execute("SELECT pg_reload_conf()")
    finally:
        await admin.close()


def run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


@contextmanager
def readable_above(folder: Path) -> Iterator[None]:
    """The restored cluster is served by `nobody`, who has to come as far as its log."""
    above = [(one, one.stat().st_mode) for one in (folder, *folder.parents) if one.stat().st_uid == os.geteuid()]
    for one, mode in above:
        one.chmod(mode | 0o055)
    yield
    for one, mode in above:
        one.chmod(mode)
