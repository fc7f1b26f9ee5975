"""Windows without a screen, over the real server, which runs in a thread of its own.

These tests need PySide6's system libraries: they carry the mark `desktop`.  Where the first tier leaves that mark
out, they are not even collected, as importing Qt would fail on a machine without them.
"""

import asyncio
import os
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

from miss.client import Client
from tests.miss.client.chat_server import ChatServer, running

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tests.clients.desktop.views.scene import Scene

T = TypeVar("T")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Not collected where the mark is left out."""
    is_left_out = "not desktop" in (config.option.markexpr or "")
    return True if is_left_out and collection_path.name.startswith("test_") else None


@pytest.fixture(scope="session")
def app() -> Iterator["QApplication"]:
    from PySide6.QtWidgets import QApplication

    from clients.desktop.views.collecting import Collector

    found = QApplication.instance()
    made = found if isinstance(found, QApplication) else QApplication([])
    collector = Collector()
    yield made
    collector.end()


class ServerThread:
    """The chat server, and colleagues who write from elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._clients: dict[str, tuple[Client, Any]] = {}
        self.server: ChatServer

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the server's loop, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def call(self, work: Callable[[], T]) -> T:
        """The same for what is done at once."""

        async def once() -> T:
            return work()

        return self.run(once())

    def start(self) -> None:
        self._thread.start()
        self._running = running(self._folder)
        self.server = self.run(self._running.__aenter__())

    def online(self, rpps: str) -> Client:
        """The client of a colleague, caught up."""
        if rpps not in self._clients:
            self.run(self.server.link_everybody(rpps))
            entering = self.server.online(rpps)
            self._clients[rpps] = (self.run(entering.__aenter__()), entering)
        return self._clients[rpps][0]

    def stop(self) -> None:
        for _client, entering in self._clients.values():
            self.run(entering.__aexit__(None, None, None))
        self.run(self._running.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()


@pytest.fixture
def colleagues(tmp_path: Path) -> Iterator[ServerThread]:
    (tmp_path / "server").mkdir()
    server = ServerThread(tmp_path / "server")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def faults() -> Iterator[list[str]]:
    """What Qt warned of and what was raised in a slot: a test that leaves any has failed."""
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    heard: list[str] = []

    def note(kind: QtMsgType, _context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and "This plugin does not support" not in text:
            heard.append(text)

    before_hook = sys.excepthook
    sys.excepthook = lambda kind, error, _trace: heard.append(f"{kind.__name__}: {error}")
    before = qInstallMessageHandler(note)
    yield heard
    qInstallMessageHandler(before)
    sys.excepthook = before_hook
    assert heard == []


@pytest.fixture
def scene(app: "QApplication", colleagues: ServerThread, tmp_path: Path, faults: list[str]) -> Iterator["Scene"]:
    """A window on an empty machine, and the server."""
    from tests.clients.desktop.views.scene import Scene

    scene = Scene(app, colleagues, tmp_path / "desk")
    yield scene
    scene.end()


@pytest.fixture
def told(app: "QApplication", tmp_path: Path, faults: list[str]) -> Iterator["Scene"]:
    """A window without a server, to which facts are told by hand."""
    from clients.desktop.state import facts as f
    from clients.desktop.state.cases import Case, Cases
    from clients.desktop.state.model import Settings, Theme
    from clients.desktop.views import theme
    from tests.clients.desktop.values import CID, LONG, OTHER, STATE, message, row, thread
    from tests.clients.desktop.views.scene import Scene

    scene = Scene(app, None, tmp_path)
    assert STATE.me is not None
    scene.desktop.do(f.AccountOpened(STATE.me, Settings()))
    scene.desktop.do(f.RowsTold((row(), row(OTHER, LONG, unread=128, muted=True, pinned=True))))
    scene.desktop.do(f.ConversationChosen(CID))
    scene.desktop.do(f.ThreadTold(thread(message(1), message(2), title=LONG)))
    scene.desktop.do(f.CasesTold(Cases((Case("TE26000001", LONG, "assigned", "À accepter"),), is_read=True)))
    scene.settle()
    yield scene
    theme.wear(app, Theme.LIGHT, 100)
    scene.end()
