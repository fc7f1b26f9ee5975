"""A page with one thing to do: a card in the middle, under the sign of MiSS."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from clients.desktop.views.theme import scale
from clients.desktop.views.tray import icon

_SIGN_PX = 44
MOST_PX = 620


class Card(QScrollArea):
    """Scrolls where the window is small; `column` holds what there is to do, `trouble` is its sentence to place."""

    def __init__(self, title: str, under: str = "") -> None:
        super().__init__()
        self.setWidgetResizable(True)
        card = self._card = QFrame()
        card.setProperty("role", "card")
        self._fit()
        self.column = QVBoxLayout(card)
        self.column.setContentsMargins(28, 24, 28, 24)
        self.column.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(14)
        shown = QLabel()
        shown.setPixmap(icon().pixmap(_SIGN_PX, _SIGN_PX))
        words = QVBoxLayout()
        words.setSpacing(2)
        for text, role in ((title, "title"), (under, "faint")):
            if text:
                label = QLabel(text, wordWrap=True)
                label.setProperty("role", role)
                words.addWidget(label)
        head.addWidget(shown, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(words, 1)
        self.column.addLayout(head)
        self.trouble = QLabel(wordWrap=True)
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        middle = QWidget()
        line = QHBoxLayout(middle)
        line.setContentsMargins(16, 24, 16, 24)
        line.addStretch(1)
        line.addWidget(card, 8, Qt.AlignmentFlag.AlignVCenter)
        line.addStretch(1)
        self.setWidget(middle)

    def _fit(self) -> None:
        self._card.setMaximumWidth(int(MOST_PX * scale()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def say(self, sentence: str, *, is_trouble: bool = False) -> None:
        """Where what was asked for stands, or what went wrong with it."""
        self.trouble.setProperty("role", "trouble" if is_trouble else "faint")
        self.trouble.style().polish(self.trouble)
        self.trouble.setText(sentence)
