"""The wheel and the source archive: equal from equal trees, and whole: MiSS serves from an empty environment."""

import os
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from scripts import package
from tests.servers import _wait_for, free_port

pytestmark = [pytest.mark.package, pytest.mark.timeout(3_600)]

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60.0
COMMAND_S = 900.0
"""The demonstration takes one minute, the packages of the lock file half of one, on two cores."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The source archive and the wheel of this checkout."""
    return package.build(ROOT, tmp_path_factory.mktemp("built"))


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment with what the lock file pins, and the wheel; its folder of programs."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    venv.create(folder, with_pip=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    run([*pip, "--no-deps", "--require-hashes", "-r", str(ROOT / "requirements.lock")])
    run([*pip, "--no-deps", "--no-index", str(built[1])])
    return folder / "bin"


def run(command: list[str], folder: Path | None = None, environment: dict[str, str] | None = None) -> str:
    """What it said.  A command that takes too long fails with what it had said by then."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=COMMAND_S,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def settings_of(folder: Path, **more: str) -> dict[str, str]:
    """An environment that knows nothing of this checkout."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    return kept | {"MISS_DATA_DIR": str(folder / "var"), "MISS_LOG_LEVEL": "WARNING"} | more


@contextmanager
def serving(programs: Path, folder: Path) -> Iterator[str]:
    port = free_port()
    environment = settings_of(folder, MISS_PORT=str(port), MISS_MAIL_PORT=str(free_port()))
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen([str(programs / "miss"), "serve"], cwd=folder, env=environment, stderr=log)
    try:
        _wait_for(port, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        try:
            server.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            server.kill()
    assert server.wait() == 0, (folder / "serve.log").read_text()


def test_equal_trees_make_equal_files(built: tuple[Path, Path], tmp_path: Path) -> None:
    # Another folder, another mask, other times: those of whoever unpacks the source archive.
    run(["tar", "-xzf", str(built[0]), "-C", str(tmp_path), "--touch"])
    [tree] = tmp_path.iterdir()
    before = os.umask(0o077)
    try:
        again = package.build(tree, tmp_path / "again")
    finally:
        os.umask(before)
    assert [package.sum_of(path) for path in again] == [package.sum_of(path) for path in built]


def test_a_tree_without_its_web_client_makes_no_wheel(tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with pytest.raises(package.PackageFailed, match=r"run\.py web"):
        package.build(tmp_path, tmp_path / "dist")


def test_an_installed_wheel_serves_everything(installed: Path, tmp_path: Path) -> None:
    where = run([str(installed / "python"), "-c", "import miss; print(miss.__file__)"], tmp_path, settings_of(tmp_path))
    assert Path(where.strip()).is_relative_to(installed.parent)
    assert run([str(installed / "miss"), "forms", "lint"], tmp_path, settings_of(tmp_path))
    run([str(installed / "miss"), "migrate", "--create-keys"], tmp_path, settings_of(tmp_path))
    with serving(installed, tmp_path) as origin, httpx.Client(base_url=origin, timeout=PATIENCE_S) as http:
        assert http.get("/health").json()["status"] == "ok"
        client = http.get("/app/")
        assert client.status_code == 200
        [script] = [part.split('"')[0] for part in client.text.split('src="')[1:] if ".js" in part][:1]
        assert http.get(script if script.startswith("/") else f"/app/{script}").status_code == 200
        page = http.get("/connexion", headers={"Accept-Language": "en"}).text
        assert "Sign in" in page, "pages are translated"
        [style] = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page)
        assert http.get(style).status_code == 200


def test_the_demonstration_runs_from_the_wheel(installed: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = run([str(installed / "miss"), "demo", "--once", "--out", str(out)], tmp_path, settings_of(tmp_path))
    assert "Tout s'est passé comme prévu" in said
    assert (out / "report.json").exists()
    assert sys.prefix not in said
