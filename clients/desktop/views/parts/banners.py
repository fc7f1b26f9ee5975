"""What has to be seen above a conversation: no network, an alarm to answer for, keys that changed, what was missed."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget


class Banner(QFrame):
    """One sentence, and what may be done about it."""

    def __init__(self, role: str = "banner", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", role)
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(14, 6, 14, 6)
        self._layout.addWidget(self._label, 1)
        self._buttons: list[QPushButton] = []
        self._shown: object = None
        self.hide()

    def say(self, text: str, *acts: tuple[str, Callable[[], None]], key: object = None) -> None:
        """Show a sentence with buttons; an empty one hides the banner.  `key`: what tells it from the one before."""
        shown = (text, [label for label, _act in acts], key)
        if shown == self._shown:
            return
        self._shown = shown
        self._label.setText(text)
        self.setAccessibleName(text)
        for button in self._buttons:
            button.deleteLater()
        self._buttons = []
        for label, act in acts:
            button = QPushButton(label)
            button.clicked.connect(lambda _checked=False, act=act: act())
            self._layout.addWidget(button)
            self._buttons.append(button)
        self.setVisible(bool(text))

    @property
    def text(self) -> str:
        """What it says; empty while it is hidden."""
        return self._label.text()

    @property
    def buttons(self) -> list[QPushButton]:
        """What may be done about it, from left to right."""
        return self._buttons
