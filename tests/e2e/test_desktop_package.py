"""The desktop client as Debian installs it: built from this checkout, put into a root of its own, started, removed."""

import ast
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OPT = "opt/miss-desktop"
RELEASE_KEY = "5f" * 32
START_S = 60

pytestmark = [pytest.mark.desktop, pytest.mark.package, pytest.mark.timeout(3_600)]


def run(*command: object, code: int = 0, **more: str) -> str:
    """What a program says; the test fails if it ends otherwise than with `code`."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "LANG": "fr_FR.UTF-8"} | more
    done = subprocess.run([str(one) for one in command], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the one command."""
    folder = tmp_path_factory.mktemp("package")
    key = folder / "release-key.txt"
    key.write_text(RELEASE_KEY + "\n")
    recipe = ROOT / "deploy/desktop/build.py"
    said = run(sys.executable, recipe, "--out", folder / "dist", "--release-key", key)
    return Path(said.splitlines()[-1])


@pytest.fixture(scope="module")
def machine(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root in which dpkg has installed it."""
    root = tmp_path_factory.mktemp("machine")
    for folder in ("var/lib/dpkg/info", "var/lib/dpkg/updates"):
        (root / folder).mkdir(parents=True)
    for file in ("status", "available"):
        (root / "var/lib/dpkg" / file).touch()
    dpkg = (
        "dpkg",
        f"--root={root}",
        "--force-depends",
        "--force-not-root",
        "--force-script-chrootless",
        "--log=/dev/null",
    )
    run(*dpkg, "--install", package)
    yield root
    run(*dpkg, "--purge", "miss-desktop")
    assert not (root / OPT).exists(), "nothing of it is left"


def client(machine: Path, *arguments: object) -> tuple[object, ...]:
    return (machine / OPT / "bin/python", "-I", "-m", "clients.desktop", *arguments)


def test_it_starts_from_where_it_was_installed(machine: Path, tmp_path: Path) -> None:
    assert run(*client(machine, "--version")).startswith("MiSS ")
    said = run(*client(machine, "--check", "--home", tmp_path / "home"))
    assert "!!" not in said
    assert "Avis de nouvelle version : oui" in said.replace("\u00a0", " "), "it was built with a publisher's key"
    code = "import clients.desktop, PySide6, miss; print(clients.desktop.__file__, PySide6.__file__, miss.__file__)"
    places = run(machine / OPT / "bin/python", "-I", "-c", code).split()
    assert all(place.startswith(str(machine)) for place in places), places


def test_its_window_opens_and_a_second_start_finds_the_first(machine: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    first = subprocess.Popen([str(one) for one in client(machine, "--home", home)], env=environment)
    try:
        for _attempt in range(START_S):
            # The first listens once its window is made; until then a second start would be the first.
            if (home / "profiles").is_dir():
                break
            assert first.poll() is None, "it has ended"
            try:
                first.wait(1)
            except subprocess.TimeoutExpired:
                continue
        run(*client(machine, "--home", home))
        assert first.poll() is None
    finally:
        first.kill()
        first.wait(10)


def test_nothing_of_the_server_is_in_it_and_nothing_of_this_machine(package: Path, tmp_path: Path) -> None:
    unpacked = tmp_path / "package.tar"
    with unpacked.open("wb") as file:
        subprocess.run(["dpkg-deb", "--fsys-tarfile", package], stdout=file, check=True)
    with tarfile.open(unpacked) as archive:
        members = {one.name.removeprefix("./"): one for one in archive}
    names = "\n".join(members)
    for absent in (
        "/miss/server/",
        "/miss/storage/",
        "/teleexpertise/",
        "/uvicorn/",
        "/sqlalchemy/",
        "/PySide6/Qt/qml/",
    ):
        assert absent not in names, absent
    for present in ("usr/bin/miss-desktop", "usr/share/applications/miss-desktop.desktop"):
        assert present in members
    assert members["usr/bin/miss-desktop"].linkname == f"/{OPT}/bin/miss-desktop"
    assert {(one.uid, one.gid) for one in members.values()} == {(0, 0)}
    assert not [one.name for one in members.values() if one.mode & 0o6022 and not one.issym()]


def test_what_the_client_imports_is_there(machine: Path) -> None:
    """Every import of every module of ours that was left in it, lazy ones included."""
    [site] = (machine / OPT).glob("lib/python3*/site-packages")
    wanted = set()
    for path in (site / "clients/desktop").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                wanted.add(node.module)
            elif isinstance(node, ast.Import):
                wanted.update(one.name for one in node.names)
    wanted -= {"winreg"}
    run(machine / OPT / "bin/python", "-I", "-c", "\n".join(f"import {name}" for name in sorted(wanted)))
