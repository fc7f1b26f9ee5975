"""One MiSS for each folder: a second start brings the first to the front and ends.

The sealed store refuses a second process by itself; this is so that a person is not told an error for a double click.
A second start may also say what it is for: `miss-desktop --jump`, bound to a key of the machine, asks the first for a
conversation from within any other program.
"""

import hashlib
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

CALL_MS: Final = 500
JUMP: Final = b"jump"
SHOW: Final = b"show"
_MOST_BYTES: Final = 16


class Single(QObject):
    """Listens for other starts, or has called the one that listens."""

    called = Signal()
    """The window is wanted."""
    jump_wanted = Signal()
    """Somebody wants to go to a conversation."""

    def __init__(self, home: Path, *, is_jump: bool = False) -> None:
        """`is_jump`: what this start asks of the one that runs already."""
        super().__init__()
        name = "miss-" + hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:24]
        self.is_first = not _call(name, JUMP if is_jump else SHOW)
        self._server = QLocalServer(self)
        if self.is_first:
            self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            QLocalServer.removeServer(name)  # left by a crash: nobody answered
            self._server.listen(name)
            self._server.newConnection.connect(self._answer)

    def _answer(self) -> None:
        while self._server.hasPendingConnections():
            socket = self._server.nextPendingConnection()
            socket.readyRead.connect(lambda socket=socket: self._hear(socket))
            socket.disconnected.connect(socket.deleteLater)
            if socket.bytesAvailable():
                self._hear(socket)

    def _hear(self, socket: QLocalSocket) -> None:
        said = bytes(socket.read(_MOST_BYTES).data())
        if said:
            (self.jump_wanted if said == JUMP else self.called).emit()


def _call(name: str, word: bytes) -> bool:
    socket = QLocalSocket()
    socket.connectToServer(name)
    found = socket.waitForConnected(CALL_MS)
    if found:
        socket.write(word)
        socket.waitForBytesWritten(CALL_MS)
    socket.disconnectFromServer()
    return found
