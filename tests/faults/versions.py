"""Two versions of MiSS on one machine: an earlier one out of git's history, or the next one, made up.

The earlier one is a whole tree with its own code, schema and seeds.  The made-up one is this tree with a revision more
on each line of migrations (columns with and without a default, a table, an index), so that today's code is shown to
work on beside whatever comes next without any history at hand.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from alembic.script import ScriptDirectory

from bench.engines import ROOT
from bench.seed import Plan as SeedPlan
from miss.server.service import find_services
from miss.storage.migrate import alembic_config, application_schema
from tests.faults.machinery import code_of

PARTS = ("miss", "teleexpertise", "movements", "forms")
HOT_TABLES = {
    "miss": ("chat_message", "chat_conversation", "chat_marker", "account", "job"),
    "teleexpertise": ("expertise_request", "attempt"),
    "movements": (),
}
"""Read and written by every message and every request: where a lock that is held too long is felt."""
_FOLDERS = {"miss": "miss/storage/migrations/versions", "teleexpertise": "teleexpertise/versions",
            "movements": "movements/versions"}  # fmt: skip
REVISIONS = tuple(_FOLDERS.values())
_REVISION = '''"""Made up: what the next version may add."""

import sqlalchemy as sa
from alembic import op

revision = "{branch}_9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("{branch}_tomorrow", sa.Column("id", sa.Integer(), primary_key=True))
    for table in {tables}:
        op.add_column(table, sa.Column("tomorrow", sa.String(length=20), nullable=True))
        op.add_column(table, sa.Column("tomorrow_too", sa.Integer(), nullable=False, server_default="0"))
        op.create_index(table + "_tomorrow", table, ["tomorrow"])
'''


class NoHistory(RuntimeError):
    """This checkout does not have the version asked for."""


def copy_tree(folder: Path) -> Path:
    """This version, apart from the checkout: each start has the same code, whatever happens to that."""
    for part in PARTS:
        shutil.copytree(ROOT / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def make_next(folder: Path) -> Path:
    """This version with a revision more on each line; the folder to run it from."""
    copy_tree(folder)
    scripts = ScriptDirectory.from_config(alembic_config(application_schema(find_services().versions)))
    for head in scripts.get_heads():
        branch = head.rpartition("_")[0]
        text = _REVISION.format(branch=branch, head=head, tables=repr(HOT_TABLES[branch]))
        (folder / _FOLDERS[branch] / f"{branch}_9999_made_up.py").write_text(text)
    return folder


def take_earlier(commit: str, folder: Path) -> Path:
    """The whole tree of a commit or a tag.  Raises NoHistory."""
    folder.mkdir(parents=True)
    archive = subprocess.run(["git", "-C", str(ROOT), "archive", commit], check=False, capture_output=True)
    if archive.returncode:
        raise NoHistory(archive.stderr.decode(errors="replace").strip())
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def make_seed_as(package: Path, folder: Path, plan: SeedPlan) -> Path:
    """A world made by the version in `package`, under its schema."""
    code = (
        "import sys; from pathlib import Path; from bench.peers.seeds import find_or_make; from bench.seed import Plan;"
        f"print(find_or_make(Path(sys.argv[1]), Plan(people={plan.people}, group={plan.group}, "
        f"payload_bytes={plan.payload_bytes})))"
    )
    return Path(_run_as(package, code, str(folder)).strip().splitlines()[-1])


async def copy_as(package: Path, seed: Path, url: str) -> None:
    """The seed's rows in PostgreSQL, under the schema of the version in `package`."""
    code = (
        "import asyncio, sys; from pathlib import Path; from bench.peers.seeds import copy_to_postgresql;"
        "asyncio.run(copy_to_postgresql(Path(sys.argv[1]), sys.argv[2]))"
    )
    await asyncio.to_thread(_run_as, package, code, str(seed), url)


def _run_as(package: Path, code: str, *arguments: str) -> str:
    """Raises CalledProcessError."""
    command: Sequence[str] = [sys.executable, "-c", code, *arguments]
    environment = {**os.environ, **code_of(package)}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, cwd=package)
    if done.returncode:
        raise RuntimeError(f"the version in {package} could not: {done.stderr[-2000:]}")
    return done.stdout
