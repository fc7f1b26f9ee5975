"""What stands for a person or a group where there is no photo: initials on a colour that stays theirs."""

from typing import Final
from zlib import crc32

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen
from PySide6.QtWidgets import QWidget

from clients.desktop.views.theme import CONTRAST, colours, scale

GROUNDS: Final = ("#0b6e6e", "#7a4b9c", "#9c4545", "#2c68a8", "#4f7024", "#86570f", "#a83668", "#4a5f73")
"""White can be read on each (WCAG 2.1 AA)."""


def initials(name: str) -> str:
    """« PE » for Paul EXEMPLE; one letter where there is one word."""
    words = [word for word in name.replace("’", " ").replace("-", " ").split() if word[0].isalnum()]
    letters = [words[0][0], *([words[1][0]] if len(words) > 1 else [])] if words else ["•"]
    return "".join(letters).upper()


def paint_face(painter: QPainter, place: QRectF, name: str, key: bytes) -> None:
    """A disc with initials; `key`: what the colour follows, so that a change of name keeps it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if colours() is CONTRAST:
        painter.setBrush(QColor("#000000"))
        painter.setPen(QPen(QColor("#ffffff"), 2))
    else:
        painter.setBrush(QColor(GROUNDS[crc32(key) % len(GROUNDS)]))
        painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(place)
    font = QFont(painter.font())
    font.setPixelSize(max(8, int(place.height() * 0.38)))
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor("#ffffff"))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), initials(name))
    painter.restore()


class Face(QWidget):
    """The disc as a widget; a screen reader has the name beside it."""

    def __init__(self, side_px: int) -> None:
        super().__init__()
        self._side_px = side_px
        self._name, self._key = "", b""
        self._fit()

    def _fit(self) -> None:
        side = int(self._side_px * min(scale(), 1.5))
        self.setFixedSize(side, side)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def show_face(self, name: str, key: bytes) -> None:
        """Of somebody else."""
        if (name, key) != (self._name, self._key):
            self._name, self._key = name, key
            self.update()

    def paintEvent(self, _event: object) -> None:  # noqa: N802  # Qt's name
        painter = QPainter(self)
        paint_face(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self._name, self._key)
        painter.end()
