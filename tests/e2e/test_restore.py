"""The restore drill: a deployment is lost, its backups are written into an empty folder, and everything is proved.

One drill for each store: a care team talks, a backup is taken, it goes on talking, another one is taken; then the
database, the blobs and the keys are gone.  What was acknowledged before the last backup must be there, the access log
must verify, a message must still be proved to somebody who trusts the operator's fingerprint only.

Then to an older point, with the operator's word: real devices put back what the server lost (ADR 51).
"""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from zoneinfo import ZoneInfo

import asyncpg
import httpx
import pytest

from miss.directory import sample
from miss.directory.sample import people
from miss.server.demo.cast import CastMember
from tests.databases import postgresql_database
from tests.e2e.compose import Process
from tests.servers import free_port, postgresql, postgresql_client_programs, postgresql_on

pytestmark = pytest.mark.long

DIRECTORY = Path(sample.__file__).parent
MISS = Path(sys.executable).with_name("miss")
NOTHING: Mapping[str, str] = MappingProxyType({})
REGISTER = [str(DIRECTORY / name) for name in ("personne_activite.txt", "correspondance_mssante.txt")]


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


@pytest.fixture
async def team(tmp_path: Path) -> AsyncIterator[Team]:
    async with CastMember("paul", tmp_path / "paul") as paul, CastMember("claire", tmp_path / "claire") as claire:
        yield Team(paul, claire)


async def test_sqlite_is_restored_to_an_older_point_and_devices_put_back_what_it_lost(
    tmp_path: Path, team: Team
) -> None:
    place = Place(tmp_path)
    await place.miss("migrate", "--create-keys")
    await place.miss("directory", "import", *REGISTER)
    async with place.serving() as server:
        await team.meet(place, server)
        await team.say("Avant la sauvegarde")
        first = await place.miss("backup", "take")
        await _talk_on(team)
    shutil.rmtree(tmp_path / "var")
    await place.miss("backup", "restore", "--to", str(tmp_path / "restored"), "--at", _moment(first))
    restored = {"MISS_DATA_DIR": str(tmp_path / "restored"), "MISS_OPERATOR_KEYS_DIR": str(tmp_path / "elsewhere")}
    # ROOT's key comes from its safe for one signature; the server never needs it.
    shutil.move(tmp_path / "restored/keys/operator", tmp_path / "elsewhere")
    safe = tmp_path / "safe"
    safe.mkdir()
    shutil.move(tmp_path / "elsewhere/root.key", safe)
    assert "miss backup declare" in await place.miss("check", fails=True, overrides=restored)
    await _declare(place, restored, "--root-key", str(safe / "root.key"))
    assert (safe / "restorations").is_file()
    assert "Rien à déclarer" in await place.miss("backup", "declare", "--yes", fails=True, overrides=restored)
    await _require_reconciled(place, team, restored)


async def _talk_on(team: Team) -> None:
    """What no backup has: both write, both read."""
    await team.say("Perdu de Paul")
    await team.claire.do("say", cid=team.cid, text="Perdu de Claire")
    await team.paul.do("wait_for", cid=team.cid, text="Perdu de Claire")


def _moment(said: str) -> str:
    """When a backup was taken, in UTC, as `--at` reads it; from « ✓ sauvegarde du 22/11/2026 à 23:15:00 : … »."""
    found = re.search(r"du (\d+/\d+/\d+ à \d+:\d+:\d+)", said)
    assert found
    local = datetime.strptime(found[1], "%d/%m/%Y à %H:%M:%S").replace(tzinfo=ZoneInfo("Europe/Paris"))
    return f"{local.astimezone(UTC):%Y-%m-%dT%H:%M:%S}"


async def _declare(place: Place, restored: dict[str, str], *options: str) -> None:
    said = await place.miss("backup", "declare", "--yes", *options, overrides=restored)
    assert "retour n° 1 déclaré" in said


async def _require_reconciled(place: Place, team: Team, restored: dict[str, str]) -> None:
    """Both send again what they had written, once; both end with the same log, and can prove every word of it."""
    async with place.serving(restored) as server:
        for member in (team.paul, team.claire):
            await member.do("go_offline")
            await member.do("come_online", server_url=server.url)
        await team.claire.do("wait_for", cid=team.cid, text="Perdu de Paul")
        await team.paul.do("wait_for", cid=team.cid, text="Perdu de Claire")
        await team.say("Après la restauration")
        for member in (team.paul, team.claire):
            await member.do("drained", cid=team.cid)
            assert await member.do("lost", cid=team.cid) == []
        theirs = [await member.do("transcript", cid=team.cid) for member in (team.paul, team.claire)]
        assert theirs[0] == theirs[1], "one log for both"
        texts = [line["text"] for line in theirs[0] if line["type"] == "text"]
        wanted = ["Avant la sauvegarde", "Perdu de Paul", "Perdu de Claire", "Après la restauration"]
        assert sorted(texts) == sorted(wanted), "each once"
        fingerprint = await place.miss("operator", "fingerprint", overrides=restored)
        for line in theirs[0]:
            proof = await team.claire.do("prove", cid=team.cid, seq=line["seq"])
            arguments = ("--root-fingerprint", fingerprint.strip().splitlines()[-1])
            assert "Cette preuve tient" in await place.miss("proof", "verify", proof, *arguments)
    assert "intactes" in await place.miss("audit", "verify", overrides=restored)


