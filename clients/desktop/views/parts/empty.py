"""What stands where there is nothing yet: a sign, and what to do about it."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from clients.desktop.views.icons import pixmap
from clients.desktop.views.theme import colours

_SIDE_PX = 48


class Empty(QWidget):
    """A sign above a sentence, in the middle."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        self._sign = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._words = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._words.setProperty("role", "faint")
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(12)
        column.addStretch(2)
        column.addWidget(self._sign)
        column.addWidget(self._words)
        column.addStretch(3)
        self._draw()

    def say(self, text: str) -> None:
        """Why there is nothing, and what to do."""
        self._words.setText(text)

    @property
    def text(self) -> str:
        """What it says."""
        return self._words.text()

    def _draw(self) -> None:
        self._sign.setPixmap(pixmap(self._name, colours().faint, _SIDE_PX, self.devicePixelRatioF()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
