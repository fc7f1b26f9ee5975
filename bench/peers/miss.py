"""MiSS itself: one process or two, on PostgreSQL or SQLite, through its own command line and settings.

Rates and caps are lifted, since a few people at one address do here what thousands would at theirs.
"""

import asyncio
import shutil
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.metadata import version
from itertools import count
from pathlib import Path

from bench.engines import LOOPBACK, OUR_PYTHON, PostgreSQL, free_port, program, valkey, valkey_version
from bench.load.spec import Protocol as Wire
from bench.peers.base import Place, Served
from bench.peers.seeds import copy_to_postgresql, copy_to_sqlite, find_or_make
from bench.rows import Mode
from bench.scale import Scale
from bench.seed import Plan

SERVE = ("-c", "from miss.server.cli import main; main()", "serve")
UNLIMITED = "1000000000"


class MissPeer:
    """See `Peer`."""

    wire = Wire.MISS
    modes = frozenset(Mode)

    def __init__(
        self, name: str, place: Place, *, on_sqlite: bool = False, processes: int = 1, markers_every_s: float = 0.0
    ) -> None:
        self.name = name
        self.markers_every_s = markers_every_s
        self.durability = (
            "SQLite: WAL, synchronous=FULL, ack after commit"
            if on_sqlite
            else f"{PostgreSQL.durability}, ack after commit"
        )
        self._place = place
        self._folder = place.folder / name
        self._processes = processes
        self._postgresql = None if on_sqlite else PostgreSQL(self._folder / "postgresql", place.core)
        self._seeds: dict[Mode, Path] = {}
        self._numbers = count(1)
        self._folder.mkdir(parents=True, exist_ok=True)

    def versions(self) -> Mapping[str, str]:
        """See `Peer`."""
        versions = {name: version(name) for name in ("miss", "uvicorn", "websockets")}
        if self._postgresql is None:
            return versions | {"sqlite": sqlite3.sqlite_version}
        versions["postgresql"] = self._postgresql.version
        return versions | ({"valkey": valkey_version()} if self._processes > 1 else {})

    def prepare(self, scale: Scale, modes: tuple[Mode, ...]) -> None:
        """See `Peer`."""
        grouped = Plan(people=scale.groups_people, group=scale.group, payload_bytes=scale.payload_bytes)
        plans = dict.fromkeys(modes, grouped) | {
            Mode.IDLE: Plan(people=scale.idle_users),
            Mode.LIST: Plan(people=20, conversations_of_first=scale.conversations),
        }
        self._seeds = {mode: find_or_make(self._place.seeds, plans[mode]) for mode in modes}
        if self._postgresql is not None:
            with self._postgresql.running() as (url, _):
                for seed in sorted(set(self._seeds.values())):
                    self._postgresql.sql(url, "postgres", f"CREATE DATABASE {_template(seed)};")
                    filled = asyncio.run(copy_to_postgresql(seed, f"{url}/{_template(seed)}"))
                    # Not the empty ones: PostgreSQL expects of a new table that it grows, unless it was told that it
                    # is empty, and would plan for the scan of an empty log.
                    self._postgresql.sql(url, _template(seed), f"VACUUM ANALYZE {', '.join(filled)}; CHECKPOINT;")

    @contextmanager
    def serving(self, mode: Mode) -> Iterator[Served]:
        """See `Peer`."""
        seed, run = self._seeds[mode], f"run_{next(self._numbers)}"
        data_dir = self._folder / run
        with ExitStack() as stack:
            environment = {
                "MISS_DATA_DIR": str(data_dir),
                "MISS_PUBLIC_URL": f"http://{LOOPBACK}",
                "MISS_MAIL_PORT": "0",
                "MISS_SEND_BURST": UNLIMITED,
                "MISS_SEND_PER_S": UNLIMITED,
                "MISS_SOCKETS_PER_ADDRESS": UNLIMITED,
                "MISS_SOCKETS_UNKNOWN_PER_ADDRESS": UNLIMITED,
                "MISS_SOCKETS_PER_PROCESS": UNLIMITED,
                "MISS_SOCKET_OPENINGS_PER_MIN": UNLIMITED,
                "MISS_LOG_LEVEL": "WARNING",
                "MISS_LOG_FORMAT": "json",
            }
            stack.callback(shutil.rmtree, data_dir, ignore_errors=True)
            pids = []
            if self._postgresql is None:
                copy_to_sqlite(seed, data_dir)
            else:
                shutil.copytree(seed / "keys", data_dir / "keys")
                url, pid = stack.enter_context(self._postgresql.running())
                self._postgresql.sql(url, "postgres", f"CREATE DATABASE {run} TEMPLATE {_template(seed)};")
                stack.callback(self._postgresql.sql, url, "postgres", f"DROP DATABASE {run} WITH (FORCE);")
                environment["MISS_DATABASE_URL"] = f"{url}/{run}"
                environment["MISS_KEYSTORE_URL"] = f"sqlite:///{data_dir}/keys/keys.db"
                pids.append(pid)
            if self._processes > 1:
                environment["MISS_REDIS_URL"], pid = stack.enter_context(valkey(self._folder, self._place.core))
                pids.append(pid)
            ports = [free_port() for _ in range(self._processes)]
            pids += [stack.enter_context(self._process(environment, port)) for port in ports]
            yield Served(ports=tuple(ports), pids=tuple(pids), world=str(seed / "world"))

    @contextmanager
    def _process(self, environment: Mapping[str, str], port: int) -> Iterator[int]:
        with program(
            [sys.executable, *SERVE],
            core=self._place.core,
            log=self._folder / "server.log",
            port=port,
            environment={**OUR_PYTHON, **environment, "MISS_PORT": str(port)},
        ) as pid:
            yield pid


def _template(seed: Path) -> str:
    return f"seed_{seed.name}"
