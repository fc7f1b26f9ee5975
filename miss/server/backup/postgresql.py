"""PostgreSQL's own copies: the base of a cluster, which its log continues, and the dump of the key store.

https://www.postgresql.org/docs/current/continuous-archiving.html.  The log itself is brought by `pg_receivewal`
(deploy/systemd/miss-wal.service), within a second of each commit (`log.py`); here it is only let go of once a newer
base makes it useless.
"""

import shutil
from pathlib import Path
from typing import Final

from sqlalchemy.engine import URL, make_url

from miss.server.backup.errors import CopyFailed
from miss.server.backup.programs import ProgramFailed, run_program

_LABEL: Final = "backup_label"
# A code above 125 ends the server: a log that cannot be read must not pass for the end of the log.
RECOVERY: Final = """# Written by « miss backup restore »: replay the log that lies beside, then serve.
restore_command = 'test -x "{log}" || exit 255; test -e "{log}/%f" || exit 1; cp "{log}/%f" "%p" || exit 255'
recovery_target_timeline = 'latest'
"""


async def take_base(url: str, target: Path) -> None:
    """The whole cluster of the database at `url` as it is now, in `target`, which is replaced.

    Complete by itself: it carries the log written while it was made.  Raises CopyFailed, ProgramMissing.
    """
    making = target.with_name(f"{target.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    address, environment = address_of(url)
    await _run(
        ["pg_basebackup", "-d", address, "-D", str(making), "-X", "stream", "-c", "fast"], making.parent, environment
    )
    shutil.rmtree(target, ignore_errors=True)
    making.rename(target)


async def dump(url: str, target: Path) -> None:
    """One database as `pg_restore` reads it, in the file `target`.  Raises CopyFailed, ProgramMissing."""
    address, environment = address_of(url)
    making = target.with_suffix(".making")
    # Uncompressed: restic compresses, and finds again what has not changed.
    await _run(["pg_dump", "-Fc", "-Z0", "-d", address, "-f", str(making)], target.parent, environment)
    making.chmod(0o600)
    making.replace(target)


def first_segment(base: Path) -> str:
    """The segment of the log that `base` is continued from."""
    return (base / _LABEL).read_text().split("(file ", 1)[1].split(")", 1)[0]


def forget_log(base: Path, log: Path) -> int:
    """Delete from `log` what `base` does not need to go on; how many files."""
    first = first_segment(base)
    useless = [one for one in log.iterdir() if len(one.name) >= len(first) and one.name[: len(first)] < first]
    for one in useless:
        one.unlink()
    return len(useless)


def prepare_recovery(base: Path, log: Path) -> None:
    """Have the cluster in `base` replay `log` when it starts."""
    # The segment under way ends in .partial; recovery asks for it by its whole name.
    for partial in log.glob("*.partial"):
        whole = partial.with_suffix("")
        # Both are there if it was completed while it was copied: then the beginning of it is of no use.
        partial.unlink() if whole.exists() else partial.rename(whole)
    with (base / "postgresql.auto.conf").open("a") as configuration:
        configuration.write(RECOVERY.format(log=log.resolve()))
    (base / "recovery.signal").touch()


def address_of(url: str) -> tuple[str, dict[str, str]]:
    """A connection string without the password, and the environment that has it."""
    parts = make_url(url)
    environment = {"PGPASSWORD": str(parts.password)} if parts.password else {}
    # `set(password=None)` would keep it, and rendering would write « *** » in its place.
    bare = URL.create("postgresql", parts.username, None, parts.host, parts.port, parts.database, parts.query)
    return bare.render_as_string(hide_password=False), environment


async def _run(arguments: list[str], folder: Path, environment: dict[str, str]) -> None:
    try:
        await run_program(arguments, folder=folder, environment=environment)
    except ProgramFailed as failed:
        raise CopyFailed(program=arguments[0], reason=failed.reason) from None
