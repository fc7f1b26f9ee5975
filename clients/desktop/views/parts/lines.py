"""A list of lines in a dialog: they give way sideways, and an empty list says why it is empty."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QListWidget

from clients.desktop.views.theme import colours

_PAD_PX = 16


class Lines(QListWidget):
    """`name`: what a screen reader calls it; `empty`: what stands where there is nothing."""

    def __init__(self, name: str, empty: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._empty = ""
        self.say_empty(empty)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)

    def say_empty(self, text: str) -> None:
        """Why there is nothing, from now on."""
        self._empty = text
        self.setAccessibleDescription(text)
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        super().paintEvent(event)
        if self.count() or not self._empty:
            return
        painter = QPainter(self.viewport())
        painter.setPen(QColor(colours().faint))
        room = self.viewport().rect().adjusted(_PAD_PX, _PAD_PX, -_PAD_PX, -_PAD_PX)
        painter.drawText(room, int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap), self._empty)
        painter.end()
