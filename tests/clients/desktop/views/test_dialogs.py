"""What opens above the page: people, members, alarms, files, searches, settings."""

from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog

from clients.desktop.state.marks import MarkKind
from clients.desktop.state.model import NoticeLevel, Theme
from clients.desktop.state.reading import AlarmStanding, alarm_standing
from clients.desktop.views.dialogs.alarm import AlarmDialog
from clients.desktop.views.dialogs.directory import NewConversationDialog
from clients.desktop.views.dialogs.finding import JumpDialog, SearchDialog
from clients.desktop.views.dialogs.members import MembersDialog
from clients.desktop.views.dialogs.owner import DevicesDialog, RecoveryDialog
from clients.desktop.views.dialogs.receipts import ReceiptsDialog
from clients.desktop.views.dialogs.safety import SafetyDialog
from clients.desktop.views.dialogs.sending import SendFilesDialog
from clients.desktop.views.dialogs.settings import SettingsDialog
from clients.desktop.views.dialogs.viewer import PhotoViewer
from clients.desktop.views.parts.canvas import paint_marks
from clients.desktop.views.parts.composer import Picked, picked_from
from clients.desktop.views.theme import CONTRAST, DARK, LIGHT, Colours
from miss.directory.sample.people import ANNE_MODELE, CLAIRE_TEMOIN, PAUL_EXEMPLE
from tests.clients.desktop.views.scene import Scene
from tests.miss.client.files.test_photo import jpeg

pytestmark = pytest.mark.desktop


def open_thread(scene: Scene, cid: bytes) -> None:
    scene.desktop.choose(cid)  # type: ignore[arg-type]
    scene.until(lambda: scene.desktop.state.thread and scene.thread.cid == cid)


