"""XGrabKey on a real display without a screen (Xvfb), the keys pressed by xdotool."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QDeadlineTimer, QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from clients.desktop.state import facts as f
from clients.desktop.state.global_key import parse_global_key
from clients.desktop.state.model import Settings
from clients.desktop.views import window
from clients.desktop.views.dialogs.finding import JumpDialog
from clients.desktop.views.global_key import x11
from clients.desktop.views.global_key.holder import KeyHolder
from clients.desktop.views.global_key.x11 import X11Grabber
from tests.clients.desktop.values import STATE
from tests.clients.desktop.views.scene import Scene
from tests.conditions import WAIT_S, holds

pytestmark = pytest.mark.desktop
KEY, OTHER = parse_global_key("Ctrl+Alt+M"), parse_global_key("Meta+F9")


@pytest.fixture
def display(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A display of its own."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        name = f":{told.readline().strip()}"
    monkeypatch.setenv("DISPLAY", name)
    yield name
    server.terminate()
    server.wait(10)


@pytest.fixture
def grabber(app: QApplication, display: str) -> Iterator[X11Grabber]:
    made = X11Grabber.open()
    assert made is not None
    yield made
    made.release()
    made.close()


def press(*keys: str) -> None:
    subprocess.run(["xdotool", "key", *keys], check=True)


def until(app: QApplication, condition: Callable[[], object]) -> None:
    deadline, wake = QDeadlineTimer(int(WAIT_S * 1000)), QTimer()
    wake.start(20)
    while not holds(condition):
        assert not deadline.hasExpired(), "it did not happen"
        app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def test_it_is_heard_whatever_locks_are_on_and_until_it_is_let_go(app: QApplication, grabber: X11Grabber) -> None:
    heard: list[str] = []
    grabber.pressed.connect(lambda: heard.append("key"))
    assert grabber.take(KEY)
    press("ctrl+alt+m")
    until(app, lambda: len(heard) == 1)
    press("Num_Lock", "Caps_Lock", "ctrl+alt+m", "Num_Lock", "Caps_Lock")
    until(app, lambda: len(heard) == 2)
    assert grabber.take(OTHER), "in place of the one before"
    press("ctrl+alt+m", "super+F9")
    until(app, lambda: len(heard) == 3)
    grabber.release()
    grabber.release()
    assert grabber.take(OTHER)


def test_the_account_that_is_open_decides(app: QApplication, grabber: X11Grabber, tmp_path: Path) -> None:
    scene, heard, me = Scene(app, None, tmp_path), list[str](), STATE.me
    assert me is not None
    holder = KeyHolder(scene.desktop, grabber, lambda: heard.append("key"))
    scene.desktop.do(f.AccountOpened(me, Settings(global_key="Ctrl+Alt+M")))
    scene.settle()
    press("ctrl+alt+m")
    scene.until(lambda: heard == ["key"])
    another = X11Grabber.open()
    assert another is not None
    assert another.take(OTHER)
    scene.desktop.do(f.SettingsTold(Settings(global_key="Meta+F9")))
    scene.until(lambda: "Meta+F9" in scene.desktop.state.trouble)
    assert another.take(KEY), "it was let go"
    another.release()
    scene.desktop.do(f.SettingsTold(Settings(global_key="Ctrl+Alt+M")))
    scene.settle()
    scene.desktop.do(f.AccountClosed())
    scene.settle()
    assert another.take(KEY), "nobody's account is open"
    another.release()
    ways: tuple[Callable[[], object], ...] = (lambda: scene.desktop.do(f.DeviceOut(False, "revoked")), holder.end)
    for leave in ways:
        scene.desktop.do(f.AccountOpened(me, Settings(global_key="Ctrl+Alt+M")))
        scene.settle()
        assert not another.take(KEY)
        leave()
        scene.settle()
        assert another.take(KEY), "a device that is out holds none, nor does a program that ends"
        another.release()
    another.close()
    scene.end()


def test_errors_of_the_display_end_the_program_as_before(grabber: X11Grabber) -> None:
    chosen = grabber._xlib.XSetErrorHandler
    chosen(None)
    ends_the_program = chosen(None)
    assert grabber.take(KEY)
    assert chosen(None) == ends_the_program


def test_what_another_program_holds_is_not_taken_and_nothing_ends(app: QApplication, grabber: X11Grabber) -> None:
    another = X11Grabber.open()
    assert another is not None
    assert another.take(KEY)
    assert not grabber.take(KEY)
    another.release()
    assert grabber.take(KEY)
    another.close()


def test_who_is_refused_holds_nothing(app: QApplication, grabber: X11Grabber, monkeypatch: pytest.MonkeyPatch) -> None:
    another, third = X11Grabber.open(), X11Grabber.open()
    assert another is not None
    assert third is not None
    with monkeypatch.context() as careless:
        careless.setattr(x11, "LOCKS", (0,))  # a program that forgets Caps Lock and Num Lock
        assert another.take(KEY)
    assert not grabber.take(KEY)
    another.release()
    assert third.take(KEY)
    third.release()
    another.close()
    third.close()


def test_it_brings_the_window_and_asks_for_a_conversation(
    app: QApplication, grabber: X11Grabber, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "make_grabber", lambda: grabber)  # the windows of the tests stand on no display
    scene, asked, me = Scene(app, None, tmp_path), list[JumpDialog](), STATE.me
    assert me is not None
    scene.desktop.do(f.AccountOpened(me, Settings(global_key="Ctrl+Alt+M")))
    scene.settle()
    scene.window.hide()

    def look() -> None:
        for one in app.topLevelWidgets():
            if isinstance(one, JumpDialog) and one.isVisible():
                asked.append(one)
                one.reject()

    looking = QTimer(interval=20)
    looking.timeout.connect(look)
    looking.start()
    press("ctrl+alt+m")
    scene.until(lambda: asked)
    looking.stop()
    assert scene.window.isVisible()
    scene.end()
