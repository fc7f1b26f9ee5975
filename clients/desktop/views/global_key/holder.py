"""Holds the key that the open account chose, and says when it cannot be had."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from clients.desktop.state import facts as f
from clients.desktop.state.global_key import parse_global_key
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.global_key.grabber import Grabber
from clients.desktop.words import _


class KeyHolder(QObject):
    """None is held while no account is open."""

    def __init__(self, desktop: Desktop, grabber: Grabber | None, act: Callable[[], None]) -> None:
        super().__init__()
        self._desktop = desktop
        self._grabber = grabber
        self._followed = ""
        if grabber is not None:
            grabber.pressed.connect(act)
            desktop.changed.connect(self.refresh)

    def refresh(self) -> None:
        """Take what is chosen now."""
        state = self._desktop.state
        wanted = state.settings.global_key if state.me is not None else ""
        if self._grabber is None or wanted == self._followed:
            return
        self._followed = wanted
        if not wanted:
            self._grabber.release()
        elif not self._grabber.take(parse_global_key(wanted)):
            sentence = _(
                "La touche {key} est prise par un autre programme : choisissez-en une autre dans les réglages."
            )
            self._desktop.do(f.Troubled(sentence.format(key=wanted)))

    def end(self) -> None:
        """The program ends."""
        if self._grabber is not None:
            self._grabber.release()
