"""The restore drill: a deployment is lost, its backups are written into an empty folder, and everything is proved.

One drill for each store: a care team talks, a backup is taken, it goes on talking, another one is taken; then the
database, the blobs and the keys are gone.  What was acknowledged before the last backup must be there, the access log
must verify, a message must still be proved to somebody who trusts the operator's fingerprint only.

On PostgreSQL also: its log stopped coming; its log survived what took the database.  `python3 run.py drill` does this
at the timer's pace and measures what is lost.

Then to an older point, with the operator's word: real devices put back what the server lost (ADR 51).  How long each
way back took, from the loss to a healthy server, is printed (`pytest -s`).
"""

import re
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest

from miss.server.backup.log import is_received
from miss.server.demo.cast import CastMember
from tests.conditions import WAIT_S
from tests.databases import postgresql_database
from tests.e2e.restoring import REGISTER, Place, Receiving, Team, declare, restored_on_postgresql
from tests.servers import postgresql

pytestmark = pytest.mark.long


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
    with _way_back("SQLite, older point") as is_back:
        restored = await _restored_without_root(place, _moment(first))
        await _require_reconciled(place, team, restored, is_back)


async def _restored_without_root(place: Place, at: str) -> dict[str, str]:
    """Restored and declared with ROOT's key out of its safe; the settings to go on with."""
    tmp_path = place.root
    await place.miss("backup", "restore", "--to", str(tmp_path / "restored"), "--at", at)
    restored = {"MISS_DATA_DIR": str(tmp_path / "restored"), "MISS_OPERATOR_KEYS_DIR": str(tmp_path / "elsewhere")}
    # ROOT's key comes from its safe for one signature; the server never needs it.
    shutil.move(tmp_path / "restored/keys/operator", tmp_path / "elsewhere")
    safe = tmp_path / "safe"
    safe.mkdir()
    shutil.move(tmp_path / "elsewhere/root.key", safe)
    assert "miss backup declare" in await place.miss("check", fails=True, overrides=restored)
    await declare(place, restored, "--root-key", str(safe / "root.key"))
    assert (safe / "restorations").is_file()
    assert "Rien à déclarer" in await place.miss("backup", "declare", "--yes", fails=True, overrides=restored)
    return restored


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


async def _require_reconciled(place: Place, team: Team, restored: dict[str, str], is_back: Callable[[], None]) -> None:
    """Both send again what they had written, once; both end with the same log, and can prove every word of it."""
    async with place.serving(restored) as server:
        is_back()
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
    with _way_back("SQLite, latest") as is_back:
        said = await place.miss("backup", "restore", "--to", str(tmp_path / "restored"))
        assert "miss serve" in said
        restored = {"MISS_DATA_DIR": str(tmp_path / "restored")}
        await _require_whole(place, team, audit, restored, is_back)


async def test_postgresql_is_restored_from_its_base_and_its_log(tmp_path: Path, team: Team) -> None:
    async with _lost_on_postgresql(tmp_path) as (place, _, names), place.serving() as server:
        await team.meet(place, server)
        await team.say("Avant la base")
        await place.miss("backup", "take")
        base = (tmp_path / "var/backup/postgresql/backup_label").read_text()
        await team.say("Dans le journal seulement")
        await place.miss("backup", "take")
        assert (tmp_path / "var/backup/postgresql/backup_label").read_text() == base, "no second base"
        audit = await place.miss("audit", "verify")
    with _way_back("PostgreSQL, latest") as is_back:
        async with restored_on_postgresql(place, names) as restored:
            await _require_whole(place, team, audit, restored, is_back)


async def test_postgresql_whose_log_stopped_coming_is_copied_whole_and_the_operator_is_told(
    tmp_path: Path, team: Team
) -> None:
    async with _lost_on_postgresql(tmp_path) as (place, receiving, names), place.serving() as server:
        await team.meet(place, server)
        await place.miss("backup", "take")
        receiving.stop()
        await team.say("Le journal ne vient plus")
        assert "le journal de PostgreSQL n’arrive plus" in await place.miss("backup", "take")
        assert f"n’arrive plus dans {tmp_path / 'wal'}" in await place.miss("check", fails=True)
        audit = await place.miss("audit", "verify")
    with _way_back("PostgreSQL, without its log") as is_back:
        async with restored_on_postgresql(place, names) as restored:
            await _require_whole(place, team, audit, restored, is_back)


