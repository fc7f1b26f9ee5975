"""The layering contracts hold, and a deliberate violation makes them fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def _lint(folder: Path) -> "subprocess.CompletedProcess[str]":
    lint_imports = Path(sys.executable).with_name("lint-imports")
    environment = os.environ | {"PYTHONPATH": str(folder)}
    return subprocess.run(
        [lint_imports, "--no-cache"], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree that a test may spoil."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("miss", "movements", "teleexpertise", "forms", "clients/__init__.py", "clients/desktop"):
        if name.endswith(".py"):
            (folder / name).parent.mkdir()
            shutil.copy(ROOT / name, folder / name)
        else:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


def test_the_contracts_hold(house: Path) -> None:
    linted = _lint(house)
    assert linted.returncode == 0, linted.stdout


@pytest.mark.parametrize(
    ("module", "forbidden_import", "contract"),
    [
        ("miss/base/text.py", "import miss.protocol", "Rooms of miss"),
        ("teleexpertise/requests/parts.py", "import teleexpertise.intake.service", "Rooms of teleexpertise"),
        ("miss/broker/memory.py", "import teleexpertise", "does not know its services"),
        ("teleexpertise/dispatch/model.py", "import asyncio", "Pure rooms"),
        ("miss/protocol/session/server.py", "import time", "reads a clock"),
        ("teleexpertise/dispatch/service.py", "import teleexpertise.dispatch.tables", "Rows stay in their store"),
        ("teleexpertise/service.py", "import miss.directory.accounts.store", "public surface"),
        ("miss/client/client.py", "import miss.storage", "The client knows"),
        ("clients/desktop/sync/core.py", "import clients.desktop.views.window", "Rooms of the desktop client"),
        ("clients/desktop/state/reduce.py", "import asyncio", "What the desktop shows is pure"),
        ("clients/desktop/sync/pump.py", "from PySide6 import QtCore", "know no windows"),
        ("clients/desktop/store/desk.py", "from PySide6 import QtCore", "know no windows"),
        ("clients/desktop/views/window.py", "import miss.client.store", "windows touch values"),
        ("clients/desktop/sync/account.py", "import miss.directory", "Clients know the protocol"),
    ],
)
def test_a_violation_is_seen(house: Path, module: str, forbidden_import: str, contract: str) -> None:
    path = house / module
    original = path.read_text()
    path.write_text(f"{original}\n{forbidden_import}  # noqa\n")
    try:
        linted = _lint(house)
    finally:
        path.write_text(original)
    assert linted.returncode != 0
    assert any(contract in line and "BROKEN" in line for line in linted.stdout.splitlines()), linted.stdout
