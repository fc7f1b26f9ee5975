"""The restore drill, measured: a deployment on PostgreSQL is lost in the midst of work, and comes back.

    python3 run.py drill [--backups 3] [--pause SECONDS]

A care team writes every few seconds.  `pg_receivewal` and `miss backup take` run as deploy/systemd has them, the
pause between two backups is the timer's.  In the midst of the backup after the last whole one every process is killed
(SIGKILL) and the folders of PostgreSQL, data and keys are deleted.  Then twice:

- the machine is gone, the received log too: what is lost is what was acknowledged after the last whole backup began;
  devices put it back, each message once, proofs hold;
- the received log survived (`miss backup restore --log`): what is lost?

Figures as JSON on standard output; exit code 1 if RPO or RTO are above their limits or something does not verify.
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg

from bench.engines import PostgreSQL
from miss.server.demo.cast import CastMember
from tests.e2e.restoring import REGISTER, Place, Receiving, Team, declare, restored_on_postgresql, run
from tests.servers import postgresql_client_programs

RPO_S, RTO_S = 300.0, 1800.0
"""At most five minutes are lost, half an hour to be back."""
TIMER = Path(__file__).parents[2] / "deploy/systemd/miss-backup.timer"
PACE_S = 3.0
PROVED = 10
RECONCILED_S = 600.0
"""Devices put messages back at the pace that the server allows them (MISS_SEND_BURST, MISS_SEND_PER_S)."""
BEFORE_IT_IS_STORED = 0.4
"""The part of a backup's time after which its data are not a snapshot yet."""
COUNT = "SELECT count(*), coalesce(max(ts_ms), 0) FROM chat_message"


@dataclass
class Written:
    """What was acknowledged: the texts, and when the last one was (this machine's clock, Unix seconds)."""

    texts: list[str] = field(default_factory=list)
    last_s: float = 0.0


@dataclass(frozen=True)
class Found:
    """What a restored database holds."""

    messages: int
    last_s: float


async def drill(root: Path, backups: int, pause_s: float) -> dict[str, Any]:
    """All of it in the empty folder `root`; the figures."""
    async with AsyncExitStack() as stack:
        paul = await stack.enter_async_context(CastMember("paul", root / "paul"))
        claire = await stack.enter_async_context(CastMember("claire", root / "claire"))
        team, written = Team(paul, claire), Written()
        async with _deployment(root) as (place, pid):
            took_s = await _work(place, team, written, backups, pause_s, pid)
        lost_s, at_s = time.time(), time.monotonic()
        shutil.rmtree(root / "var")
        (root / "wal").rename(root / "survived")
        figures: dict[str, Any] = {"backups": backups, "pause_s": pause_s, "a backup takes, s": took_s}
        figures["acknowledged"] = len(written.texts)
        figures["from the last acknowledgement to the loss, s"] = round(lost_s - written.last_s, 1)
        async with restored_on_postgresql(place, ["miss", "keys"]) as restored:
            figures["the machine is gone"] = await _back(place, written, restored, lost_s, at_s)
            _tell(figures)
            figures["reconciled"] = await _reconcile(place, team, written, restored)
        at_s = time.monotonic()
        async with restored_on_postgresql(place, ["miss", "keys"], "--log", str(root / "survived")) as restored:
            figures["its log survived"] = await _back(place, written, restored, lost_s, at_s)
        return figures


@asynccontextmanager
async def _deployment(root: Path) -> AsyncIterator[tuple[Place, int]]:
    """PostgreSQL with fsync, its log received; the deployment, nothing served yet, and PostgreSQL's process."""
    engine = PostgreSQL(root / "postgresql", max(os.sched_getaffinity(0)))
    log = root / "wal"
    log.mkdir()
    with engine.running() as (address, pid), Receiving(address, log):
        admin = await asyncpg.connect(f"{address}/postgres")
        await admin.execute("CREATE ROLE miss LOGIN SUPERUSER")  # who owns the restored cluster, too
        url = address.replace("//bench@", "//miss@")
        for name in ("miss", "keys"):
            await admin.execute(f"CREATE DATABASE {name}")
        await admin.close()
        addresses = {"MISS_DATABASE_URL": f"{url}/miss", "MISS_KEYSTORE_URL": f"{url}/keys"}
        place = Place(root, {**addresses, "MISS_BACKUP_WAL_DIR": str(log)})
        await place.miss("migrate", "--create-keys")
        await place.miss("directory", "import", *REGISTER)
        yield place, pid
    shutil.rmtree(root / "postgresql")


async def _work(place: Place, team: Team, written: Written, backups: int, pause_s: float, postgres: int) -> list[float]:
    """Write, back up, and be lost in the midst of another backup; how long each took, in seconds."""
    took_s: list[float] = []
    async with place.serving() as server:
        await team.meet(place, server)
        writing = asyncio.create_task(_write(team, written))
        for _ in range(backups):
            began_s = time.monotonic()
            await place.miss("backup", "take")
            took_s.append(round(time.monotonic() - began_s, 1))
            await _go_on(writing, pause_s)
        last = await place.begin("backup", "take")
        await _go_on(writing, BEFORE_IT_IS_STORED * took_s[-1])
        with contextlib.suppress(ProcessLookupError):
            os.killpg(last.pid, signal.SIGKILL)
        os.kill(postgres, signal.SIGKILL)
        await server.kill()
        writing.cancel()
        await asyncio.gather(writing, last.communicate(), return_exceptions=True)
    return took_s


