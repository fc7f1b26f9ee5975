"""What every system's module does."""

from PySide6.QtCore import QObject, Signal

from clients.desktop.state.global_key import GlobalKey


class Grabber(QObject):
    """Takes one key at a time from the whole machine."""

    pressed = Signal()
    """It was pressed, in whichever program."""

    def take(self, key: GlobalKey) -> bool:
        """Take it, in place of the one before; False if another program holds it, or the keyboard lacks it."""
        raise NotImplementedError

    def release(self) -> None:
        """Hold none; calling twice is harmless."""
        raise NotImplementedError
