"""Every view, without a server: each control has a name for a screen reader, and all of it fits at 200 %."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QDialog, QScrollBar, QWidget

from clients.desktop.policy import Policy
from clients.desktop.state import facts as f
from clients.desktop.state.model import Loss, Release, Settings, Theme
from clients.desktop.sync.calls.values import Found
from clients.desktop.views import theme
from clients.desktop.views.dialogs.alarm import AlarmDialog
from clients.desktop.views.dialogs.directory import NewConversationDialog
from clients.desktop.views.dialogs.extract import ExtractDialog
from clients.desktop.views.dialogs.finding import JumpDialog, SearchDialog
from clients.desktop.views.dialogs.keys import KeysDialog
from clients.desktop.views.dialogs.losses import LossesDialog
from clients.desktop.views.dialogs.members import MembersDialog
from clients.desktop.views.dialogs.owner import DevicesDialog, RecoveryDialog
from clients.desktop.views.dialogs.receipts import ReceiptsDialog
from clients.desktop.views.dialogs.safety import SafetyDialog
from clients.desktop.views.dialogs.sending import SendFilesDialog
from clients.desktop.views.dialogs.settings import PinDialog, SettingsDialog
from clients.desktop.views.icons import _STROKES, pixmap
from clients.desktop.views.parts.composer import Picked
from clients.desktop.views.parts.faces import GROUNDS, initials
from clients.desktop.views.theme import CONTRAST, DARK, LIGHT
from miss.client.events import ConnectionState
from miss.client.model import DirectoryEntry, Presence
from tests.clients.desktop.values import CID, LONG, ME, NOW, OTHER, PAUL, STATE, message, thread
from tests.clients.desktop.views.scene import Scene
from tests.clients.desktop.views.test_dialogs import contrast
from tests.miss.client.files.test_photo import jpeg

pytestmark = pytest.mark.desktop
WIDTH_PX = 1240
"""Of a screen of 1280, for windows at 200 %."""


DIALOGS: dict[str, Callable[[Scene], QDialog]] = {
    "alarm": lambda scene: AlarmDialog(scene.desktop, scene.thread, "Kaliémie 6,8", scene.window),
    "new": lambda scene: NewConversationDialog(scene.desktop, scene.window),
    "extract": lambda scene: ExtractDialog(scene.desktop, scene.thread, scene.window),
    "jump": lambda scene: JumpDialog(scene.desktop, scene.window),
    "search": lambda scene: SearchDialog(scene.desktop, scene.window.work.pane, here=True, parent=scene.window),
    "keys": lambda scene: KeysDialog(scene.window),
    "losses": lambda scene: LossesDialog(scene.desktop, scene.window),
    "members": lambda scene: MembersDialog(scene.desktop, CID, scene.window),
    "devices": lambda scene: DevicesDialog(scene.desktop, scene.window),
    "recovery": lambda scene: RecoveryDialog(scene.desktop, scene.window),
    "receipts": lambda scene: ReceiptsDialog(scene.thread, scene.thread.messages[0], ME, scene.window),
    "safety": lambda scene: SafetyDialog(scene.desktop, PAUL, "Paul EXEMPLE", scene.window),
    "sending": lambda scene: SendFilesDialog(scene.desktop, CID, LONG, [Picked("a.jpg", jpeg())], scene.window),
    "settings": lambda scene: SettingsDialog(scene.desktop, scene.window),
    "pin": lambda scene: PinDialog(scene.desktop, scene.window),
}


def unnamed(root: QWidget) -> list[str]:
    """What a keyboard reaches and a screen reader cannot name."""
    found = []
    for widget in root.findChildren(QWidget):
        if widget.focusPolicy() is Qt.FocusPolicy.NoFocus or isinstance(widget, QScrollBar):
            continue
        if widget.objectName().startswith("qt_") or _is_inner(widget):
            continue
        said = QAccessible.queryAccessibleInterface(widget)
        if not said.text(QAccessible.Text.Name):
            found.append(f"{type(widget).__name__} in {type(widget.parent()).__name__}")
    return found


def _is_inner(widget: QWidget) -> bool:
    """Parts that Qt makes for itself: pages of tabs, insides of areas that scroll, lists that fall from a field."""
    kind, above = type(widget).__name__, widget.parent()
    is_fallen = isinstance(above.parent(), QComboBox) if isinstance(above, QWidget) else False
    return is_fallen or kind in {"QStackedWidget", "QWidget", "QTabBar", "QTabWidget"} or kind.endswith("Page")


def test_every_dialog_is_named_and_fits(told: Scene) -> None:
    found: list[str] = []
    theme.wear(told.app, Theme.DARK, 200)
    for name, make in DIALOGS.items():
        dialog = make(told)
        dialog.show()
        told.settle()
        found += [f"{name}: {one}" for one in unnamed(dialog)]
        assert dialog.windowTitle(), name
        assert dialog.minimumSizeHint().width() <= WIDTH_PX, f"{name} would not fit at 200 %"
        dialog.reject()
        told.settle()
    assert found == []


def test_every_page_is_named(told: Scene) -> None:
    for place in range(told.window.tabs.count()):
        told.window.tabs.setCurrentIndex(place)
        assert unnamed(told.window) == []
    assert [told.window.tabs.tabText(place) for place in range(2)] == ["Messages", "Téléexpertise (1)"]
    assert told.window.work.pane.title.text() == LONG
    told.window.tabs.setCurrentIndex(0)
    theme.wear(told.app, Theme.CONTRAST, 200)
    told.window.resize(told.window.minimumSize())
    told.settle()
    assert told.window.work.pane.title.width() < told.window.work.pane.title.fontMetrics().horizontalAdvance(LONG)
    assert told.window.work.pane.title.toolTip() == LONG, "what is cut is whole in its tip"


def test_what_stands_in_between_is_said_until_it_is_gone(told: Scene) -> None:
    banner, sentence = told.window.work.offline, "La connexion est ouverte en chemin par « CH »."
    for state, obstacle in ((ConnectionState.WAITING, sentence), (ConnectionState.CONNECTING, "")):
        told.desktop.do(f.ConnectionTold(state, "server_not_trusted", obstacle))
        told.settle()
        assert banner.text == sentence
    assert [one.text() for one in banner.buttons] == ["Réessayer"], "never « go on »"
    told.desktop.do(f.ConnectionTold(ConnectionState.OPEN))
    told.settle()
    assert not banner.isVisible()


def test_what_a_restore_has_lost_is_said_once_and_stays_in_its_list(told: Scene) -> None:
    theirs = Loss(CID, LONG, "Paul EXEMPLE", "Revoir lundi", NOW, restoration=1)
    mine = Loss(CID, LONG, "", "plaie.jpg", NOW, restoration=1, has_files=True)
    again = replace(mine, text="D’accord", has_files=False, resent=True)
    told.desktop.do(f.LossesTold((theirs, mine, again), seen=0))
    told.settle()
    banner = told.window.work.losses
    assert banner.isVisible()
    assert "2 messages ne s’y trouvent plus. 1 message repart de ce poste." in banner.text
    dialog = LossesDialog(told.desktop, told.window)
    dialog.show()
    lines = [dialog.list.item(place).text().split("\n") for place in range(3)]
    assert [line[0] for line in lines] == ["Revoir lundi", "plaie.jpg", "D’accord"]
    assert [line[1].split(" · ")[0] for line in lines] == ["Paul EXEMPLE", "Vous", "Vous"]
    assert lines[0][2].startswith("perdu, tant que")
    assert [line[2] for line in lines[1:]] == ["perdu\u00a0: renvoyez le fichier", "renvoyé"]
    assert not dialog.see.isEnabled()
    dialog.list.setCurrentRow(0)
    assert dialog.see.isEnabled()
    told.desktop.do(f.LossesSeen())
    told.desktop.do(f.LossesTold((theirs,), seen=1))
    told.settle()
    assert not banner.isVisible()
    assert dialog.list.count() == 1, "what is back is struck off"
    told.desktop.do(f.ConversationChosen(OTHER))
    dialog.list.setCurrentRow(0)
    dialog.go()
    assert not dialog.isVisible()
    assert told.desktop.state.chosen == CID


def test_the_notice_opens_the_list_and_is_closed(told: Scene) -> None:
    banner, opened = told.window.work.losses, list[str]()
    assert not told.window._losses.isVisible()
    told.desktop.do(f.LossesTold((Loss(CID, LONG, "", "Bonjour", NOW, restoration=3),), seen=0))
    told.settle()
    assert told.window._losses.isVisible(), "the menu has the list for as long as something is lost"

    def look(dialog: LossesDialog) -> None:
        opened.append(dialog.list.item(0).text())
        dialog.reject()

    told.in_dialog(LossesDialog, look)
    banner.buttons[0].click()
    assert [one.split("\n")[0] for one in opened] == ["Bonjour"]
    banner.buttons[1].click()
    told.settle()
    assert not banner.isVisible()
    assert told.desktop.state.losses_seen == 3


def test_it_is_said_as_soon_as_the_account_opens(app: QApplication, tmp_path: Path, faults: list[str]) -> None:
    scene, me = Scene(app, None, tmp_path), STATE.me
    assert me is not None
    scene.desktop.do(f.AccountOpened(me, Settings(language="fr")))
    scene.desktop.do(f.LossesTold((Loss(CID, LONG, "", "Bonjour", NOW, restoration=1),), seen=0))
    scene.desktop.do(f.ReleaseTold(Release("9.9.9")))
    scene.settle()
    assert scene.window.work.losses.isVisible(), "the pages were made anew for the account’s language meanwhile"
    assert scene.window.work.release.isVisible()
    scene.end()


def test_one_comes_to_the_first_unread_message_by_a_key(told: Scene) -> None:
    messages = tuple(message(seq) for seq in range(1, 60))
    told.desktop.do(f.ThreadTold(thread(*messages, read_seq=7)))
    told.settle()
    shown = told.window.work.pane.messages
    shown.scrollToBottom()
    QTest.keyClick(told.window, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    assert shown.current_message() == messages[7]
    assert shown.visualRect(shown.currentIndex()).intersects(shown.viewport().rect())


def test_whoever_is_away_is_told_with_the_last_day(told: Scene) -> None:
    away = DirectoryEntry(PAUL, "", "EXEMPLE", "Paul", "Médecin", "", "Annonay", away_until=date(2030, 1, 7))
    picker = NewConversationDialog(told.desktop, told.window).picker
    told.desktop.do(f.PresenceTold(PAUL, Presence.ON_DUTY))
    picker.show_found("", [Found(away, is_compared=False), Found(replace(away, away_until=None), is_compared=False)])
    lines = [picker.found.item(place).text().split("\n") for place in range(2)]
    assert lines[0] == [*lines[1], "Absence jusqu’au lundi 7 janvier 2030 inclus"]
    assert lines[1][-1] == "De garde"
    assert picker.found.item(0).flags() & Qt.ItemFlag.ItemIsEnabled, "they can be written to all the same"


def test_the_settings_end_with_their_buttons_on_a_small_screen(told: Scene) -> None:
    theme.wear(told.app, Theme.LIGHT, 200)
    dialog = SettingsDialog(told.desktop, told.window)
    dialog.show()
    told.settle()
    assert dialog.height() <= told.window.screen().availableSize().height()
    assert dialog.pin.visibleRegion().boundingRect().size() == dialog.pin.size()
    assert dialog.area.verticalScrollBar().maximum() > 0, "what is above them scrolls"
    dialog.reject()


def test_a_global_key_is_refused_where_other_programs_use_it(told: Scene) -> None:
    dialog = SettingsDialog(told.desktop, told.window)
    dialog.show()
    dialog.key.setKeySequence(QKeySequence("Ctrl+C"))
    dialog.save()
    assert "Ctrl, Alt ou Meta" in dialog.trouble.text()
    dialog.key.setKeySequence(QKeySequence("Ctrl+Alt+M"))
    dialog.reads.setChecked(False)
    assert dialog.chosen().global_key == "Ctrl+Alt+M"
    assert not dialog.chosen().tells_reading
    dialog.reject()
    told.desktop.do(f.SettingsTold(dialog.chosen()))
    again = SettingsDialog(told.desktop, told.window)
    assert not again.reads.isChecked()
    assert again.key.keySequence() == QKeySequence("Ctrl+Alt+M")
    again.reject()


def test_what_is_imposed_cannot_be_chosen(app: QApplication, tmp_path: Path, faults: list[str]) -> None:
    scene = Scene(app, None, tmp_path, Policy(global_key="Ctrl+Alt+M", report_folder="/srv/hprim"))
    dialog = SettingsDialog(scene.desktop, scene.window)
    assert not dialog.key.isEnabled()
    assert dialog.folder.isReadOnly()
    dialog.reject()
    scene.end()


def test_signs_and_faces(app: QApplication) -> None:
    empty = pixmap("plus", "#00000000", 24).toImage()
    for name in _STROKES:
        assert pixmap(name, "#000000", 24).toImage() != empty, name
    assert [initials(name) for name in ("Paul EXEMPLE", "Marie-Anne d’Été", "« ? »", "")] == ["PE", "MA", "•", "•"]
    for ground in GROUNDS:
        assert contrast("#ffffff", ground) >= 4.5
    for colours, least in ((LIGHT, 4.5), (DARK, 4.5), (CONTRAST, 7.0)):
        assert contrast(colours.on_chosen, colours.chosen) >= least
