"""The window is there before what only an open account needs: HTTP, WebSocket, both stores, pictures."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.desktop
ROOT = Path(__file__).resolve().parents[3]
LATER = ("httpx", "websockets", "sqlcipher3", "PIL", "segno", "miss.client.client", "clients.desktop.sync.account")


def test_the_window_is_imported_without_the_client() -> None:
    start = "import sys, clients.desktop.__main__, clients.desktop.views.window"
    asked = f"{start}\nprint([one for one in {LATER} if one in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == "[]"
