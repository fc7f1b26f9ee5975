"""A deployment that is lost and restored: how its commands are run, who talks in it, what brings its log away."""

import asyncio
import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from miss.directory import sample
from miss.directory.sample import people
from miss.server.demo.cast import CastMember
from tests.databases import postgresql_database
from tests.e2e.compose import Process
from tests.servers import free_port, postgresql, postgresql_client_programs, postgresql_on

DIRECTORY = Path(sample.__file__).parent
REGISTER = [str(DIRECTORY / name) for name in ("personne_activite.txt", "correspondance_mssante.txt")]
UNIT = Path(__file__).parents[2] / "deploy/systemd/miss-wal.service"
PASSWORD = "of-the-role-that-replicates"
PATIENCE_S = 60.0
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

    async def begin(self, *arguments: str, overrides: Mapping[str, str] = NOTHING) -> asyncio.subprocess.Process:
        """Start `miss …`, the first of a group of processes."""
        return await asyncio.create_subprocess_exec(
            MISS,
            *arguments,
            env={**os.environ, **self.environment, **overrides},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )

    async def miss(self, *arguments: str, fails: bool = False, overrides: Mapping[str, str] = NOTHING) -> str:
        """Run `miss …`; what it said."""
        process = await self.begin(*arguments, overrides=overrides)
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
    """What deploy/systemd/miss-wal.service runs, word for word, on the server at `url`."""

    def __init__(self, url: str, log: Path) -> None:
        self._environment = {
            "PATH": f"{postgresql_client_programs()}:{os.environ['PATH']}",
            "PG_WAL_SOURCE": f"{url}/postgres",
            "PG_WAL_PASSWORD": PASSWORD,
            "MISS_BACKUP_WAL_DIR": str(log),
        }

    def __enter__(self) -> "Receiving":
        for command in unit_lines("ExecStartPre"):
            subprocess.run(command, env=self._environment, check=True, capture_output=True, timeout=PATIENCE_S)
        (command,) = unit_lines("ExecStart")
        self._process = subprocess.Popen(command, env=self._environment, stderr=subprocess.DEVNULL)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """As `systemctl stop` would."""
        self._process.terminate()
        self._process.wait(PATIENCE_S)

    @property
    def command_line(self) -> str:
        """What everybody on the machine can read of it."""
        return Path(f"/proc/{self._process.pid}/cmdline").read_text().replace("\0", " ")


def unit_lines(name: str) -> list[list[str]]:
    """The commands of that name in miss-wal.service, as systemd reads them."""
    said = [line.partition("=")[2] for line in UNIT.read_text().splitlines() if line.startswith(f"{name}=")]
    return [[word.replace("$$", "$") for word in shlex.split(line.removeprefix("-"))] for line in said]


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


async def declare(place: Place, restored: dict[str, str], *options: str) -> None:
    said = await place.miss("backup", "declare", "--yes", *options, overrides=restored)
    assert "retour n° 1 déclaré" in said


@asynccontextmanager
async def restored_on_postgresql(place: Place, names: list[str], *options: str) -> AsyncIterator[dict[str, str]]:
    """Restored as `miss backup restore` says, to servers that never heard of it; the settings to go on with."""
    # Not below pytest's folder: another pytest that starts meanwhile closes that to PostgreSQL's account again.
    with tempfile.TemporaryDirectory(prefix="miss-restored-", ignore_cleanup_errors=True) as above:
        folder = Path(above) / "restored"
        await place.miss("backup", "restore", "--to", str(folder), *options)
        # Whoever runs PostgreSQL has to be given the log; a server that may not read it ends rather than go without.
        run("chmod", "-R", "a+rX", folder / "wal")
        with readable_above(folder), postgresql_on(folder / "postgresql") as url, postgresql() as other:
            async with postgresql_database(other, empty=True) as keys:
                run(postgresql_client_programs() / "pg_restore", "-d", keys, folder / "keys/keystore.dump")
                yield {
                    "MISS_DATABASE_URL": f"{url}/{names[0]}",
                    "MISS_KEYSTORE_URL": keys,
                    "MISS_DATA_DIR": str(folder),
                    "MISS_MASTER_KEY_FILE": str(folder / "keys/master.key"),
                    "MISS_OPERATOR_KEYS_DIR": str(folder / "keys/operator"),
                }
