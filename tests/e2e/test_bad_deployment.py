"""A deployment that something is wrong with stops early, says so in one sentence with the remedy, and loses nothing.

One row for each: what is done to a sound deployment, which command is run, what it has to say.  The command line is the
real one, on real files; afterwards the damage is undone and the deployment is whole.
"""

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from miss.base.clock import SystemClock
from tests.servers import free_port

pytestmark = pytest.mark.long

MISS = str(Path(sys.executable).with_name("miss"))
END_S = 240
"""Nothing that is refused serves: a command that goes on is as wrong as one that says nothing."""


@dataclass
class Place:
    """A deployment on its own files."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.root / "var"

    def copied_to(self, root: Path) -> "Place":
        """The same deployment elsewhere, so that nothing that is done to it is seen here."""
        shutil.copytree(self.root, root, dirs_exist_ok=True)
        moved = {name: value.replace(str(self.root), str(root)) for name, value in self.environment.items()}
        return Place(root, moved)

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """A command of `miss`, to its end."""
        environment = {**os.environ, **self.environment, **more}
        return subprocess.run(
            [*command], cwd=self.root, env=environment, capture_output=True, text=True, timeout=END_S, check=False
        )

    def miss(self, *arguments: str, **more: str) -> str:
        done = self.run(MISS, *arguments, **more)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def sql(self, name: str, statement: str, *values: str) -> None:
        with closing(sqlite3.connect(self.data / name)) as connection, connection:
            connection.execute(statement, values)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Somebody has an account, content was sealed, a backup was taken."""
    root = tmp_path_factory.mktemp("sound")
    place = Place(
        root,
        {
            "MISS_DATA_DIR": str(root / "var"),
            "MISS_LOG_LEVEL": "WARNING",
            "MISS_PORT": str(free_port()),
            "MISS_MAIL_PORT": str(free_port()),
            "MISS_BACKUP_REPOSITORY": str(root / "backups/data"),
            "MISS_BACKUP_KEYS_REPOSITORY": str(root / "backups/keys"),
            "MISS_BACKUP_PASSWORD_FILE": str(root / "password"),
            "MISS_BACKUP_KEYS_PASSWORD_FILE": str(root / "password"),
            "RESTIC_CACHE_DIR": str(root / "cache"),
        },
    )
    (root / "password").write_text("secret")
    code = (
        "import asyncio\n"
        "from miss.directory.audit import AuditLog, Subject\n"
        "from miss.server.commands.session import load_settings, opened\n"
        "async def main():\n"
        "    async with opened(load_settings()) as server:\n"
        "        await server.house.keystore.seal('row', b'content', what='row')\n"
        "        await server.house.audit.record(actor='test', act='looked', subject=Subject('row', '1'))\n"
        "asyncio.run(main())\n"
    )
    done = place.run(sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    place.miss("backup", "take")
    return place


@dataclass(frozen=True)
class Row:
    """Something wrong: how it comes about, what is run, which words are said in French."""

    name: str
    words: tuple[str, ...]
    command: tuple[str, ...] = ("serve",)
    damage: Callable[[Place], object] = lambda _place: None
    settings: Mapping[str, str] = field(default_factory=dict)
    front: tuple[str, ...] = ()
    """What the command is run through."""


def _remove_master_key(place: Place) -> None:
    (place.data / "keys/master.key").unlink()


def _another_master_key(place: Place) -> None:
    path = place.data / "keys/master.key"
    path.write_text("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n")


def _truncate_backup(place: Place) -> None:
    packs = sorted((place.root / "backups/data/data").rglob("*"), key=lambda path: path.stat().st_size)
    os.truncate(packs[-1], packs[-1].stat().st_size // 2)


def _an_hour_ahead(place: Place) -> None:
    """The log was written an hour from now: to this machine's clock, which therefore is an hour late."""
    later = SystemClock().now() + dt.timedelta(hours=1)
    place.sql("miss.db", "UPDATE audit_entry SET at = ?", f"{later:%Y-%m-%d %H:%M:%S.%f}")


def _expired_certificate(place: Place) -> None:
    now, key = SystemClock().now(), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "miss.example")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now - dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = place.data / "keys/mail.pem"
    path.touch(mode=0o600)
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))


