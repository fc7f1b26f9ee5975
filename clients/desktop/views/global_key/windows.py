"""RegisterHotKey (user32): Windows posts WM_HOTKEY to this thread, and Qt's filter hears it first.

Written after the documentation of Windows; never run.
"""

import ctypes
import sys
from typing import Any, Final

from PySide6.QtCore import QAbstractNativeEventFilter, QByteArray, QCoreApplication

from clients.desktop.state.global_key import GlobalKey
from clients.desktop.views.global_key.grabber import Grabber

_ALT, _CONTROL, _SHIFT, _WIN, _NO_REPEAT = 1, 2, 4, 8, 0x4000
WM_HOTKEY: Final = 0x0312
HOTKEY: Final = 1
"""Our number for it; those of a program lie below 0xC000."""
_VK_SPACE, _VK_F1 = 0x20, 0x70


def virtual_key(key: GlobalKey) -> int:
    """Windows' number of the key."""
    if key.key == "Space":
        return _VK_SPACE
    return ord(key.key) if len(key.key) == 1 else _VK_F1 + int(key.key[1:]) - 1


def modifiers(key: GlobalKey) -> int:
    """What is held with it, without the repeats of a key that stays down."""
    return _ALT * key.alt | _CONTROL * key.ctrl | _SHIFT * key.shift | _WIN * key.meta | _NO_REPEAT


class _Filter(QAbstractNativeEventFilter):
    def __init__(self, grabber: "WindowsGrabber") -> None:
        super().__init__()
        self._grabber = grabber

    def nativeEventFilter(self, kind: QByteArray | bytes | bytearray | memoryview, message: int) -> Any:  # noqa: N802  # Qt's name
        if sys.platform == "win32" and bytes(kind) in (b"windows_generic_MSG", b"windows_dispatcher_MSG"):
            from ctypes import wintypes

            told = wintypes.MSG.from_address(int(message))
            if told.message == WM_HOTKEY and told.wParam == HOTKEY:
                self._grabber.pressed.emit()
        return False, 0


class WindowsGrabber(Grabber):
    """One hot key of this thread."""

    def __init__(self) -> None:
        super().__init__()
        self._is_held = False
        self._filter = _Filter(self)
        app = QCoreApplication.instance()
        if app is not None:
            app.installNativeEventFilter(self._filter)

    def take(self, key: GlobalKey) -> bool:
        self.release()
        if sys.platform == "win32":
            user32 = ctypes.WinDLL("user32")
            self._is_held = bool(user32.RegisterHotKey(None, HOTKEY, modifiers(key), virtual_key(key)))
        return self._is_held

    def release(self) -> None:
        if self._is_held and sys.platform == "win32":
            ctypes.WinDLL("user32").UnregisterHotKey(None, HOTKEY)
        self._is_held = False
