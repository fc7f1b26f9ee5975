"""Where one writes: Enter sends, Shift+Enter begins a line, ↑ in an empty field edits one's last message.

What is begun is kept for each conversation, sealed, a moment after the last key and when one leaves.  Pictures are
taken from the clipboard, from a drop and from a file, and looked at before they leave.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QEvent, QIODevice, QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QDragEnterEvent, QDropEvent, QImage, QKeyEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from clients.desktop.state.model import Settings
from clients.desktop.views.parts.buttons import LabelledButton, tool
from clients.desktop.views.parts.elided import Elided
from clients.desktop.views.parts.menus import open_menu
from clients.desktop.views.parts.spelling import Speller, Spelling
from clients.desktop.words import _, spoken

SAVE_MS: Final = 800
TYPING_MS: Final = 3000
MAX_LINES: Final = 7
KINDS: Final = "*.jpg *.jpeg *.png *.heic *.heif *.pdf"
_SUFFIXES: Final = frozenset(one[1:] for one in KINDS.split())


class Picked:
    """A file on its way in: its name and its bytes."""

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content

    @property
    def is_pdf(self) -> bool:
        """By its first bytes, whatever its name."""
        return self.content[:5] == b"%PDF-"


class _Field(QPlainTextEdit):
    """The text, which knows its keys."""

    sent = Signal()
    recalled = Signal()
    left = Signal()
    brought = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.enter_sends = True
        self.spelling = Spelling(self)
        self.setTabChangesFocus(True)
        self.setAcceptDrops(True)
        self.textChanged.connect(self.fit)
        self.fit()

    def fit(self) -> None:
        """As tall as what is written, up to a bound."""
        lines = min(max(1, int(self.document().size().height())), MAX_LINES)
        self.setFixedHeight(int((lines + 0.3) * self.fontMetrics().lineSpacing()) + 20)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if is_enter and modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier):
            is_control = modifiers == Qt.KeyboardModifier.ControlModifier
            if is_control or self.enter_sends:
                self.sent.emit()
                return
        if event.key() == Qt.Key.Key_Up and not self.toPlainText():
            self.recalled.emit()
            return
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802  # Qt's name
        is_by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        cursor = self.textCursor() if is_by_key else self.cursorForPosition(event.pos())
        menu = self.createStandardContextMenu(event.pos())
        self.spelling.offer(menu, cursor)
        below = self.viewport().mapToGlobal(self.cursorRect().bottomLeft())
        open_menu(menu, below if is_by_key else event.globalPos())

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802  # Qt's name
        return source.hasImage() or source.hasUrls() or source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802  # Qt's name
        picked = picked_from(source)
        if picked:
            self.brought.emit(picked)
        elif source.hasText():
            self.insertPlainText(source.text())


class Composer(QWidget):
    """The field, what it answers, and its buttons."""

    sent = Signal(str, bool)
    """What to say, and whether it is urgent."""
    alarm_wanted = Signal(str)
    files_brought = Signal(object)
    recalled = Signal()
    dropped = Signal()
    """No longer an answer, or a change."""
    kept = Signal(str, bool)
    typing = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.field = _Field()
        self.field.setPlaceholderText(_("Écrire un message"))
        self.field.setAccessibleName(_("Message"))
        self._about = Elided("faint")
        self._drop = tool("close", _("Ne plus répondre ni modifier"))
        self._urgent = tool(
            "urgent", _("Urgent"), _("Urgent : sonne même en sourdine (Ctrl+U)"), checkable=True, key="Ctrl+U"
        )
        self._alarm = tool(
            "alarm", _("Résultat alarmant"), _("Résultat alarmant : quelqu’un doit en accuser réception")
        )
        self._attach = tool(
            "attach", _("Joindre une photo ou un PDF"), _("Joindre une photo ou un PDF (Ctrl+O)"), key="Ctrl+O"
        )
        self._send = LabelledButton("send", _("Envoyer"), "primary")
        self._lay_out()
        self._saving = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._is_loading = False
        self._text = ""
        self._is_editing = False
        self._connect()
        self.show_about("", is_editing=False)

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.addWidget(self._about, 1)
        above.addWidget(self._drop)
        line = QHBoxLayout()
        for button in (self._attach, self._urgent, self._alarm):
            line.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        line.addWidget(self.field, 1)
        line.addWidget(self._send, 0, Qt.AlignmentFlag.AlignBottom)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 6, 10, 10)
        layout.addLayout(above)
        layout.addLayout(line)

    def _connect(self) -> None:
        self.setAcceptDrops(True)
        self._send.clicked.connect(self._submit)
        self.field.sent.connect(self._submit)
        self.field.recalled.connect(self.recalled)
        self.field.left.connect(self.dropped)
        self._drop.clicked.connect(self.dropped)
        self.field.brought.connect(self.files_brought)
        self.field.textChanged.connect(self._written)
        self._attach.clicked.connect(self._pick)
        self._alarm.clicked.connect(lambda: self.alarm_wanted.emit(self.field.toPlainText().strip()))
        self._saving.timeout.connect(self.keep)
        self._typing.timeout.connect(lambda: self.typing.emit(False))

    def follow(self, settings: Settings) -> None:
        """What the person at this desk chose."""
        self.field.enter_sends = settings.enter_sends
        speller = Speller(spoken(), frozenset(settings.own_words)) if settings.spelling else None
        self.field.spelling.follow(speller)

    # What is begun

    def load(self, text: str, urgent: bool) -> None:
        """What was begun in the conversation that is shown now."""
        self._is_loading, self._text = True, text
        self.field.setPlainText(text)
        self._urgent.setChecked(urgent)
        self.field.moveCursor(self.field.textCursor().MoveOperation.End)
        self._is_loading = False

    def keep(self) -> None:
        """What is begun is to be kept, now."""
        self._saving.stop()
        if not self._is_editing:
            self.kept.emit(self.field.toPlainText(), self._urgent.isChecked())

    def keep_pending(self) -> None:
        """As `keep`, if something has been written since the last time."""
        if self._saving.isActive():
            self.keep()

    def show_about(self, text: str, *, is_editing: bool) -> None:
        """What is answered or changed; empty: nothing."""
        self._is_editing = is_editing
        self._about.setText(text)
        for one in (self._about, self._drop):
            one.setVisible(bool(text))
        self._send.setText(_("Modifier") if is_editing else _("Envoyer"))
        for button in (self._attach, self._urgent, self._alarm):
            button.setEnabled(not is_editing)

    def _written(self) -> None:
        before, self._text = self._text, self.field.toPlainText()
        if self._is_loading or before == self._text:  # what is underlined is no other text
            return
        self._saving.start()
        if self._text and not self._typing.isActive():
            self.typing.emit(True)
        self._typing.start()

    def _submit(self) -> None:
        text = self.field.toPlainText().strip()
        if not text:
            return
        urgent = self._urgent.isChecked()
        self._saving.stop()
        self.load("", False)
        self.sent.emit(text, urgent)

    # Files

    def _pick(self) -> None:
        names, _kind = QFileDialog.getOpenFileNames(
            self, _("Joindre"), "", _("Photos et PDF ({kinds})").format(kinds=KINDS)
        )
        picked = read_files([Path(one) for one in names])
        if picked:
            self.files_brought.emit(picked)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802  # Qt's name
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802  # Qt's name
        picked = picked_from(event.mimeData())
        if picked:
            event.acceptProposedAction()
            self.files_brought.emit(picked)


def picked_from(source: QMimeData) -> list[Picked]:
    """The pictures and PDF files of a paste or a drop."""
    paths = [Path(url.toLocalFile()) for url in source.urls() if url.isLocalFile()]
    if picked := read_files(paths):
        return picked
    image = source.imageData() if source.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]  # the stub wants bytes, Qt a string
        return [Picked(_("Image collée"), bytes(content.data()))]
    return []


def read_files(paths: Sequence[Path]) -> list[Picked]:
    """Files of the kinds that may travel; the client judges them by their content later."""
    return [
        Picked(path.name, path.read_bytes()) for path in paths if path.suffix.lower() in _SUFFIXES and path.is_file()
    ]
