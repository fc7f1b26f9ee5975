"""Experiment 14 of security.md §3: one version takes over from another while everybody writes, behind the proxy.

As docs/operations.md tells operators to do it: `miss migrate` of the new version, then one process after the other is
stopped and started with the new code.  Passes if no acknowledged message is lost, none is refused, and nobody waits for
a lock longer than `LOCK_S`.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.faults.drill import Record, Strikes
from tests.faults.machinery import Server, code_of
from tests.faults.scene import Scene
from tests.faults.tally import now_s

LOCK_S = 0.2
LOOK_EVERY_S = 0.005
CONNECT_S = 60.0
"""For PostgreSQL to answer whoever looks at locks."""
WAITING = """
    SELECT coalesce(max(extract(epoch FROM clock_timestamp() - query_start)), 0)::float8
    FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND wait_event = 'relation'
"""
"""How long the statement has run that waits longest for a table's lock."""
LOCK_WAIT, MIGRATION, HAND_OVER = "longest wait for a table's lock", "migration", "a process handed over"
ACKS_EACH = 3
"""Messages of each writer between two moments of the upgrade."""


@dataclass(slots=True)
class _Longest:
    seconds: float = 0.0


def upgrade_to(package: Path) -> Strikes:
    """The whole upgrade, once."""

    async def strike(scene: Scene, record: Record) -> None:
        assert scene.database is not None
        await _write_on(scene, "before the migration")
        began_s = now_s()
        async with _watching_locks(f"{scene.database.url}/chat") as longest, scene.within("miss migrate"):
            await _migrate(scene.wirings[0].server, package)
        record.recoveries_s[MIGRATION] = [now_s() - began_s]
        record.recoveries_s[LOCK_WAIT] = [longest.seconds]
        for wiring in scene.wirings:
            name = wiring.server.name
            await _write_on(scene, f"before {name} is handed over")
            began_s = now_s()
            wiring.server.run_from(package)
            wiring.server.end(signal.SIGTERM)
            async with scene.within(f"{name} ends and starts with the new code"):
                await wiring.server.ready.wait()
            async with scene.within(f"everybody is answered after {name} was handed over"):
                await scene.served(began_s)
            record.recoveries_s.setdefault(HAND_OVER, []).append(now_s() - began_s)
        await _write_on(scene, "at the end")

    return strike


async def _write_on(scene: Scene, when: str) -> None:
    """Until everybody has written some more, through whichever processes there are."""
    async with scene.within(f"everybody writes some more, {when}"):
        await scene.tally.more_acks(ACKS_EACH * len(scene.writers))


async def _migrate(server: Server, package: Path) -> None:
    """`miss migrate` of the version in `package`, on that server's databases."""
    command = [sys.executable, "-c", "from miss.server.cli import main; main()", "migrate"]
    environment = {**server.environment, **code_of(package)}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, cwd=package, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise RuntimeError(f"miss migrate: {said.decode(errors='replace')[-2000:]}")


@asynccontextmanager
async def _watching_locks(url: str) -> AsyncIterator[_Longest]:
    longest, over = _Longest(), asyncio.Event()
    connection = await asyncpg.connect(url, timeout=CONNECT_S, command_timeout=CONNECT_S)
    looking = asyncio.create_task(_look(connection, longest, over))
    try:
        yield longest
    finally:
        # Not cancelled: a statement that is cancelled half-way is waited for a second time when the connection closes.
        over.set()
        await looking
        await connection.close(timeout=CONNECT_S)


async def _look(connection: asyncpg.Connection, longest: _Longest, over: asyncio.Event) -> None:
    while not over.is_set():
        longest.seconds = max(longest.seconds, await connection.fetchval(WAITING))
        await asyncio.sleep(LOOK_EVERY_S)