async def test_sqlite_is_restored_into_an_empty_folder(tmp_path: Path, team: Team) -> None:
    place = Place(tmp_path)
    await place.miss("migrate", "--create-keys")
    await place.miss("directory", "import", *REGISTER)
    async with place.serving() as server:
        await team.meet(place, server)
        await team.say("Avant la première sauvegarde")
        first = await place.miss("backup", "take")
        await team.say("Avant la seconde")
        second = await place.miss("backup", "take")
        audit = await place.miss("audit", "verify")
    assert "✓ sauvegarde du" in first
    assert "✓ sauvegarde du" in second
    assert len((await place.miss("backup", "list")).splitlines()) == 2
    assert "les deux dépôts tiennent" in await place.miss("backup", "verify", "--everything")

    shutil.rmtree(tmp_path / "var")
    refused = await place.miss("backup", "restore", "--to", str(tmp_path / "paul"), fails=True)
    assert "folder_not_empty" in refused
    said = await place.miss("backup", "restore", "--to", str(tmp_path / "restored"))
    assert "miss serve" in said
    restored = {"MISS_DATA_DIR": str(tmp_path / "restored")}
    await _require_whole(place, team, audit, restored)


async def test_postgresql_is_restored_from_its_base_and_its_log(tmp_path: Path, team: Team) -> None:
    with ExitStack() as stack:
        url = stack.enter_context(postgresql())
        async with postgresql_database(url, empty=True) as data, postgresql_database(url, empty=True) as keys:
            log = tmp_path / "wal"
            log.mkdir()
            stack.enter_context(_Receiving(url, log))
            place = Place(
                tmp_path,
                {
                    "MISS_DATABASE_URL": data,
                    "MISS_KEYSTORE_URL": keys,
                    "MISS_BACKUP_WAL_DIR": str(log),
                },
            )
            await place.miss("migrate", "--create-keys")
            await place.miss("directory", "import", *REGISTER)
            async with place.serving() as server:
                await team.meet(place, server)
                await team.say("Avant la base")
                await place.miss("backup", "take")
                base = (tmp_path / "var/backup/postgresql/backup_label").read_text()
                await team.say("Dans le journal seulement")
                await _until_received(url)
                await place.miss("backup", "take")
                assert (tmp_path / "var/backup/postgresql/backup_label").read_text() == base, "no second base"
                audit = await place.miss("audit", "verify")
            names = [one.rsplit("/", 1)[1] for one in (data, keys)]
    # The cluster is gone with its folder; so are the blobs and every key.
    shutil.rmtree(tmp_path / "var")
    await place.miss("backup", "restore", "--to", str(tmp_path / "restored"))
    # Whoever runs PostgreSQL has to be given the log; a server that may not read it ends rather than go without.
    _run("chmod", "-R", "a+rX", tmp_path / "restored/wal")
    with (
        _readable_above(tmp_path / "restored"),
        postgresql_on(tmp_path / "restored/postgresql") as url,
        postgresql() as other,
    ):
        async with postgresql_database(other, empty=True) as keys:
            programs = postgresql_client_programs()
            dump = tmp_path / "restored/keys/keystore.dump"
            _run(programs / "pg_restore", "-d", keys, dump)
            restored = {
                "MISS_DATABASE_URL": f"{url}/{names[0]}",
                "MISS_KEYSTORE_URL": keys,
                "MISS_DATA_DIR": str(tmp_path / "restored"),
            }
            await _require_whole(place, team, audit, restored)


async def _require_whole(place: Place, team: Team, audit: str, restored: dict[str, str]) -> None:
    """What was acknowledged is there, the chains hold, a proof convinces, and work goes on."""
    before = await team.texts()
    # « … 12 entrées, de la n° 1 à la n° 12 : intactes »
    assert (await place.miss("audit", "verify", overrides=restored)).split("intactes")[0] == audit.split("intactes")[0]
    async with place.serving(restored) as server:
        for member in (team.paul, team.claire):
            await member.do("go_offline")
            await member.do("come_online", server_url=server.url)
        await team.say("Après la restauration")
        after = await team.texts()
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert (await http.get("/health")).json()["status"] == "ok"
    assert after == [*before, "Après la restauration"]


class _Receiving:
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


async def _until_received(url: str) -> None:
    """Until the log on the backup's side has come as far as the server's: it ends the wait of a synchronous commit."""
    admin = await asyncpg.connect(f"{url}/postgres")
    try:
        await admin.execute("ALTER SYSTEM SET synchronous_standby_names = 'pg_receivewal'")
        await admin.execute("SELECT pg_reload_conf()")
        async with asyncio.timeout(30):
            await admin.execute("CREATE TABLE received (at timestamptz)")
        await admin.execute("ALTER SYSTEM RESET synchronous_standby_names")
        await admin.execute("SELECT pg_reload_conf()")
    finally:
        await admin.close()


def _run(*command: object) -> None:
    subprocess.run([str(part) for part in command], check=True, capture_output=True)


@contextmanager
def _readable_above(folder: Path) -> Iterator[None]:
    """The restored cluster is served by `nobody`, who has to come as far as its log."""
    above = [(one, one.stat().st_mode) for one in (folder, *folder.parents) if one.stat().st_uid == os.geteuid()]
    for one, mode in above:
        one.chmod(mode | 0o055)
    yield
    for one, mode in above:
        one.chmod(mode)