def _later_version(place: Place) -> None:
    place.sql("miss.db", "INSERT INTO alembic_version VALUES ('miss_9999')")


READ_ONLY = (
    *("unshare", "--mount", "sh", "-c"),
    'mount --bind "$MISS_DATA_DIR" "$MISS_DATA_DIR" && mount -o remount,bind,ro "$MISS_DATA_DIR" && exec "$@"',
    "sh",
)

ROWS = (
    Row("a setting that is no number", ("MISS_PORT", "Port the HTTP server listens on"), settings={"MISS_PORT": "x"}),
    Row("a misspelt setting", ("MISS_PRT", "réglage inconnu", "miss check --settings"), settings={"MISS_PRT": "1"}),
    Row("a misspelt setting of a service", ("MOVEMENTS_FOLDER ", "inconnu"), settings={"MOVEMENTS_FOLDER": "/srv"}),
    Row(
        "a setting of a service that cannot be read",
        ("MOVEMENTS_FOLDERS", "JSON"),
        settings={"MOVEMENTS_FOLDERS": "/srv/movements"},
    ),
    Row(
        "a setting that is missing beside another",
        ("MISS_KEYSTORE_URL is missing",),
        settings={"MISS_DATABASE_URL": "postgresql://miss@127.0.0.1/miss"},
    ),
    Row("no file of settings", ("MISS_ENV_FILE", "ne peut pas être lu"), settings={"MISS_ENV_FILE": "/etc/miss/none"}),
    Row("an expired certificate", ("a expiré", "demandez-en un autre"), ("check",), _expired_certificate),
    Row("a read-only disk", ("ne peut pas être écrit", "remontez le disque"), front=READ_ONLY),
    Row("a read-only disk, migrating", ("ne peut pas être écrit",), ("migrate",), front=READ_ONLY),
    Row("a clock that is an hour late", ("L’horloge de cette machine retarde de", "chrony"), damage=_an_hour_ahead),
    Row("a lost master key", ("n’est pas dans", "miss backup restore"), damage=_remove_master_key),
    Row("a foreign master key", ("n’est pas dans", "miss backup restore"), damage=_another_master_key),
    Row(
        "a lost master key, migrating",
        ("n’est pas dans", "miss backup restore"),
        ("migrate", "--create-keys"),
        _remove_master_key,
    ),
    Row(
        "lost keys of the operator",
        ("clés de l’opérateur", "miss backup restore"),
        damage=lambda place: shutil.rmtree(place.data / "keys/operator"),
    ),
    Row(
        "a key that others can read",
        ("d'autres comptes peuvent la lire", "chmod 600"),
        damage=lambda place: (place.data / "keys/master.key").chmod(0o644),
    ),
    Row("a truncated backup", ("dépôt", "Vérifiez"), ("backup", "verify", "--everything"), _truncate_backup),
    Row("a truncated backup, restored", ("dépôt", "Vérifiez"), ("backup", "restore", "--to", "new"), _truncate_backup),
    Row("a downgraded program", ("version plus récente de MiSS (miss_9999)", "Réinstallez"), damage=_later_version),
    Row("a downgraded program, migrating", ("version plus récente",), ("migrate",), _later_version),
)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_it_stops_early_and_says_what_to_do(sound: Place, tmp_path: Path, row: Row) -> None:
    place = sound.copied_to(tmp_path)
    row.damage(place)
    before = _content(place.data)
    done = place.run(*row.front, MISS, *row.command, **row.settings)
    said = done.stdout + done.stderr
    assert done.returncode in {1, 2}, said
    assert "Traceback" not in said
    for words in row.words:
        assert words in said
    assert _content(place.data) == before, "nothing was lost, nothing was added"


def test_what_was_sound_serves(sound: Place, tmp_path: Path) -> None:
    """Each row fails for its own reason: without it, the same files are in order."""
    place = sound.copied_to(tmp_path)
    assert "intactes" in place.miss("audit", "verify")
    assert "tiennent" in place.miss("backup", "verify", "--everything")
    with pytest.raises(subprocess.TimeoutExpired):
        subprocess.run([MISS, "serve"], env={**os.environ, **place.environment}, timeout=6, check=False)


def _content(folder: Path) -> dict[str, bytes]:
    """Every file but SQLite's own notes about who reads."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }
