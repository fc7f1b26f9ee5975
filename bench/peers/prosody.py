"""Prosody from Debian: rooms archived by mod_muc_mam in SQLite, before their messages are broadcast.

The room's `muc-broadcast-message` hook stores the message and only then does the room send it; Prosody has one thread,
so nothing else happens meanwhile.
"""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path

from bench.engines import NotStarted, debian_version, free_port, own, program
from bench.load.xmpp_target import PAGE, PASSWORD
from bench.peers.base import Place, Served
from bench.peers.xmpp import DOMAIN, MODES, ROOMS_DOMAIN, WIRE, user_names
from bench.rows import Mode
from bench.scale import Scale

USER = "prosody"

CONFIGURATION = """\
data_path = "{folder}"
pidfile = "{folder}/pid"
log = {{ error = "*console" }}
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
s2s_ports = {{}}
http_ports = {{}}
https_ports = {{}}
modules_enabled = {{ "saslauth"; "disco"; }}
modules_disabled = {{ "s2s"; "tls"; }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
network_backend = "epoll"
storage = {{ muc_log = "sql" }}
sql = {{ driver = "SQLite3", database = "{folder}/archive.db" }}
VirtualHost "{domain}"
Component "{rooms}" "muc"
  modules_enabled = {{ "muc_mam" }}
  muc_log_by_default = true
  muc_log_all_rooms = true
  muc_log_expires_after = "never"
  muc_room_default_persistent = true
  muc_room_locking = false
  max_history_messages = 0
  max_archive_query_results = {page}
"""


class ProsodyPeer:
    """See `Peer`."""

    wire = WIRE
    modes = MODES
    durability = "SQLite: Prosody's defaults (journal=DELETE, synchronous=FULL), archive commit before broadcast"
    markers_every_s = 0.0

    def __init__(self, name: str, place: Place) -> None:
        found = debian_version("prosody")
        if found is None:
            raise NotStarted("prosody is not installed: apt install --no-install-recommends prosody lua-dbi-sqlite3")
        self.name = name
        self._version = found
        self._place = place
        self._folder = place.folder / name
        own(self._folder, USER)
        self._names: list[str] = []
        self._numbers = count(1)

    def versions(self) -> Mapping[str, str]:
        """See `Peer`."""
        return {"prosody": self._version}

    def prepare(self, scale: Scale, modes: tuple[Mode, ...]) -> None:
        """See `Peer`."""
        self._names = user_names(scale, modes)

    @contextmanager
    def serving(self, mode: Mode) -> Iterator[Served]:
        """See `Peer`."""
        folder, port = self._folder / f"run_{next(self._numbers)}", free_port()
        for path in (folder, folder / DOMAIN, folder / DOMAIN / "accounts"):
            own(path, USER)
        for name in self._names:
            (folder / DOMAIN / "accounts" / f"{name}.dat").write_text(f'return {{ ["password"] = "{PASSWORD}"; }};\n')
        configuration = folder / "prosody.cfg.lua"
        configuration.write_text(
            CONFIGURATION.format(folder=folder, port=port, domain=DOMAIN, rooms=ROOMS_DOMAIN, page=PAGE)
        )
        with ExitStack() as stack:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            command: list[str | Path] = ["prosody", "--config", configuration, "-F"]
            log = self._folder / "server.log"
            pid = stack.enter_context(program(command, core=self._place.core, log=log, port=port, user=USER))
            yield Served(ports=(port,), pids=(pid,), domain=DOMAIN, rooms_domain=ROOMS_DOMAIN)
