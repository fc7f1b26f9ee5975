"""From the letter to a conversation, through the windows."""

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from clients.desktop.state import facts as f
from clients.desktop.state.model import Settings
from clients.desktop.state.reading import MessageLine
from clients.desktop.views.pages.link import LinkPage
from clients.desktop.views.pages.unlock import UnlockPage
from miss.directory.sample.people import ANNE_MODELE, PAUL_EXEMPLE
from tests.clients.desktop.desk import PIN
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop


def test_a_letter_a_conversation_a_lock(scene: Scene) -> None:
    assert isinstance(scene.window.pages.currentWidget(), LinkPage)
    scene.link(ANNE_MODELE)
    assert scene.window.pages.currentWidget() is scene.window.tabs

    paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    scene.colleagues.call(lambda: paul.send_text(cid, "Bonjour <b>Anne</b>"))
    scene.until(lambda: scene.desktop.state.rows[0].unread == 1)
    scene.desktop.choose(cid)
    pane = scene.window.work.pane
    scene.until(lambda: scene.desktop.state.thread and scene.thread.messages)
    scene.until(lambda: scene.desktop.state.rows[0].unread == 0)  # it was in front of somebody
    assert pane.title.text() == "Paul EXEMPLE"

    field = pane.composer.field
    QTest.keyClicks(field, "Bien")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "recue")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert field.toPlainText() == ""
    scene.until(lambda: len(scene.thread.messages) == 2)
    scene.until(lambda: scene.heard_by(paul, cid)[-1] == "Bien\nrecue")

    QTest.keyClick(field, Qt.Key.Key_Up)
    scene.settle()
    assert field.toPlainText() == "Bien\nrecue"
    field.setPlainText("Bien reçue")
    QTest.keyClick(field, Qt.Key.Key_Return)
    scene.until(lambda: scene.thread.messages[-1].text == "Bien reçue")
    last = pane.messages.lines_model.lines[-1]
    assert isinstance(last, MessageLine)
    assert last.message.versions[0].text == "Bien\nrecue"

    field.setPlainText("À finir plus tard")
    scene.desktop.lock()
    scene.settle()
    assert isinstance(scene.window.pages.currentWidget(), UnlockPage)
    unlock = scene.window.unlock
    unlock.pin.setText("faux-code-du-tout")
    unlock.submit()
    scene.until(lambda: "bon code" in unlock.trouble.text())
    unlock.pin.setText(PIN)
    unlock.submit()
    scene.until(lambda: scene.window.pages.currentWidget() is scene.window.tabs)
    assert field.toPlainText() == "À finir plus tard"


def held(told: Scene) -> int:
    """Menus and acts that Python still holds, whether they live or not."""
    told.settle()
    gc.collect()
    return sum(type(one) in (QMenu, QAction) for one in gc.get_objects())


def test_another_language_leaves_nothing_of_the_menus_before(told: Scene) -> None:
    def speak(*languages: str) -> int:
        for language in languages:
            told.desktop.do(f.SettingsTold(Settings(language=language)))
            told.settle()
        return held(told)

    assert speak("en", "fr", "en", "fr") == speak("en", "fr")
