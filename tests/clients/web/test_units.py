"""The client's own checks: types, unit tests, and two builds of the same sources that are the same bytes."""

import json
from pathlib import Path

import pytest

from miss.server.client.files import BUILT
from tests.clients.web.app_pages import node_run

pytestmark = pytest.mark.browser


def test_the_types_hold() -> None:
    node_run("node_modules/typescript/bin/tsc", "--noEmit")
    node_run("node_modules/typescript/bin/tsc", "--noEmit", "-p", "src/worker")


def test_the_unit_tests_pass() -> None:
    said = node_run("node_modules/vitest/vitest.mjs", "run", "--reporter=json")
    report = json.loads(said[said.index("{") :])
    assert report["numTotalTests"] > 0
    assert (report["numFailedTests"], report["numPendingTests"], report["numTodoTests"]) == (0, 0, 0)


def test_a_build_again_gives_the_same_bytes(tmp_path: Path) -> None:
    node_run("build.mjs", "--out", str(tmp_path / "again"))
    assert (tmp_path / "again" / "hashes.json").read_bytes() == (BUILT / "hashes.json").read_bytes()


def test_it_is_small_enough_for_a_telephone() -> None:
    """Every script, the WebAssembly, the styles and the page, compressed: 350 kB at most."""
    sent = [
        path
        for path in BUILT.rglob("*.gz")
        if path.name.removesuffix(".gz").endswith((".js", ".css", ".html", ".wasm"))
    ]
    assert len(sent) > 4
    assert sum(path.stat().st_size for path in sent) <= 350_000
