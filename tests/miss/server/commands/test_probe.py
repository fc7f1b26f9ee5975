"""`miss probe` as a monitor calls it."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_probe_without_its_devices_says_what_to_do(tmp_path: Path) -> None:
    environment = os.environ | {"MISS_DATA_DIR": str(tmp_path / "var")}
    command = [sys.executable, "-c", "from miss.server.cli import main; main()", "probe", "--json", "--language", "en"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 3, "unknown: nothing was found out"
    assert done.stdout == ""
    assert "miss probe prepare" in done.stderr
    assert str(tmp_path / "var" / "probe") in done.stderr
