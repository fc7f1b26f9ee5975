"""What the core answers to somebody who has left the screen meanwhile."""

import json

import pytest
from PySide6.QtWidgets import QLineEdit

from clients.desktop.store.lock import FILE_NAME
from clients.desktop.views.dialogs.directory import NewConversationDialog
from clients.desktop.views.dialogs.settings import PinDialog
from clients.desktop.views.parts.late import while_there
from miss.directory.sample.people import ANNE_MODELE
from tests.clients.desktop.desk import PIN
from tests.clients.desktop.views.scene import Scene

pytestmark = pytest.mark.desktop
ANOTHER_PIN = "un-autre-code-42"


def test_only_who_is_there_is_told(told: Scene) -> None:
    field, heard = QLineEdit(), list[str]()
    tell = while_there(field, heard.append)
    tell("one")
    field.deleteLater()
    told.settle()
    tell("two")
    assert heard == ["one"]


def test_the_page_that_asked_for_an_account_may_go_before_it_opens(scene: Scene) -> None:
    scene.ask_to_link(ANNE_MODELE)
    scene.window._build()  # as another language does
    scene.settle()
    scene.until(lambda: scene.desktop.state.is_synced)
    scene.hear_out()


def test_a_closed_dialog_is_not_answered(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    [profile] = scene.profiles.list_()

    def wrapped() -> str:
        return str(json.loads((profile.folder / FILE_NAME).read_bytes())["wrapped"])

    before = wrapped()
    people = NewConversationDialog(scene.desktop, scene.window)
    people.show()
    people.picker.field.setText("EXEMPLE")
    people.picker.field.returnPressed.emit()
    people.reject()
    scene.settle()
    code = PinDialog(scene.desktop, scene.window)
    code.show()
    for field, text in ((code.old, PIN), (code.new, ANOTHER_PIN), (code.again, ANOTHER_PIN)):
        field.setText(text)
    code.change()
    code.reject()
    scene.settle()
    scene.until(lambda: wrapped() != before)
    checked: list[str] = []
    scene.desktop.core.check_pin(profile, ANOTHER_PIN, lambda: checked.append("right"), checked.append)
    scene.until(lambda: checked)  # it takes as long as the change did: that one has been answered
    assert checked == ["right"]
    scene.hear_out()