def test_people_members_words_and_an_alarm(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    paul = scene.colleagues.online(PAUL_EXEMPLE)

    dialog = NewConversationDialog(scene.desktop, scene.window)
    dialog.show()
    dialog.picker.field.setText("EXEMPLE")
    scene.until(lambda: dialog.picker.found.count() == 1)
    dialog.picker.found.setCurrentRow(0)
    assert "identité certifiée" in dialog.picker.found.item(0).text()
    dialog.take()
    dialog.take()
    assert dialog.people.count() == 1, "once each"
    dialog.name.setText("Plaie du talon")
    dialog.begin()
    scene.until(lambda: scene.desktop.state.thread)
    thread = scene.desktop.state.thread
    assert thread is not None
    assert thread.is_admin

    members = MembersDialog(scene.desktop, thread.cid, scene.window)
    members.show()
    assert members.members.count() == 2
    [row] = [place for place in range(2) if "Paul" in members.members.item(place).text()]
    members.members.setCurrentRow(row)
    assert members.remove.isEnabled()
    members.reject()

    safety = SafetyDialog(scene.desktop, paul.uid, "Paul EXEMPLE", scene.window)
    safety.show()
    scene.until(lambda: safety.words.text() != "…")
    me = scene.desktop.state.me
    assert me is not None
    # Paul knows nobody's keys before the conversation has reached him.
    scene.until(lambda: scene.colleagues.call(lambda: paul.conversations()))
    theirs = scene.colleagues.call(lambda: paul.contacts.safety_words(me.uid))
    assert safety.words.text().split() == list(theirs)
    safety.same.click()
    scene.until(lambda: "comparé ces clés" in safety.standing.text() and "✔✔" in safety.standing.text())
    safety.reject()
    scene.until(lambda: scene.desktop.state.thread and paul.uid in scene.thread.verified)

    alarm = AlarmDialog(scene.desktop, thread, "Kaliémie 6,8 mmol/L", scene.window)
    alarm.show()
    alarm.next.item(0).setCheckState(Qt.CheckState.Checked)
    alarm.send()
    scene.until(lambda: scene.desktop.state.thread and any(one.alarm for one in scene.thread.messages))
    [raised] = [one for one in scene.thread.messages if one.alarm]
    assert alarm_standing(raised, me.uid) is AlarmStanding.FOLLOW
    assert scene.window.work.alarms.text == "", "one's own alarm is not one's own to answer"


def test_somebody_who_has_just_come_can_be_written_to(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    dialog = NewConversationDialog(scene.desktop, scene.window)
    dialog.show()
    picker = dialog.picker
    picker.field.setText("EXEMPLE")
    scene.until(lambda: picker.found.count() == 1)
    assert "pas encore sur MiSS" in picker.found.item(0).text()
    scene.colleagues.online(PAUL_EXEMPLE)
    picker.field.returnPressed.emit()
    scene.until(lambda: picker.found.count() == 1 and "identité certifiée" in picker.found.item(0).text())
    picker.found.setCurrentRow(0)
    dialog.begin()
    scene.until(lambda: scene.desktop.state.thread)


def test_an_alarm_of_somebody_else_is_answered_from_the_banner(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    by = scene.desktop.clock.now()
    scene.colleagues.call(lambda: paul.send_alarm(cid, "Kaliémie 6,8", ack_by=by + timedelta(minutes=30)))
    banner = scene.window.work.alarms
    scene.until(lambda: banner.isVisible())
    assert "Paul EXEMPLE" in banner.text
    assert "Kaliémie" not in banner.text, "the banner stands above every conversation"
    banner.buttons[1].click()
    scene.until(lambda: not banner.isVisible())
    scene.until(lambda: not scene.colleagues.call(lambda: paul.open_alarms()))


def mark_by_keyboard(dialog: SendFilesDialog) -> None:
    """A blur, an arrow that is taken back, and one stroke of the mouse."""
    canvas, nothing = dialog.canvas, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    assert dialog.said.text() == "Flouter, marque 1 sur 1"
    QTest.keyClick(canvas, Qt.Key.Key_Left)
    QTest.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    [mark] = canvas.drawing.marks
    assert (round(mark.begin.x, 2), round(mark.end.y, 2)) == (0.33, 0.62)
    dialog.arrow.click()
    dialog.add.click()
    assert canvas.accessibleDescription() == "Flèche, marque 2 sur 2"
    QTest.keyClick(canvas, Qt.Key.Key_Backtab)
    assert canvas.drawing.selected == 0
    QTest.keyClick(canvas, Qt.Key.Key_Tab)
    QTest.keyClick(canvas, Qt.Key.Key_Delete)
    assert canvas.drawing.marks == (mark,)
    place = canvas.place().toRect()
    begin, end = (place.topLeft() + QPoint(place.width() * part // 10, place.height() // 2) for part in (1, 3))
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, nothing, begin)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, nothing, end)
    assert [one.kind for one in canvas.drawing.marks] == [MarkKind.BLUR, MarkKind.ARROW]
    black = QImage(400, 300, QImage.Format.Format_RGB32)
    black.fill(0)
    assert paint_marks(black, canvas.drawing).pixelColor(80, 150).red() > 150, "drawn as it will leave"


def test_a_photo_is_looked_at_sent_cancelled_and_turned(scene: Scene, tmp_path: Path) -> None:
    scene.link(ANNE_MODELE)
    paul, cid = scene.with_colleague(PAUL_EXEMPLE)
    open_thread(scene, cid)
    path = tmp_path / "plaie.jpg"
    path.write_bytes(jpeg(size=(900, 600)))
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(path)), QUrl.fromLocalFile(str(tmp_path / "none.jpg"))])
    assert [one.name for one in picked_from(dropped)] == ["plaie.jpg"]
    pasted = QMimeData()
    image = QImage(20, 20, QImage.Format.Format_RGB32)
    image.fill(QColor("#aa5544"))
    pasted.setImageData(image)
    [from_clipboard] = picked_from(pasted)
    assert from_clipboard.content.startswith(b"\x89PNG")

    files = [*picked_from(dropped), Picked("faux.jpg", b"not a picture")]
    dialog = SendFilesDialog(scene.desktop, cid, "Paul EXEMPLE", files, scene.window)
    dialog.show()
    scene.until(lambda: dialog.canvas.isVisible())
    mark_by_keyboard(dialog)
    dialog.caption.setText("Ce matin")
    dialog.send()
    scene.until(lambda: "faux.jpg" in dialog.name.text() and dialog.trouble.isVisible())
    assert not dialog.canvas.isVisible()
    dialog.send()
    scene.until(lambda: dialog.box.isEnabled())
    assert dialog.box.isEnabled(), "one may go on"
    dialog.reject()
    scene.until(lambda: scene.heard_by(paul, cid) == ["Ce matin"])
    thread = scene.desktop.state.thread
    assert thread is not None
    scene.until(lambda: scene.desktop.state.thread and scene.thread.messages)

    pane = scene.window.work.pane
    pane.acts.open_file(scene.thread.messages[0])
    viewer = scene.dialog(PhotoViewer)
    small = viewer.picture.item.pixmap().width()
    scene.until(lambda: viewer.picture.item.pixmap().width() > small)
    QTest.keyClick(viewer, Qt.Key.Key_R)
    assert viewer.picture.turned == 90
    QTest.keyClick(viewer, Qt.Key.Key_Plus)
    assert viewer.picture.zoom > 1
    QTest.keyClick(viewer, Qt.Key.Key_0)
    assert viewer.picture.zoom == 1
    ReceiptsDialog(scene.thread, scene.thread.messages[0], scene.thread.members[0].uid, scene.window).show()
    scene.desktop.lock()
    scene.settle()
    above = [one for one in scene.app.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()]
    assert above == [], "nothing stays above a lock"


