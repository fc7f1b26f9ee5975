"""A window for each conversation: the same state, one place to write, and the account's lock over all of them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from clients.desktop.views.apart import ConversationWindow
from clients.desktop.views.pages.unlock import UnlockPage
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.clients.desktop.desk import PIN
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop


def visible(scene: Scene) -> list[QWidget]:
    """Windows of conversations that somebody sees."""
    return [one for one in scene.app.topLevelWidgets() if isinstance(one, ConversationWindow) and one.isVisible()]


def unlock(scene: Scene) -> None:
    assert isinstance(scene.window.pages.currentWidget(), UnlockPage)
    scene.window.unlock.pin.setText(PIN)
    scene.window.unlock.submit()
    scene.until(lambda: scene.window.pages.currentWidget() is scene.window.tabs)


def test_one_conversation_in_its_own_window_until_the_lock(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    claire, other = scene.with_colleague(CLAIRE_TEMOIN)
    scene.colleagues.call(lambda: claire.send_text(other, "Ulcère de jambe"))
    scene.desktop.choose(cid)
    scene.until(lambda: scene.desktop.state.thread)
    QTest.keyClick(scene.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    scene.until(lambda: scene.desktop.state.thread_of(cid))
    assert scene.desktop.state.chosen is None, "what is written has one place only"
    own = scene.window.windows.open[cid]
    assert own.windowTitle() == "Paul EXEMPLE – MiSS"

    scene.desktop.choose(other)
    scene.until(lambda: scene.desktop.state.thread and scene.thread.messages)
    scene.colleagues.call(lambda: paul.send_text(cid, "Bonjour Anne"))
    scene.until(lambda: own.pane.messages.lines_model.place_of(1) is not None)
    assert scene.thread.cid == other, "the main window shows what it showed"
    own.activateWindow()
    scene.until(lambda: all(row.unread == 0 for row in scene.desktop.state.rows if row.cid == cid))
    assert scene.window.windows.is_watched(cid)
    assert not scene.window.windows.is_watched(other)

    field = own.pane.composer.field
    QTest.keyClicks(field, "Bien recue")
    QTest.keyClick(field, Qt.Key.Key_Return)
    scene.until(lambda: scene.heard_by(paul, cid)[-1] == "Bien recue" and own.pane.messages.lines_model.place_of(2))
    QTest.keyClick(field, Qt.Key.Key_Up)
    scene.settle()
    assert field.toPlainText() == "Bien recue", "one edits where one is"
    assert scene.window.work.pane.composer.field.toPlainText() == ""

    scene.desktop.choose(cid)
    scene.settle()
    assert scene.thread.cid == other, "choosing it again brings its window to the front"
    own.pane.go_to(other, 1)
    scene.until(lambda: scene.window.work.pane.messages.current_message() is not None)

    scene.desktop.lock()
    scene.settle()
    assert visible(scene) == []
    unlock(scene)
    assert visible(scene) == [own]

    own.close()
    scene.until(lambda: not scene.desktop.state.windows)
    assert scene.window.windows.open == {}
    scene.desktop.choose(cid)
    scene.until(lambda: scene.desktop.state.thread and scene.thread.cid == cid)


def test_another_account_finds_no_window_of_the_one_before(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    _paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    scene.desktop.open_apart(cid)
    scene.until(lambda: scene.desktop.state.thread_of(cid))
    scene.window.windows.open[cid].pane.composer.field.setPlainText("À finir plus tard")
    scene.desktop.switch()
    assert visible(scene) == [], "at once, before the account has closed"
    scene.until(lambda: scene.desktop.state.me is None)
    assert visible(scene) == []
    assert scene.window.windows.open == {}
    unlock(scene)
    scene.until(lambda: scene.desktop.state.rows)
    assert visible(scene) == []
    assert scene.desktop.state.rows[0].has_draft, "what was begun there is kept"
