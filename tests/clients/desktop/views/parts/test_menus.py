"""A menu goes when it is closed: a day at the desk opens hundreds, each of which would keep its conversation."""

import pytest
from PySide6.QtCore import QPoint, QTimer
from PySide6.QtGui import QAction, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop


def count(told: Scene) -> tuple[int, int]:
    """Menus and acts that are alive."""
    told.settle()
    return len(told.window.findChildren(QMenu)), len(told.window.findChildren(QAction))


def close() -> None:
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.actions()
    menu.close()


def test_nothing_is_left_of_a_menu_that_was_closed(told: Scene) -> None:
    work = told.window.work
    lines, rows, field = work.pane.messages.lines_model.lines, work.list.rows_model.rows, work.pane.composer.field
    before = count(told)
    for _again in range(5):
        QTimer.singleShot(0, close)
        work.pane.messages.asked.emit(lines[-1], QPoint(50, 50))
        QTimer.singleShot(0, close)
        work.list.asked.emit(rows[0], QPoint(50, 50))
        for reason in (QContextMenuEvent.Reason.Mouse, QContextMenuEvent.Reason.Keyboard):
            QTimer.singleShot(0, close)
            QApplication.sendEvent(field.viewport(), QContextMenuEvent(reason, QPoint(5, 5), QPoint(50, 50)))
    assert count(told) == before
