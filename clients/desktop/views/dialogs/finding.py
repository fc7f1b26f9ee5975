"""Ctrl+K goes to a conversation; Ctrl+F finds messages, here or everywhere, as one types."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QLineEdit, QListWidgetItem, QWidget

from clients.desktop.state import facts as f
from clients.desktop.state.listing import jump
from clients.desktop.state.model import Hit
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.parts.thread import ThreadPane
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, ngettext, short_date

_DATA = Qt.ItemDataRole.UserRole
SEARCH_MS = 150


class _Finder(DeskDialog):
    """A field above a list; arrows move in the list while one types."""

    def __init__(self, desktop: Desktop, title: str, hint: str, parent: QWidget | None) -> None:
        super().__init__(desktop, title, parent)
        enlarge(self, 560, 420)
        self.field = QLineEdit(placeholderText=hint)
        self.field.setAccessibleName(hint)
        self.found = Lines(title)
        self.found.setWordWrap(True)
        self.column.addWidget(self.field)
        self.column.addWidget(self.found, 1)
        self.column.addWidget(self.trouble)
        self.found.itemActivated.connect(lambda _item: self.take())
        self.field.returnPressed.connect(self.take)

    def take(self) -> None:
        """Do what is selected, or the first that was found; each finder says what that means."""
        raise RuntimeError("a finder says what taking means")

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up) and self.found.count():
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            self.found.setCurrentRow((self.found.currentRow() + step) % self.found.count())
            return
        super().keyPressEvent(event)


class JumpDialog(_Finder):
    """To a conversation, by a few letters of its name."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Aller à une conversation"), _("Quelques lettres du nom"), parent)
        self.field.textChanged.connect(self._show)
        self._show("")

    def _show(self, text: str) -> None:
        self.found.clear()
        for row in jump(self.desktop.state.rows, text):
            item = QListWidgetItem(row.title + (f"   ({row.unread})" if row.unread else ""))
            item.setData(_DATA, row.cid)
            self.found.addItem(item)
        self.found.setCurrentRow(0)

    def take(self) -> None:
        """Go there."""
        item: QListWidgetItem | None = self.found.currentItem()
        if item is not None:
            cid = item.data(_DATA)
            self.accept()
            self.desktop.choose(cid)


class SearchDialog(_Finder):
    """Messages that say these words, without regard to accents."""

    def __init__(self, desktop: Desktop, thread: ThreadPane, *, here: bool, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Chercher dans les messages"), _("Mots à chercher"), parent)
        self._thread = thread
        self.here = QCheckBox(_("Seulement dans cette conversation"))
        self.here.setChecked(here and thread.cid is not None)
        self.here.setEnabled(thread.cid is not None)
        self.count = self.label("", "faint")
        self.column.insertWidget(1, self.here)
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._pause.timeout.connect(self._search)
        self.field.textChanged.connect(lambda _text: self._pause.start())
        self.here.toggled.connect(lambda _on: self._search())
        desktop.changed.connect(self._show)
        self.finished.connect(lambda _code: desktop.do(f.SearchBegun("")))
        self._hits: tuple[Hit, ...] = ()

    def _search(self) -> None:
        text = self.field.text().strip()
        cid = self._thread.cid if self.here.isChecked() else None
        self.desktop.do(f.SearchBegun(text))
        if text:
            self.ask(lambda account: account.search(text, cid), failed=self.fail)

    def _show(self) -> None:
        hits = self.desktop.state.hits
        if self._is_gone or (hits == self._hits and self.count.text()):
            return
        self._hits = hits
        self.found.clear()
        now = self.desktop.clock.now()
        for hit in hits:
            head = f"{hit.title} · {hit.author} · {short_date(hit.at, None, today=now)}"
            item = QListWidgetItem(f"{head}\n{' '.join(hit.text.split())[:160]}")
            item.setData(_DATA, hit)
            self.found.addItem(item)
        self.found.setCurrentRow(0)
        if self.desktop.state.query:
            self.count.setText(
                ngettext("{count} message trouvé", "{count} messages trouvés", len(hits)) if hits else _("Rien trouvé.")
            )
        else:
            self.count.setText("")

    def take(self) -> None:
        """Show it where it was said."""
        item: QListWidgetItem | None = self.found.currentItem()
        hit = item.data(_DATA) if item is not None else None
        if isinstance(hit, Hit):
            self.accept()
            self._thread.go_to(hit.cid, hit.seq)
