"""A key of the whole machine that asks for a conversation: one interface, a thin module for each system.

    x11.py        XGrabKey (Xlib Programming Manual §12.2)
    windows.py    RegisterHotKey
Wayland and macOS have neither: there the person binds a key of the system to `miss-desktop --jump`.  ADR 56
"""

import sys

from PySide6.QtGui import QGuiApplication

from clients.desktop.views.global_key.grabber import Grabber


def is_possible() -> bool:
    """Whether a program may take a key on this machine."""
    return sys.platform == "win32" or QGuiApplication.platformName() == "xcb"


def make_grabber() -> Grabber | None:
    """What takes keys on this machine; None where no program may."""
    if sys.platform == "win32":
        from clients.desktop.views.global_key.windows import WindowsGrabber

        return WindowsGrabber()
    if QGuiApplication.platformName() == "xcb":
        from clients.desktop.views.global_key.x11 import X11Grabber

        return X11Grabber.open()
    return None
