"""The messages of a conversation: lines in a list, drawn as bubbles, each read out as one sentence."""

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QListView

from clients.desktop.state.model import Thread
from clients.desktop.state.reading import MessageLine, UnreadLine, WaitingLine
from clients.desktop.views.parts.bubbles import LINE_ROLE, MARGIN, BubbleDelegate, LinesModel
from clients.desktop.words import _
from miss.base.clock import Clock
from miss.base.ids import AccountId
from miss.client.model import Message


class MessageList(QListView):
    """The list of messages."""

    opened = Signal(object)
    """A message with a file is to be opened."""
    asked = Signal(object, object)
    """A menu is asked for: the line, the place on the screen."""
    older_wanted = Signal()
    bottom_seen = Signal()
    acted = Signal(str, object)
    """A key for the line in focus: `r`, `e`, `d`, `c`."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.lines_model = LinesModel(clock, self)
        self.setModel(self.lines_model)
        self._delegate = BubbleDelegate(self.lines_model, clock, self)
        self.setItemDelegate(self._delegate)
        self.setAccessibleName(_("Messages"))
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.verticalScrollBar().setSingleStep(24)
        self.customContextMenuRequested.connect(self._ask)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        self.clicked.connect(self._clicked)
        self.activated.connect(self._activated)
        self._cid: bytes | None = None

    def show_thread(self, thread: Thread | None, me: AccountId) -> None:
        """Another state; whoever reads at the bottom stays there, whoever reads above stays on the same message."""
        is_new = (thread.cid if thread else None) != self._cid
        self._cid = thread.cid if thread else None
        at_bottom = self._is_at_bottom()
        anchor = None if is_new or at_bottom else self._anchor()
        before = self.lines_model.thread_shown
        if is_new or before is None or thread is None or _faces(before) != _faces(thread):
            self._delegate.forget()
        self.lines_model.show(thread, me)
        if is_new:
            self.doItemsLayout()
            separator = next(
                (place for place, one in enumerate(self.lines_model.lines) if isinstance(one, UnreadLine)), None
            )
            if separator is None:
                self.scrollToBottom()
            else:
                self.scrollTo(self.lines_model.index(separator), QListView.ScrollHint.PositionAtTop)
        elif anchor is not None:
            self._restore(*anchor)
        elif at_bottom:
            self.doItemsLayout()
            self.scrollToBottom()
        if thread is not None and self._is_at_bottom():
            self.bottom_seen.emit()

    def redraw(self) -> None:
        """Theme, text size or language changed."""
        at_bottom = self._is_at_bottom()
        self._delegate.forget()
        self.doItemsLayout()
        self.viewport().update()
        if at_bottom:
            self.scrollToBottom()

    def reveal(self, seq: int) -> bool:
        """Bring a message into view and give it the focus; False if it is not here."""
        place = self.lines_model.place_of(seq)
        if place is None:
            return False
        index = self.lines_model.index(place)
        self.setCurrentIndex(index)
        self.scrollTo(index, QListView.ScrollHint.PositionAtCenter)
        return True

    def current_message(self) -> Message | None:
        """The one that is selected; None: none is, or what is selected is no message."""
        index = self.currentIndex()
        line = index.data(LINE_ROLE) if index.isValid() else None
        return line.message if isinstance(line, MessageLine) else None

    def _is_at_bottom(self) -> bool:
        bar = self.verticalScrollBar()
        return bar.value() >= bar.maximum() - 4

    def _anchor(self) -> tuple[int, int] | None:
        """The first message in view, and where it stands; days and separators come and go."""
        first = self.indexAt(QPoint(MARGIN + 2, 6)).row()
        for place in range(max(0, first), len(self.lines_model.lines)):
            line = self.lines_model.lines[place]
            if isinstance(line, MessageLine):
                return line.message.seq, self.visualRect(self.lines_model.index(place)).top()
        return None

    def _restore(self, seq: int, top: int) -> None:
        self.doItemsLayout()
        place = self.lines_model.place_of(seq)
        if place is not None:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(self.lines_model.index(place)).top() - top)

    def _scrolled(self, value: int) -> None:
        thread = self.lines_model.thread_shown
        if thread is None:
            return
        if value <= self.verticalScrollBar().minimum() + 40 and thread.has_older:
            self.older_wanted.emit()
        if self._is_at_bottom():
            self.bottom_seen.emit()

    def _clicked(self, index: QModelIndex) -> None:
        line = index.data(LINE_ROLE)
        if isinstance(line, MessageLine) and line.message.attachments:
            self.opened.emit(line.message)

    def _activated(self, index: QModelIndex) -> None:
        self._clicked(index)

    def _ask(self, point: QPoint) -> None:
        index = self.indexAt(point)
        line = index.data(LINE_ROLE) if index.isValid() else None
        if isinstance(line, MessageLine | WaitingLine):
            self.setCurrentIndex(index)
            self.asked.emit(line, self.viewport().mapToGlobal(point))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        message = self.current_message()
        acts: dict[int, str] = {Qt.Key.Key_R: "r", Qt.Key.Key_E: "e", Qt.Key.Key_Delete: "d", Qt.Key.Key_A: "a"}
        plain_key = event.modifiers() is Qt.KeyboardModifier.NoModifier
        if message is not None and plain_key and event.key() in acts:
            self.acted.emit(acts[event.key()], message)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802  # Qt's name
        at_bottom = self._is_at_bottom()
        if event.size().width() != event.oldSize().width():
            self._delegate.forget()
        super().resizeEvent(event)
        if at_bottom:
            self.scrollToBottom()


def _faces(thread: Thread) -> object:
    """What of a thread its lines are drawn with, besides themselves."""
    return thread.members, thread.verified, thread.warned
