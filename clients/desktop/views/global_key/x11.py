"""XGrabKey, over a connection of its own to the display: Qt's stays as it is, and ends when this one does.

Xlib by ctypes: Qt's own X11 plugin needs the library already, and the packages that wrap it are not kept.
"""

import ctypes
from ctypes import CFUNCTYPE, POINTER, Structure, byref, c_char_p, c_int, c_long, c_uint, c_ulong, c_void_p
from typing import Final

from PySide6.QtCore import QSocketNotifier

from clients.desktop.state.global_key import GlobalKey
from clients.desktop.views.global_key.grabber import Grabber

_SHIFT, _LOCK, _CONTROL, _MOD1, _MOD2, _MOD4 = 1, 2, 4, 8, 16, 64
LOCKS: Final = (0, _LOCK, _MOD2, _LOCK | _MOD2)
"""A grab names every modifier: Caps Lock and Num Lock may be on."""
_KEY_PRESS: Final = 2
_GRAB_ASYNC: Final = 1
_OnError = CFUNCTYPE(c_int, c_void_p, c_void_p)


class _Event(Structure):
    """XEvent, a union of 24 longs that begins with its type."""

    _fields_ = (("type", c_int), ("pad", c_long * 24))


class X11Grabber(Grabber):
    """Grabs on the root window."""

    def __init__(self, xlib: ctypes.CDLL, display: int) -> None:
        super().__init__()
        self._xlib = xlib
        self._display = c_void_p(display)
        self._root = xlib.XDefaultRootWindow(self._display)
        self._held: tuple[int, int] | None = None
        self._notifier = QSocketNotifier(xlib.XConnectionNumber(self._display), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._hear)

    @classmethod
    def open(cls) -> "X11Grabber | None":
        """Connect to the display; None if it cannot be."""
        try:
            xlib = ctypes.CDLL("libX11.so.6")
        except OSError:
            return None
        for name, result, arguments in (
            ("XOpenDisplay", c_void_p, (c_char_p,)),
            ("XCloseDisplay", c_int, (c_void_p,)),
            ("XDefaultRootWindow", c_ulong, (c_void_p,)),
            ("XConnectionNumber", c_int, (c_void_p,)),
            ("XStringToKeysym", c_ulong, (c_char_p,)),
            ("XKeysymToKeycode", ctypes.c_ubyte, (c_void_p, c_ulong)),
            ("XGrabKey", c_int, (c_void_p, c_int, c_uint, c_ulong, c_int, c_int, c_int)),
            ("XUngrabKey", c_int, (c_void_p, c_int, c_uint, c_ulong)),
            ("XSync", c_int, (c_void_p, c_int)),
            ("XPending", c_int, (c_void_p,)),
            ("XNextEvent", c_int, (c_void_p, POINTER(_Event))),
            ("XSetErrorHandler", c_void_p, (c_void_p,)),
        ):
            function = getattr(xlib, name)
            function.restype, function.argtypes = result, arguments
        display = xlib.XOpenDisplay(None)
        return cls(xlib, display) if display else None

    def take(self, key: GlobalKey) -> bool:
        self.release()
        name = key.key.lower() if len(key.key) == 1 or key.key == "Space" else key.key
        code = self._xlib.XKeysymToKeycode(self._display, self._xlib.XStringToKeysym(name.encode()))
        if not code:
            return False
        held = _CONTROL * key.ctrl | _MOD1 * key.alt | _SHIFT * key.shift | _MOD4 * key.meta
        self._held = code, held
        errors: list[int] = []
        # The handler is the process's: for these calls only, as Xlib's own ends the program.

        def note(_display: int, _error: int) -> int:
            errors.append(1)
            return 0

        handler = _OnError(note)
        before = self._xlib.XSetErrorHandler(ctypes.cast(handler, c_void_p))
        for lock in LOCKS:
            self._xlib.XGrabKey(self._display, code, held | lock, self._root, 0, _GRAB_ASYNC, _GRAB_ASYNC)
        self._xlib.XSync(self._display, 0)
        self._xlib.XSetErrorHandler(before)
        if errors:
            self.release()
        return not errors

    def release(self) -> None:
        if self._held is not None:
            code, held = self._held
            for lock in LOCKS:
                self._xlib.XUngrabKey(self._display, code, held | lock, self._root)
            self._xlib.XSync(self._display, 0)
            self._held = None

    def close(self) -> None:
        """Leave the display; nothing may be asked of it afterwards."""
        self._notifier.setEnabled(False)
        self._xlib.XCloseDisplay(self._display)

    def _hear(self) -> None:
        event = _Event()
        while self._xlib.XPending(self._display):
            self._xlib.XNextEvent(self._display, byref(event))
            if event.type == _KEY_PRESS:
                self.pressed.emit()
