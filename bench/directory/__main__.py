"""`python3 run.py bench directory`: the national register at full size, on SQLite and on PostgreSQL.

    --people N      persons (1,250,000: a million and a half lines)
    --questions N   searches, one after the other (1,000)
    --databases     among sqlite,postgresql
    --json FILE     where the figures go

The import runs as it does every day, in a process of its own (`miss directory import`); its CPU seconds and its
memory are those of that process and of the child that reads for it, added up; those of PostgreSQL's own processes come
on top and are not counted.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import asyncpg

from bench.directory.questions import questions
from bench.figures import percentile
from miss.base.clock import SystemClock
from miss.base.random import system_random
from miss.directory.practitioners import Practitioners
from miss.storage import Database
from tests import servers
from tests.miss.directory.synthetic import Synthetic

SAMPLED_EVERY_S = 0.1
COMMAND = (sys.executable, "-c", "from miss.server.cli import main; main()")


@dataclass
class Figures:
    """Of one database."""

    database: str
    lines: int
    imports: list[dict[str, float]] = field(default_factory=list)
    """The first, then the same file again: wall and CPU seconds, megabytes."""
    search_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    """p50, p95 and p99 of each kind of question, and of all."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench directory", description=__doc__)
    parser.add_argument("--people", type=int, default=1_250_000)
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--databases", default="sqlite,postgresql")
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    register = Synthetic(asked.people)
    figures = []
    with tempfile.TemporaryDirectory(prefix="miss-bench-directory-") as name:
        folder = Path(name)
        file = folder / "PS_LibreAcces_Personne_activite.txt"
        lines = _write(register, file)
        print(f"{lines:,} lines, {file.stat().st_size / 1e6:,.0f} MB", flush=True)
        for database in asked.databases.split(","):
            with _environment(database, folder) as (environment, urls):
                one = Figures(database, lines)
                for _ in range(2):
                    one.imports.append(_import(file, environment))
                    print(f"{database}: import {one.imports[-1]}", flush=True)
                one.search_ms = asyncio.run(_search(urls, register, asked.questions))
                for kind, values in one.search_ms.items():
                    print(f"{database}: {kind:26} {values}", flush=True)
                figures.append(one)
    if asked.json:
        asked.json.write_text(json.dumps([asdict(one) for one in figures], indent=1))


def _write(register: Synthetic, file: Path) -> int:
    lines = -1
    with file.open("wb") as written:
        for line in register.register():
            written.write(line)
            lines += 1
    return lines


@contextmanager
def _environment(database: str, folder: Path) -> Iterator[tuple[dict[str, str], tuple[str, str]]]:
    """Settings of a fresh installation, and the URLs of its database and of its register."""
    data = folder / database
    environment = os.environ | {"MISS_DATA_DIR": str(data), "MISS_LOG_LEVEL": "WARNING"}
    if database == "sqlite":
        yield environment, (f"sqlite:///{data}/miss.db", f"sqlite:///{data}/register.db")
        return
    with servers.postgresql() as url:
        for name in ("miss", "keys"):
            asyncio.run(_create_database(url, name))
        environment |= {"MISS_DATABASE_URL": f"{url}/miss", "MISS_KEYSTORE_URL": f"{url}/keys"}
        yield environment, (f"{url}/miss", f"{url}/miss")


async def _create_database(url: str, name: str) -> None:
    connection = await asyncpg.connect(f"{url}/postgres")
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


def _import(file: Path, environment: dict[str, str]) -> dict[str, float]:
    started = time.monotonic()
    process = subprocess.Popen([*COMMAND, "directory", "import", "--quiet", str(file)], env=environment)
    memory_kb = 0
    while os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        memory_kb = max(memory_kb, _memory_kb(process.pid))
        time.sleep(SAMPLED_EVERY_S)
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the import ended with {os.waitstatus_to_exitcode(status)}")
    return {
        "wall_s": round(time.monotonic() - started, 1),
        "cpu_s": round(used.ru_utime + used.ru_stime, 1),
        "memory_mb": round(memory_kb / 1024, 0),
    }


def _memory_kb(pid: int) -> int:
    """Of a process and its children, what they share counted once."""
    total = 0
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in (str(pid), *children):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    total += int(line.split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return total


async def _search(urls: tuple[str, str], register: Synthetic, count: int) -> dict[str, dict[str, float]]:
    db, apart = (Database(url) for url in urls)
    directory = Practitioners(db, SystemClock(), system_random, register=apart)
    taken: dict[str, list[float]] = defaultdict(list)
    try:
        for warm in (True, False):
            for kind, question in questions(register, 50 if warm else count, seed=int(warm)):
                started, cpu_started = time.perf_counter(), time.process_time()
                await directory.find(question)
                if not warm:
                    elapsed_ms = (time.perf_counter() - started) * 1_000
                    taken[kind].append(elapsed_ms)
                    taken["all"].append(elapsed_ms)
                    taken["all, CPU of this process"].append((time.process_time() - cpu_started) * 1_000)
    finally:
        await db.close()
        await apart.close()
    return {kind: _percentiles(sorted(values)) for kind, values in sorted(taken.items())}


def _percentiles(ordered: list[float]) -> dict[str, float]:
    return {f"p{percent}": round(percentile(ordered, percent) or 0.0, 1) for percent in (50, 95, 99)}


if __name__ == "__main__":
    main()
