"""A MiSS installation to be measured: each role's processes are known apart, unlike in the bench's peers, which only
ever count the whole tree."""

import asyncio
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from bench.engines import LOOPBACK, OUR_PYTHON, PostgreSQL, free_port, program, valkey
from bench.peers.miss import SERVE, UNLIMITED
from bench.peers.seeds import copy_to_postgresql, find_or_make
from bench.seed import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A running one."""

    ports: tuple[int, ...]
    server_pids: tuple[int, ...]
    database_pid: int
    broker_pid: int | None
    database_url: str
    broker_url: str
    world: Path


class Lab:
    """A PostgreSQL cluster, worlds in it, and installations on copies of them."""

    def __init__(self, folder: Path, seeds: Path, core: int) -> None:
        """`folder`: for this session; `seeds`: worlds kept from one to the next; `core`: where everything runs."""
        self.postgresql = PostgreSQL(folder / "postgresql", core)
        self._folder = folder
        self._seeds = seeds
        self._core = core
        self._numbers = count(1)

    def seed(self, plan: Plan) -> Path:
        """The folder of a world that fits `plan`; made if it is not there."""
        self._seeds.mkdir(parents=True, exist_ok=True)
        return find_or_make(self._seeds, plan)

    def load(self, url: str, seed: Path) -> str:
        """The name of a database, on the cluster at `url`, that holds this world."""
        name = f"seed_{seed.name}"
        if not self.postgresql.sql(url, "postgres", f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            self.postgresql.sql(url, "postgres", f"CREATE DATABASE {name};")
            asyncio.run(copy_to_postgresql(seed, f"{url}/{name}"))
            self.postgresql.sql(url, name, "VACUUM ANALYZE; CHECKPOINT;")
        return name

    @contextmanager
    def copy(self, url: str, database: str) -> Iterator[str]:
        """The name of a fresh copy of a database, until the block ends."""
        name = f"run_{next(self._numbers)}"
        self.postgresql.sql(url, "postgres", f"CREATE DATABASE {name} TEMPLATE {database};")
        try:
            yield name
        finally:
            self.postgresql.sql(url, "postgres", f"DROP DATABASE {name} WITH (FORCE);")

    @contextmanager
    def installed(self, url: str, database_pid: int, seed: Path, processes: int) -> Iterator[Installation]:
        """MiSS on a copy of this world, until the block ends."""
        database = self.load(url, seed)
        with ExitStack() as stack:
            name = stack.enter_context(self.copy(url, database))
            data_dir = self._folder / name
            shutil.copytree(seed / "keys", data_dir / "keys")
            environment = {
                **OUR_PYTHON,
                "MISS_DATA_DIR": str(data_dir),
                "MISS_PUBLIC_URL": f"http://{LOOPBACK}",
                "MISS_DATABASE_URL": f"{url}/{name}",
                "MISS_KEYSTORE_URL": f"sqlite:///{data_dir}/keys/keys.db",
                "MISS_MAIL_PORT": "0",
                "MISS_SEND_BURST": UNLIMITED,
                "MISS_SEND_PER_S": UNLIMITED,
                "MISS_SOCKETS_PER_ADDRESS": UNLIMITED,
                "MISS_SOCKETS_UNKNOWN_PER_ADDRESS": UNLIMITED,
                "MISS_SOCKETS_PER_PROCESS": UNLIMITED,
                "MISS_SOCKET_OPENINGS_PER_MIN": UNLIMITED,
                "MISS_HTTP_REQUESTS_PER_MIN": UNLIMITED,
                "MISS_HTTP_BLOBS_PER_MIN": UNLIMITED,
                "MISS_LOG_LEVEL": "WARNING",
                "MISS_LOG_FORMAT": "json",
            }
            broker_url, broker_pid = "", None
            if processes > 1:
                broker_url, broker_pid = stack.enter_context(valkey(self._folder, self._core))
                environment["MISS_REDIS_URL"] = broker_url
            ports = [free_port() for _ in range(processes)]
            pids = [
                stack.enter_context(
                    program(
                        [sys.executable, *SERVE],
                        core=self._core,
                        log=self._folder / "server.log",
                        port=port,
                        environment={**environment, "MISS_PORT": str(port)},
                    )
                )
                for port in ports
            ]
            yield Installation(
                ports=tuple(ports),
                server_pids=tuple(pids),
                database_pid=database_pid,
                broker_pid=broker_pid,
                database_url=f"{url}/{name}",
                broker_url=broker_url,
                world=seed / "world",
            )
