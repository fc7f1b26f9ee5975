"""Windows that hold one conversation each: same state, same lock, at most one for each conversation.

Locking hides them all and uncovering brings them back; closing the account closes them.  What a person writes has one
place only: a conversation that stands in its own window is not shown in the main one as well.
"""

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.finding import SearchDialog
from clients.desktop.views.parts.thread import ThreadPane
from clients.desktop.views.tray import icon
from miss.base.ids import ConversationId

_STEP_PX = 32
"""Each window stands a little below the one before."""


class ConversationWindow(QWidget):
    """One conversation, and nothing else."""

    left = Signal(object)
    """A person has closed it."""

    def __init__(self, desktop: Desktop, cid: ConversationId) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.desktop = desktop
        self.cid = cid
        self._ends = False
        self.setWindowIcon(icon())
        self.resize(620, 680)
        self.setMinimumSize(420, 360)
        self.pane = ThreadPane(desktop, cid)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.pane)
        self.pane.apart_button.hide()
        self.pane.find_button.clicked.connect(self.search)
        for key, act in (
            ("Ctrl+W", self.close),
            ("Ctrl+F", self.search),
            ("Ctrl+K", desktop.jump_wanted.emit),
            ("Ctrl+L", desktop.lock),
        ):
            QShortcut(QKeySequence(key), self).activated.connect(act)

    def refresh(self) -> None:
        """Draw what is shown now."""
        self.pane.refresh()
        thread = self.desktop.state.thread_of(self.cid)
        self.setWindowTitle(f"{thread.title} – MiSS" if thread else "MiSS")

    def search(self) -> None:
        """Messages of this conversation."""
        SearchDialog(self.desktop, self.pane, here=True, parent=self).exec()

    def end(self) -> None:
        """Its account is closed, or another window takes its place: nothing is to be told."""
        self._ends = True
        self.close()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.pane.seen()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        self.pane.keep_pending()
        super().closeEvent(event)
        if not self._ends:
            self.left.emit(self.cid)


class Windows(QObject):
    """Those that are open."""

    def __init__(self, desktop: Desktop, main: QWidget) -> None:
        super().__init__(main)
        self._desktop = desktop
        self._main = main
        self.open: dict[ConversationId, ConversationWindow] = {}
        desktop.apart_wanted.connect(self.show)
        desktop.message_wanted.connect(self.go_to)
        desktop.locked.connect(self.hide)
        desktop.uncovered.connect(self.bring_back)
        desktop.changed.connect(self.refresh)

    def show(self, cid: ConversationId) -> None:
        """A window of its own, in front."""
        window = self.open.get(cid)
        if window is None:
            window = self.open[cid] = ConversationWindow(self._desktop, cid)
            window.left.connect(self._forget)
            place = _STEP_PX * (1 + len(self.open) % 8)
            window.move(self._main.pos() + QPoint(place, place))
            window.refresh()
        window.showNormal()
        window.raise_()
        window.activateWindow()

    def go_to(self, cid: ConversationId, seq: int) -> None:
        """A message, in the window of its conversation."""
        if cid in self._desktop.state.windows:
            self.show(cid)
            self.open[cid].pane.go_to(cid, seq)

    def hide(self) -> None:
        """The screen is locked: nothing of these stays on it."""
        for window in self.open.values():
            window.pane.keep_pending()
            window.hide()

    def refresh(self) -> None:
        """Draw what is shown now; windows whose account is gone close."""
        wanted = self._desktop.state.windows
        for cid in [one for one in self.open if one not in wanted]:
            self.open.pop(cid).end()
        for window in self.open.values():
            window.refresh()

    def bring_back(self) -> None:
        """The same person is here again."""
        for window in self.open.values():
            window.show()

    def _forget(self, cid: ConversationId) -> None:
        del self.open[cid]
        self._desktop.close_apart(cid)

    def redraw(self) -> None:
        """Colours or text size changed."""
        for window in self.open.values():
            window.pane.messages.redraw()

    def rebuild(self) -> None:
        """The language changed: they are made again."""
        for cid in list(self.open):
            self.open.pop(cid).end()
            self.show(cid)

    def end(self) -> None:
        """The program ends."""
        for cid in list(self.open):
            self.open.pop(cid).end()

    def is_watched(self, cid: ConversationId) -> bool:
        """True if somebody has this conversation in front of them."""
        if self._desktop.is_covered:
            return False
        active = QApplication.activeWindow()
        if isinstance(active, ConversationWindow):
            return active.cid == cid
        return active is self._main and self._desktop.state.chosen == cid