async def test_postgresql_is_restored_to_its_last_commit_if_the_log_survived(
    tmp_path: Path, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "kept"
    async with _lost_on_postgresql(tmp_path, kept) as (place, receiving, names), place.serving() as server:
        await team.meet(place, server)
        await place.miss("backup", "take")
        await team.say("Après la sauvegarde")
        audit = await place.miss("audit", "verify")
        monkeypatch.setenv("PATH", place.environment["PATH"])
        assert await is_received(place.environment["MISS_DATABASE_URL"], tmp_path / "wal", "last", WAIT_S)
        receiving.stop()
    refused = await place.miss("backup", "restore", "--to", str(tmp_path / "no"), "--log", str(tmp_path), fails=True)
    assert "no_log_there" in refused
    with _way_back("PostgreSQL, its log survived") as is_back:
        async with restored_on_postgresql(place, names, "--log", str(kept)) as restored:
            await _require_whole(place, team, audit, restored, is_back)


async def test_postgresql_is_restored_to_an_older_point_and_devices_put_back_what_it_lost(
    tmp_path: Path, team: Team
) -> None:
    async with _lost_on_postgresql(tmp_path) as (place, _, names), place.serving() as server:
        await team.meet(place, server)
        await place.miss("backup", "take")
        # Neither in a base nor in the last log: in the log that the chosen backup has.
        await team.say("Avant la sauvegarde")
        chosen = await place.miss("backup", "take")
        await _talk_on(team)
        await place.miss("backup", "take")
    with _way_back("PostgreSQL, older point") as is_back:
        async with restored_on_postgresql(place, names, "--at", _moment(chosen)) as restored:
            assert "miss backup declare" in await place.miss("check", fails=True, overrides=restored)
            await declare(place, restored)
            await _require_reconciled(place, team, restored, is_back)


@asynccontextmanager
async def _lost_on_postgresql(
    root: Path, survivor: Path | None = None
) -> AsyncIterator[tuple[Place, Receiving, list[str]]]:
    """A deployment whose log is received; who receives it, the names of its databases.

    Afterwards the cluster is gone with its folder, and so are the blobs and every key, and the log unless it comes to
    lie in `survivor`.
    """
    with ExitStack() as stack:
        url = stack.enter_context(postgresql())
        async with postgresql_database(url, empty=True) as data, postgresql_database(url, empty=True) as keys:
            log = root / "wal"
            log.mkdir()
            receiving = stack.enter_context(Receiving(url, log))
            environment = {"MISS_DATABASE_URL": data, "MISS_KEYSTORE_URL": keys, "MISS_BACKUP_WAL_DIR": str(log)}
            place = Place(root, environment)
            await place.miss("migrate", "--create-keys")
            await place.miss("directory", "import", *REGISTER)
            yield place, receiving, [one.rsplit("/", 1)[1] for one in (data, keys)]
    shutil.rmtree(root / "var")
    log.rename(survivor) if survivor else shutil.rmtree(log)


@contextmanager
def _way_back(what: str) -> Iterator[Callable[[], None]]:
    """Times it, from here to the call of what it gives."""
    started_s = time.monotonic()
    took: list[float] = []
    yield lambda: took.append(time.monotonic() - started_s)
    print(f"\n{what}: a healthy server {took[0]:.0f} s after the loss")


async def _require_whole(
    place: Place, team: Team, audit: str, restored: dict[str, str], is_back: Callable[[], None]
) -> None:
    """What was acknowledged is there, the chains hold, a proof convinces, and work goes on."""
    before = await team.texts()
    # « … 12 entrées, de la n° 1 à la n° 12 : intactes »
    assert (await place.miss("audit", "verify", overrides=restored)).split("intactes")[0] == audit.split("intactes")[0]
    async with place.serving(restored) as server:
        is_back()
        for member in (team.paul, team.claire):
            await member.do("go_offline")
            await member.do("come_online", server_url=server.url)
        await team.say("Après la restauration")
        after = await team.texts()
        async with httpx.AsyncClient(base_url=server.url) as http:
            assert (await http.get("/health")).json()["status"] == "ok"
    assert after == [*before, "Après la restauration"]
