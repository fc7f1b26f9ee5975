"""Negative controls: the same MiSS, except that it acknowledges before it commits, or commits without a sync.

A copy of the package in a folder of its own, changed as text; the product has no switch for it.  The commit follows a
fifth of a second after the ack, as with PostgreSQL's `synchronous_commit = off`.  An oracle that finds nothing wrong
with this server finds nothing at all.
"""

import shutil
import signal
from collections.abc import Sequence
from pathlib import Path

from bench.engines import ROOT
from tests.faults.drill import Record
from tests.faults.scene import Scene

KILLS = 2
_CHANGED = "miss/chat/delivery/service.py"
_CHANGES = (
    (
        "            flushed = await self._store([each.deposit for each in batch])\n",
        "            self._early = batch\n            flushed = await self._store([each.deposit for each in batch])\n",
    ),
    (
        "                    await self._alarms.raise_all(tx, raised)\n",
        "                    await self._alarms.raise_all(tx, raised)\n"
        "            for each, answer in zip(self._early, self._answers(outcomes), strict=True):\n"
        "                each.answer(answer)\n"
        "            await asyncio.sleep(0.2)\n",
    ),
    (
        "            for each, answer in zip(batch, self._answers(flushed.outcomes), strict=True):\n"
        "                each.answer(answer)\n",
        "",
    ),
)


def copy_that_acknowledges_first(folder: Path) -> Path:
    """The folder to run it from.  Raises ValueError, SyntaxError if the product has changed under these changes."""
    return _changed_copy(folder, _CHANGED, _CHANGES)


def copy_that_does_not_sync(folder: Path) -> Path:
    """The same, on SQLite: what is committed reaches the disk when the kernel likes.  Raises as above."""
    change = ('"PRAGMA synchronous = FULL"', '"PRAGMA synchronous = OFF"')
    return _changed_copy(folder, "miss/storage/database.py", (change,))


def _changed_copy(folder: Path, name: str, changes: Sequence[tuple[str, str]]) -> Path:
    shutil.copytree(ROOT / "miss", folder / "miss", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / name
    source = file.read_text()
    for before, after in changes:
        if source.count(before) != 1:
            raise ValueError(f"{name} has changed: {before.strip().splitlines()[0]!r} is not there once")
        source = source.replace(before, after)
    compile(source, name, "exec")
    file.write_text(source)
    return folder


async def kill_after_acks(scene: Scene, record: Record) -> None:
    """SIGKILL right after an ack, a few times."""
    server = scene.wirings[0].server
    for _ in range(KILLS):
        await scene.tally.more_acks(1)
        server.end(signal.SIGKILL)
        await server.ready.wait()
        await scene.tally.more_acks(2 * len(scene.writers))
