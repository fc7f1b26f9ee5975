"""Debian's Postfix and Dovecot as private instances: own configuration, queue and mailboxes, on high loopback ports.

Postfix runs on what the project ships in `deploy/postfix/`, its paths and ports replaced; both need root, as on every
mail server.  Second tier (`python3 run.py test -m mail`): `.ci/run` installs them.
"""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.proxies.test_proxies import make_certificate
from tests.servers import _wait_for, free_port

DEPLOY = Path(__file__).resolve().parents[1] / "deploy" / "postfix"
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin"
PASSWORD = "phrase-fictive"
UID = 65_534
"""Whose files the mailboxes are: nobody's."""


def program(name: str) -> str:
    """Where a program of Debian's lies."""
    found = shutil.which(name, path=PATH)
    assert found is not None, f"{name} is not installed: apt-get install postfix dovecot-imapd swaks"
    return found


@dataclass
class Postfix:
    """A running Postfix."""

    folder: Path
    """`log` is in it, and the certificate (`fullchain.pem`) of 127.0.0.1."""
    port: int
    """What the outside speaks to: each session is handed to the door at `door_port`."""
    relay_port: int
    """What MiSS sends through."""
    door_port: int
    boxes: Path = field(default_factory=Path)
    """Maildirs, `<domain>/<local part>/new/…`."""

    def delivered(self, address: str) -> list[bytes]:
        """The mails in somebody's inbox, oldest first."""
        local, _, domain = address.partition("@")
        found = [*(self.boxes / domain / local / "new").glob("*"), *(self.boxes / domain / local / "cur").glob("*")]
        return [path.read_bytes() for path in sorted(found, key=lambda path: path.stat().st_mtime_ns)]

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text() if path.exists() else ""


@dataclass
class Dovecot:
    """A running Dovecot; everybody's password is `PASSWORD`."""

    folder: Path
    port: int
    """IMAP with STARTTLS; the certificate is `fullchain.pem` in `folder`."""
    tls_port: int
    boxes: Path


@contextmanager
def mail_folder() -> Iterator[Path]:
    """A folder that every account may enter, unlike pytest's own, with `boxes` in it for mailboxes."""
    with tempfile.TemporaryDirectory(prefix="miss-mail-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "boxes").mkdir()
        os.chown(folder / "boxes", UID, UID)
        yield folder


@contextmanager
def postfix(
    folder: Path, *, boxes: Collection[str] = (), door_port: int | None = None, settings: str = "", operators: str = ""
) -> Iterator[Postfix]:
    """`boxes`: addresses that it delivers to; others of their domains bounce, other domains are deferred.

    What goes to `miss.example` (reports of what bounced) is brought to the door.  `settings`: lines added to main.cf;
    `operators`: lines of `miss-operators`.
    """
    found = Postfix(folder, free_port(), free_port(), door_port or free_port(), folder / "boxes")
    config = folder / "postfix"
    for name in (config, folder / "queue", folder / "data"):
        name.mkdir()
    make_certificate(folder)
    shipped = {"main": (DEPLOY / "main.cf").read_text(), "master": (DEPLOY / "master.cf").read_text()}
    for file, old, new in (
        ("main", "/etc/ssl/miss", str(folder)),
        ("main", "/etc/postfix/miss-operators", str(config / "miss-operators")),
        ("main", "127.0.0.1]:8025", f"127.0.0.1]:{found.door_port}"),
        ("master", "127.0.0.1:8025", f"127.0.0.1:{found.door_port}"),
        ("master", "\nsmtp       inet", f"\n127.0.0.1:{found.port} inet"),
        ("master", "127.0.0.1:10025", f"127.0.0.1:{found.relay_port}"),
    ):
        assert old in shipped[file], f"{file}.cf no longer says {old!r}"
        shipped[file] = shipped[file].replace(old, new)
    (config / "main.cf").write_text(f"{shipped['main']}\n{_here(folder, boxes)}\n{settings}\n")
    (config / "master.cf").write_text(shipped["master"])
    (config / "miss-operators").write_text(operators)
    paths = {box: f"{box.partition('@')[2]}/{box.partition('@')[0]}/" for box in boxes}
    (config / "boxes").write_text("".join(f"{box} {path}\n" for box, path in paths.items()))
    os.chown(folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
    command = [program("postfix"), "-c", str(config), "start-fg"]  # each program becomes the next: one process, one id
    with (folder / "master.err").open("wb") as errors:
        server = subprocess.Popen(command, stdout=errors, stderr=errors)
    try:
        _wait_for(found.port, server)
        yield found
    finally:
        server.terminate()
        server.wait(30)


def _here(folder: Path, boxes: Collection[str]) -> str:
    """What a test changes of the shipped main.cf: where things lie, and who has a mailbox."""
    values = {
        "queue_directory": folder / "queue",
        "data_directory": folder / "data",
        "maillog_file": folder / "log",
        "maillog_file_prefixes": folder,
        "multi_instance_enable": "no",
        "inet_protocols": "ipv4",
        "disable_dns_lookups": "yes",
        "default_transport": "retry:4.4.1 no route in tests",
        "virtual_mailbox_domains": " ".join({box.partition("@")[2] for box in boxes}),
        "virtual_mailbox_base": folder / "boxes",
        "virtual_mailbox_maps": f"texthash:{folder}/postfix/boxes",
        "virtual_minimum_uid": UID,
        "virtual_uid_maps": f"static:{UID}",
        "virtual_gid_maps": f"static:{UID}",
    }
    return "\n".join(f"{name} = {value}" for name, value in values.items())


@contextmanager
def dovecot(folder: Path) -> Iterator[Dovecot]:
    """IMAP for the mailboxes in `folder`: any user `local@domain`; folders are made when they are asked for."""
    found = Dovecot(folder, free_port(), free_port(), folder / "boxes")
    if not (folder / "fullchain.pem").exists():
        make_certificate(folder)
    (folder / "dovecot").mkdir()
    config = folder / "dovecot.conf"
    config.write_text(_dovecot_config(found))
    with (folder / "dovecot.err").open("wb") as errors:
        server = subprocess.Popen([program("dovecot"), "-F", "-c", config], stdout=errors, stderr=errors)
    try:
        _wait_for(found.port, server)
        yield found
    finally:
        server.terminate()
        server.wait(30)


def _dovecot_config(server: Dovecot) -> str:
    folder = server.folder
    return f"""
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/dovecot/run
state_dir = {folder}/dovecot/state
log_path = {folder}/dovecot.log
instance_name = miss-tests
mail_location = maildir:{server.boxes}/%d/%n
mail_uid = {UID}
mail_gid = {UID}
first_valid_uid = {UID}
first_valid_gid = {UID}
ssl = yes
ssl_cert = <{folder}/fullchain.pem
ssl_key = <{folder}/privkey.pem
disable_plaintext_auth = no
mail_max_userip_connections = 100
passdb {{
  driver = static
  args = password={PASSWORD}
}}
userdb {{
  driver = static
  args = uid={UID} gid={UID} home={server.boxes}/%d/%n
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  inet_listener imap {{
    port = {server.port}
  }}
  inet_listener imaps {{
    port = {server.tls_port}
    ssl = yes
  }}
}}
"""
