"""One restic repository: encrypted, deduplicated, verified.  https://restic.readthedocs.io

Snapshots of ours carry the tag `miss` and, as a second one, their moment; others are left alone.
"""

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from miss.server.backup.errors import RepositoryFailed
from miss.server.backup.model import Part, Snapshot, moment_tag, parse_moment
from miss.server.backup.programs import ProgramFailed, run_program

_TAG: Final = "miss"
_LOCKED: Final = "the `unlock` command"
"""In the last that restic says when another process has the repository."""
_HOST: Final = "miss"
"""The same from every machine, so that the copies of one deployment are one series."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What one snapshot cost."""

    files: int
    read_bytes: int
    added_bytes: int


class Repository:
    """The repository of one half of the backups."""

    def __init__(self, address: str, password_file: Path, part: Part) -> None:
        """`address`: as restic writes it, a folder for instance."""
        self.address = address if ":" in address else str(Path(address).resolve())
        self._environment = {"RESTIC_REPOSITORY": self.address, "RESTIC_PASSWORD_FILE": str(password_file.resolve())}
        self.part = part

    async def ensure(self) -> bool:
        """Make the repository unless it is there; True if it was made.  Raises RepositoryFailed, ProgramMissing."""
        try:
            await run_program(["restic", "cat", "config"], folder=Path("/"), environment=self._environment)
        except ProgramFailed as failed:
            if "unable to open config file" not in failed.reason and "Is there a repository" not in failed.reason:
                raise RepositoryFailed(repository=self.address, reason=failed.reason) from None
            await self._run("init")
            return True
        return False

    async def put(
        self, folder: Path, names: list[str], moment: datetime, tell: Callable[[float], None] = lambda _part: None
    ) -> Stored:
        """A snapshot of `names` below `folder`; `tell` hears how much is done, from 0 to 1.

        Raises RepositoryFailed; what a snapshot that was cut short had brought is used by the next one.
        """

        def listen(line: str) -> None:
            said = json.loads(line)
            if said.get("message_type") == "status":
                tell(float(said.get("percent_done", 0.0)))

        tags = ["--tag", f"{_TAG},{moment_tag(moment)}", "--host", _HOST, "--time", f"{moment:%Y-%m-%d %H:%M:%S}"]
        lines = await self._run("backup", "--json", *tags, *names, folder=folder, tell=listen)
        summary = next(said for line in reversed(lines) if (said := json.loads(line))["message_type"] == "summary")
        return Stored(summary["total_files_processed"], summary["total_bytes_processed"], summary["data_added"])

    async def list_(self) -> list[Snapshot]:
        """Our snapshots, oldest first.  Raises RepositoryFailed."""
        (answer,) = await self._run("snapshots", "--json", "--tag", _TAG)
        return sorted(_read(json.loads(answer) or [], self.part), key=lambda one: one.moment)

    async def take_out(self, snapshot: Snapshot, folder: Path) -> None:
        """Write the files of a snapshot below `folder`.  Raises RepositoryFailed."""
        await self._run("restore", snapshot.id, "--target", str(folder), "--verify")

    async def forget(self, days: int) -> bool:
        """Delete what is older than `days`, the latest snapshot excepted, for good.

        False: somebody is at work there (or a machine that is gone was, until half an hour ago); next time, then.
        Raises RepositoryFailed.
        """
        # A backup that was killed leaves a lock behind; this lets go of those whose owner is gone, and of no other.
        await self._run("unlock")
        keep = ["--keep-within", f"{days}d", "--keep-last", "1"]
        command = ["restic", "forget", "--prune", "--tag", _TAG, "--host", _HOST, "--group-by", "host", *keep]
        try:
            await run_program(command, folder=Path("/"), environment=self._environment)
        except ProgramFailed as failed:
            if _LOCKED in failed.reason:
                return False
            raise RepositoryFailed(repository=self.address, reason=failed.reason) from None
        return True

    async def check(self, *, everything: bool) -> None:
        """Verify the repository's structure, and with `everything` every byte of it.  Raises RepositoryFailed."""
        await self._run("check", *(["--read-data"] if everything else []))

    async def _run(
        self, *arguments: str, folder: Path = Path("/"), tell: Callable[[str], None] = lambda _line: None
    ) -> list[str]:
        try:
            return await run_program(["restic", *arguments], folder=folder, environment=self._environment, tell=tell)
        except ProgramFailed as failed:
            raise RepositoryFailed(repository=self.address, reason=failed.reason) from None


def _read(answer: list[dict[str, Any]], part: Part) -> Iterator[Snapshot]:
    for one in answer:
        for tag in one.get("tags") or ():
            with contextlib.suppress(ValueError):
                yield Snapshot(one["id"], part, parse_moment(tag))
