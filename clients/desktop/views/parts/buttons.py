"""Buttons that show a sign and say a name."""

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QPushButton, QToolButton

from clients.desktop.views.icons import SIGN_PX, sign
from clients.desktop.views.theme import colours, scale


class SignButton(QToolButton):
    """A sign that follows the colours that are worn."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._sign = name
        self.toggled.connect(lambda _on: self._draw())
        self._draw()

    def _draw(self) -> None:
        c, side = colours(), int(SIGN_PX * scale())
        self.setIconSize(QSize(side, side))
        self.setIcon(sign(self._sign, c.on_danger if self.isChecked() else c.text, c.faint))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()


class LabelledButton(QPushButton):
    """A word with its sign before it."""

    def __init__(self, name: str, text: str, role: str = "") -> None:
        super().__init__(text)
        self._sign = name
        if role:
            self.setProperty("role", role)
        self.toggled.connect(lambda _on: self._draw())
        self._draw()

    def _draw(self) -> None:
        c = colours()
        side = int(SIGN_PX * 0.8 * scale())
        self.setIconSize(QSize(side, side))
        is_filled = self.property("role") == "primary" or self.isChecked()
        self.setIcon(sign(self._sign, c.on_accent if is_filled else c.text, c.faint))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()


def tool(name: str, said: str, hint: str = "", *, checkable: bool = False, key: str = "") -> SignButton:
    """A small button: its sign, what a screen reader says, what a hovering mouse reads, its key."""
    button = SignButton(name)
    button.setAccessibleName(said)
    button.setToolTip(hint or said)
    button.setCheckable(checkable)
    if key:
        button.setShortcut(key)
    return button