async def _go_on(writing: "asyncio.Task[None]", seconds: float) -> None:
    """Let them write on so long; raises what stopped them."""
    done, _ = await asyncio.wait({writing}, timeout=seconds)
    for one in done:
        one.result()


async def _write(team: Team, written: Written) -> None:
    """One message every few seconds; each is read by the other one, so it was acknowledged."""
    while True:
        text = f"Message {len(written.texts) + 1}"
        await team.say(text)
        written.texts.append(text)
        written.last_s = time.time()
        await asyncio.sleep(PACE_S)


async def _back(
    place: Place, written: Written, restored: dict[str, str], lost_s: float, since_s: float
) -> dict[str, Any]:
    """Chains verified and a healthy server; what is not there any more."""
    audit = await place.miss("audit", "verify", overrides=restored)
    found = await _find(restored["MISS_DATABASE_URL"])
    lost = max(0, len(written.texts) - found.messages)
    async with place.serving(restored):
        healthy_s = time.monotonic() - since_s
    return {
        "acknowledged and lost": lost,
        "RPO, s": round(written.last_s - found.last_s, 1) if lost else 0.0,
        "from the last restored message to the loss, s": round(lost_s - found.last_s, 1),
        "RTO, s": round(healthy_s, 1),
        "access log": audit.strip().splitlines()[0],
    }


async def _find(url: str) -> Found:
    connection = await asyncpg.connect(url)
    try:
        messages, last_ms = await connection.fetchrow(COUNT)
    finally:
        await connection.close()
    return Found(messages, last_ms / 1000)


async def _reconcile(place: Place, team: Team, written: Written, restored: dict[str, str]) -> dict[str, Any]:
    """Declared, the devices come back: every message is there once, and proofs convince."""
    await declare(place, restored)
    async with place.serving(restored) as server:
        for member in (team.paul, team.claire):
            await member.do("go_offline")
            await member.do("come_online", server_url=server.url)
        await _until_shown(team, written.texts[-1])
        await team.say("Après la restauration")
        for member in (team.paul, team.claire):
            await member.do("drained", cid=team.cid)
        lines = [one for one in await team.claire.do("transcript", cid=team.cid) if one["type"] == "text"]
        texts = [one["text"] for one in lines]
        missing = [text for text in written.texts if texts.count(text) != 1]
        fingerprint = (await place.miss("operator", "fingerprint", overrides=restored)).strip().splitlines()[-1]
        proved = lines[:: max(1, len(lines) // PROVED)]
        for line in proved:
            proof = await team.claire.do("prove", cid=team.cid, seq=line["seq"])
            said = await place.miss("proof", "verify", proof, "--root-fingerprint", fingerprint)
            if "Cette preuve tient" not in said:
                raise RuntimeError(said)
    await place.miss("audit", "verify", overrides=restored)
    await place.miss("backup", "verify", "--everything")
    return {"missing or twice": missing, "proofs verified": len(proved)}


async def _until_shown(team: Team, text: str) -> None:
    async with asyncio.timeout(RECONCILED_S):
        while text not in await team.texts():  # noqa: ASYNC110 - a device tells nobody
            await asyncio.sleep(1)


def pause_of_the_timer() -> float:
    """Seconds from the end of a backup to the next one."""
    found = re.search(r"^OnUnitInactiveSec=(\d+)min$", TIMER.read_text(), re.MULTILINE)
    assert found
    return 60.0 * int(found[1])


def _tell(figures: dict[str, Any]) -> None:
    """What is known so far, for whoever watches."""
    print(json.dumps(figures, ensure_ascii=False), file=sys.stderr, flush=True)


def holds(figures: dict[str, Any]) -> bool:
    """Whether every promise was kept."""
    gone, survived = figures["the machine is gone"], figures["its log survived"]
    return (
        gone["RPO, s"] <= RPO_S
        and max(gone["RTO, s"], survived["RTO, s"]) <= RTO_S
        and survived["acknowledged and lost"] == 0
        and not figures["reconciled"]["missing or twice"]
    )


def main(arguments: Sequence[str]) -> int:
    """Perform it; 0 if every promise was kept."""
    parser = argparse.ArgumentParser(prog="python3 run.py drill", description=__doc__)
    parser.add_argument("--backups", type=int, default=3, help="whole ones before the loss")
    parser.add_argument("--pause", type=float, default=pause_of_the_timer(), help="seconds; the timer's by default")
    asked = parser.parse_args(arguments)
    os.environ["PATH"] = f"{postgresql_client_programs()}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory(prefix="miss-drill-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        run("chmod", "755", root)
        figures = asyncio.run(drill(root, asked.backups, asked.pause))
    print(json.dumps(figures, indent=2, ensure_ascii=False))
    return 0 if holds(figures) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