def test_jump_and_search(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    paul, first = scene.with_colleague(PAUL_EXEMPLE)
    _claire, group = scene.with_colleague(CLAIRE_TEMOIN, PAUL_EXEMPLE, name="Équipe plaies")
    scene.colleagues.call(lambda: paul.send_text(first, "Ulcère de jambe à gauche"))
    scene.until(lambda: any(row.cid == first and row.unread for row in scene.desktop.state.rows))
    scene.until(lambda: any(row.title == "Équipe plaies" for row in scene.desktop.state.rows))

    jump = JumpDialog(scene.desktop, scene.window)
    jump.show()
    jump.field.setText("equ")
    assert jump.found.count() == 1
    QTest.keyClick(jump.field, Qt.Key.Key_Return)
    scene.until(lambda: scene.desktop.state.chosen == group)

    search = SearchDialog(scene.desktop, scene.window.work.pane, here=False, parent=scene.window)
    search.show()
    search.field.setText("ulcere gau")
    scene.until(lambda: search.found.count() == 1)
    search.take()
    scene.until(lambda: scene.desktop.state.thread and scene.thread.cid == first)
    scene.until(lambda: scene.window.work.pane.messages.current_message() is not None)
    shown = scene.window.work.pane.messages.current_message()
    assert shown is not None
    assert shown.text == "Ulcère de jambe à gauche"
    assert scene.desktop.state.query == "", "a search leaves nothing behind"

    scene.window.work.search.setText("plai")
    scene.settle()
    assert [row.title for row in scene.window.work.list.rows_model.rows] == ["Équipe plaies"]


def test_devices_recovery_settings(scene: Scene) -> None:
    scene.link(ANNE_MODELE)
    devices = DevicesDialog(scene.desktop, scene.window)
    devices.show()
    scene.until(lambda: devices.devices.count() == 1)
    assert "cet appareil" in devices.devices.item(0).text()
    assert not devices.revoke.isEnabled(), "not the one in use"
    devices.reject()

    recovery = RecoveryDialog(scene.desktop, scene.window)
    recovery.show()
    scene.until(lambda: recovery.make.isVisible())
    recovery.make.click()
    scene.until(lambda: recovery.secret.text())
    secret = recovery.secret.text()
    recovery.typed.setText(secret[:-1])
    recovery.confirm.click()
    scene.until(lambda: recovery.trouble.isVisible())
    recovery.typed.setText(secret)
    recovery.confirm.click()
    scene.until(lambda: recovery.standing.text().startswith("✔"))
    assert recovery.secret.text() == ""
    recovery.reject()

    settings = SettingsDialog(scene.desktop, scene.window)
    settings.show()
    settings.theme.setCurrentIndex(2)
    settings.language.setCurrentIndex(2)
    settings.notices.setCurrentIndex(1)
    settings.text.setCurrentIndex(5)
    settings.save()
    scene.until(lambda: scene.desktop.state.settings.theme is Theme.DARK)
    assert scene.desktop.state.settings.notices is NoticeLevel.NAME
    assert scene.window.work.new.text() == "New", "the language changes at once"


@pytest.mark.parametrize(("colours", "least"), [(LIGHT, 4.5), (DARK, 4.5), (CONTRAST, 7.0)])
def test_every_theme_can_be_read(colours: Colours, least: float) -> None:
    for ink, ground in (
        ("text", "window"), ("text", "surface"), ("text", "mine"), ("text", "theirs"), ("faint", "window"),
        ("faint", "mine"), ("faint", "theirs"), ("on_accent", "accent"), ("on_danger", "danger"),
        ("danger", "theirs"), ("danger", "window"), ("on_caution", "caution"), ("accent", "theirs"),
    ):  # fmt: skip
        assert contrast(getattr(colours, ink), getattr(colours, ground)) >= least, (ink, ground)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1, 1.4.3."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
