"""Two starts: the second brings the first to the front, or asks it for a conversation, and ends."""

import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QProcess

from clients.desktop.views.dialogs.finding import JumpDialog
from clients.desktop.views.single import Single
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop
ROOT = Path(__file__).resolve().parents[4]


def start_again(scene: Scene, *words: str) -> int:
    """A real second start on the same folder; how it ended."""
    process = QProcess()
    process.setWorkingDirectory(str(ROOT))
    process.start(sys.executable, ["-m", "clients.desktop", "--home", str(scene.home), *words])
    scene.until(lambda: process.state() is QProcess.ProcessState.NotRunning)
    assert process.exitStatus() is QProcess.ExitStatus.NormalExit
    return process.exitCode()


def test_a_second_start_raises_the_first(scene: Scene) -> None:
    single = Single(scene.home)
    assert single.is_first
    single.called.connect(scene.window.reveal)
    scene.link(ANNE_MODELE)
    scene.with_colleague(PAUL_EXEMPLE)
    scene.window.hide()
    assert start_again(scene) == 0
    scene.until(lambda: scene.window.isVisible())

    seen: list[str] = []

    def look(dialog: JumpDialog) -> None:
        seen.append(dialog.found.item(0).text())
        dialog.reject()

    scene.window.hide()
    single.jump_wanted.connect(lambda: scene.in_dialog(JumpDialog, look))
    single.jump_wanted.connect(scene.window.jump)
    assert start_again(scene, "--jump") == 0
    scene.until(lambda: seen)
    assert seen == ["Paul EXEMPLE"]

    scene.desktop.lock()
    scene.window.jump()
    assert scene.window.isVisible()
    assert not [one for one in scene.app.topLevelWidgets() if isinstance(one, JumpDialog)], "nothing above a lock"
