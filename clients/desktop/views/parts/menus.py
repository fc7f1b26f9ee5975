"""Menus that are opened where somebody asks for one."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu


def open_menu(menu: QMenu, place: QPoint) -> None:
    """Open it at a place of the screen; once it is closed it is let go of, with everything that its acts hold."""
    menu.exec(place)
    menu.deleteLater()
