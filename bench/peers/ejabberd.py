"""ejabberd from Debian: rooms archived by mod_mam, in PostgreSQL or SQLite, before their messages are broadcast.

`mod_mam` stores a room's message in the room's own process and waits for the database (`muc_filter_message`), so the
commit comes first.  Shapers, history and presence of other kinds are off; Erlang's schedulers do not busy-wait, which
would count as CPU.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from bench.engines import NotStarted, PostgreSQL, debian_version, free_port, own, program
from bench.load.xmpp_target import PASSWORD
from bench.peers.base import Place, Served
from bench.peers.xmpp import DOMAIN, MODES, ROOMS_DOMAIN, WIRE, user_names
from bench.rows import Mode
from bench.scale import Scale

USER = "ejabberd"
LIBRARIES = Path("/usr/lib/x86_64-linux-gnu")
SCHEMAS = Path("/usr/share/ejabberd/sql")
ERLANG = ("erl", "+K", "true", "+P", "250000", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "-noinput")

CONFIGURATION = """\
hosts: [{domain}]
loglevel: error
listen:
  - port: {port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    max_stanza_size: 262144
    access: all
    shaper: none
    backlog: 1024
auth_method: [sql]
auth_password_format: plain
auth_use_cache: true
default_db: sql
{database}
modules:
  mod_disco: {{}}
  mod_mam: {{default: never, db_type: sql}}
  mod_muc:
    host: {rooms}
    db_type: mnesia
    history_size: 0
    max_users: 500
    min_message_interval: 0
    min_presence_interval: 0
    max_user_conferences: 1000
    user_message_shaper: none
    user_presence_shaper: none
    room_shaper: none
    default_room_options: {{mam: true, persistent: true, members_only: false, public: true}}
"""
ON_POSTGRESQL = """\
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: {port}
sql_database: {name}
sql_username: bench
sql_password: ""
"""
ON_SQLITE = """\
sql_type: sqlite
sql_database: {file}
"""


class EjabberdPeer:
    """See `Peer`."""

    wire = WIRE
    modes = MODES
    markers_every_s = 0.0

    def __init__(self, name: str, place: Place, *, on_sqlite: bool = False) -> None:
        found = debian_version("ejabberd")
        if found is None:
            raise NotStarted(
                "ejabberd is not installed: apt install --no-install-recommends "
                "ejabberd erlang-p1-pgsql erlang-p1-sqlite3"
            )
        self.name = name
        self._version = found
        self._place = place
        self._folder = place.folder / name
        own(self._folder, USER)
        self._postgresql = None if on_sqlite else PostgreSQL(self._folder / "postgresql", place.core)
        stored = (
            "SQLite: ejabberd's defaults (journal=DELETE, synchronous=FULL)" if on_sqlite else PostgreSQL.durability
        )
        self.durability = f"{stored}, archive commit before broadcast"
        self._accounts = ""
        self._numbers = count(1)

    def versions(self) -> Mapping[str, str]:
        """See `Peer`."""
        versions = {"ejabberd": self._version}
        if self._postgresql:
            versions["postgresql"] = self._postgresql.version
        return versions

    def prepare(self, scale: Scale, modes: tuple[Mode, ...]) -> None:
        """See `Peer`."""
        rows = ",\n".join(f"('{name}', '{PASSWORD}', '', '', 0)" for name in user_names(scale, modes))
        self._accounts = (
            f"INSERT INTO users (username, password, serverkey, salt, iterationcount) VALUES {rows};" if rows else ""
        )
        if self._postgresql:
            with self._postgresql.running() as (url, _):
                self._postgresql.sql(url, "postgres", "CREATE DATABASE seed;")
                self._postgresql.sql(url, "seed", (SCHEMAS / "pg.sql").read_text() + self._accounts)
                self._postgresql.sql(url, "seed", "VACUUM ANALYZE; CHECKPOINT;")

    @contextmanager
    def serving(self, mode: Mode) -> Iterator[Served]:
        """See `Peer`."""
        run, port = f"run_{next(self._numbers)}", free_port()
        folder = self._folder / run
        own(folder, USER)
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            pids = []
            if self._postgresql:
                url, pid = stack.enter_context(self._postgresql.running())
                self._postgresql.sql(url, "postgres", f"CREATE DATABASE {run} TEMPLATE seed;")
                stack.callback(self._postgresql.sql, url, "postgres", f"DROP DATABASE {run} WITH (FORCE);")
                database = ON_POSTGRESQL.format(port=url.rpartition(":")[2], name=run)
                pids.append(pid)
            else:
                database = ON_SQLITE.format(file=self._sqlite(folder / "ejabberd.db"))
            configuration = folder / "ejabberd.yml"
            configuration.write_text(
                CONFIGURATION.format(domain=DOMAIN, rooms=ROOMS_DOMAIN, port=port, database=database)
            )
            pids.append(stack.enter_context(self._process(folder, configuration, port)))
            yield Served(ports=(port,), pids=tuple(pids), domain=DOMAIN, rooms_domain=ROOMS_DOMAIN)

    def _sqlite(self, file: Path) -> Path:
        script = (SCHEMAS / "lite.sql").read_text() + self._accounts
        subprocess.run(["sqlite3", file], input=script, check=True, text=True, capture_output=True)
        if os.geteuid() == 0:
            shutil.chown(file, USER)
        return file

    @contextmanager
    def _process(self, folder: Path, configuration: Path, port: int) -> Iterator[int]:
        command = [*ERLANG, "-mnesia", "dir", f'"{folder}/mnesia"', "-s", "ejabberd"]
        environment = {
            "EJABBERD_CONFIG_PATH": str(configuration),
            "EJABBERD_LOG_PATH": str(folder / "ejabberd.log"),
            "EJABBERD_PID_PATH": str(folder / "pid"),
            "ERL_LIBS": str(LIBRARIES),
            "ERL_CRASH_DUMP": "/dev/null",
            "HOME": str(folder),
        }
        log = self._folder / "server.log"
        with program(command, core=self._place.core, log=log, port=port, environment=environment, user=USER) as pid:
            yield pid
