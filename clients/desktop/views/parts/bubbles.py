"""Lines of a conversation as they are drawn: bubbles, days, the separator.  Texts are laid out once for each width."""

from collections import OrderedDict
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPixmap, QTextDocument
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from clients.desktop.state.model import Thread
from clients.desktop.state.reading import Line, MessageLine, UnreadLine, WaitingLine, lines
from clients.desktop.views.parts.wording import body_html, line_text
from clients.desktop.views.theme import colours
from miss.base.clock import Clock
from miss.base.ids import AccountId

LINE_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_PAD: Final = 9
_GAP: Final = 4
MARGIN: Final = 14
_PICTURE_PX: Final = 240
_ROUND: Final = 12
_KEPT: Final = 80
"""Laid out texts kept for drawing."""


class LinesModel(QAbstractListModel):
    """The lines, top to bottom."""

    def __init__(self, clock: Clock, parent: QWidget) -> None:
        super().__init__(parent)
        self._clock = clock
        self.lines: list[Line] = []
        self.thread_shown: Thread | None = None
        self.me = AccountId(b"")

    def show(self, thread: Thread | None, me: AccountId) -> None:
        """Another state of a conversation; lines that did not change keep their place."""
        new = lines(thread, me, None) if thread else []
        old, self.thread_shown, self.me = self.lines, thread, me
        head = 0
        while head < min(len(old), len(new)) and old[head] == new[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
            tail += 1
        gone, come = len(old) - head - tail, len(new) - head - tail
        same = min(gone, come)
        if same:
            self.lines = [*old[:head], *new[head : head + same], *old[head + same :]]
            self.dataChanged.emit(self.index(head), self.index(head + same - 1))
        if gone > same:
            self.beginRemoveRows(_ROOT, head + same, head + gone - 1)
            self.lines = new
            self.endRemoveRows()
        elif come > same:
            self.beginInsertRows(_ROOT, head + same, head + come - 1)
            self.lines = new
            self.endInsertRows()
        else:
            self.lines = new

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802  # Qt's name
        return 0 if parent.isValid() else len(self.lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or self.thread_shown is None:
            return None
        line = self.lines[index.row()]
        if role == LINE_ROLE:
            return line
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return line_text(line, self.thread_shown, self.me, self._clock.now())
        return None

    def place_of(self, seq: int) -> int | None:
        """The line of a message."""
        places = (
            place for place, one in enumerate(self.lines) if isinstance(one, MessageLine) and one.message.seq == seq
        )
        return next(places, None)


class BubbleDelegate(QStyledItemDelegate):
    """Draws lines; texts are laid out once for each width and theme."""

    def __init__(self, model: LinesModel, clock: Clock, parent: QListView) -> None:
        super().__init__(parent)
        self._model = model
        self._clock = clock
        self._list = parent
        self._texts: OrderedDict[object, QTextDocument] = OrderedDict()
        self._pictures: OrderedDict[bytes, QPixmap] = OrderedDict()
        self._sizes: OrderedDict[object, int] = OrderedDict()

    def forget(self) -> None:
        """Width, theme, text size or language changed."""
        self._texts.clear()
        self._sizes.clear()

    def _width(self) -> int:
        return max(120, self._list.viewport().width() - 2 * MARGIN)

    def _text(self, line: Line, font: QFont) -> QTextDocument:
        thread = self._model.thread_shown
        assert thread is not None  # noqa: S101  # there are no lines without it
        key = (line, self._width())
        if (known := self._texts.get(key)) is not None:
            self._texts.move_to_end(key)
            return known
        document = QTextDocument()
        document.setDocumentMargin(0)
        document.setDefaultFont(font)
        document.setDefaultStyleSheet(f"p {{ margin: 1px 0; color: {colours().text} }}")
        document.setHtml(body_html(line, thread, self._model.me, colours(), self._clock.now()))
        is_bubble = isinstance(line, MessageLine | WaitingLine)
        room = int(self._width() * 0.78) - 2 * _PAD if is_bubble else self._width()
        document.setTextWidth(room)
        if is_bubble:
            picture = self._picture(line)
            least = max(90, picture.width() if picture else 0)
            document.setTextWidth(min(room, max(document.idealWidth() + 2, least)))
        self._texts[key] = document
        while len(self._texts) > _KEPT:
            self._texts.popitem(last=False)
        return document

    def _picture(self, line: Line) -> QPixmap | None:
        if not isinstance(line, MessageLine):
            return None
        for one in line.message.attachments:
            if one.thumbnail and one.mime.startswith("image/"):
                if one.blob not in self._pictures:
                    pixmap = QPixmap()
                    pixmap.loadFromData(one.thumbnail)
                    smooth = Qt.TransformationMode.SmoothTransformation
                    if one.width and one.height and one.height > one.width:
                        self._pictures[one.blob] = pixmap.scaledToHeight(_PICTURE_PX, smooth)
                    else:
                        self._pictures[one.blob] = pixmap.scaledToWidth(_PICTURE_PX, smooth)
                    while len(self._pictures) > _KEPT:
                        self._pictures.popitem(last=False)
                found = self._pictures[one.blob]
                return None if found.isNull() else found
        return None

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802  # Qt's name
        line: Line = index.data(LINE_ROLE)
        key = (line, self._width())
        if key not in self._sizes:
            height = int(self._text(line, option.font).size().height())
            if (picture := self._picture(line)) is not None:
                height += picture.height() + _PAD
            is_bubble = isinstance(line, MessageLine | WaitingLine)
            self._sizes[key] = height + (2 * _PAD if is_bubble else _PAD) + 2 * _GAP
            # Each state of a line has its own, and a conversation may stay open for a day.
            while len(self._sizes) > 2 * len(self._model.lines) + _KEPT:
                self._sizes.popitem(last=False)
        return QSize(self._width(), self._sizes[key])

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        line: Line = index.data(LINE_ROLE)
        rect: QRect = option.rect
        document = self._text(line, option.font)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(line, MessageLine | WaitingLine):
            is_focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
            self._bubble(painter, line, rect, document, is_focused)
        else:
            self._across(painter, line, rect, document)
        painter.restore()

    def _across(self, painter: QPainter, line: Line, rect: QRect, document: QTextDocument) -> None:
        """A day, or the separator: words in the middle, with a line to both sides of what is not read."""
        c = colours()
        words = int(document.idealWidth()) + 2 * _PAD
        middle = rect.center()
        pill = QRect(middle.x() - words // 2, rect.top() + _GAP, words, rect.height() - 2 * _GAP)
        if isinstance(line, UnreadLine):
            painter.setPen(QColor(c.danger))
            painter.drawLine(rect.left() + MARGIN, middle.y(), pill.left(), middle.y())
            painter.drawLine(pill.right(), middle.y(), rect.right() - MARGIN, middle.y())
        else:
            painter.setPen(QColor(c.line))
            painter.setBrush(QColor(c.surface))
            painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        painter.translate(rect.left() + MARGIN, rect.top() + _GAP + _PAD // 2 - 1)
        document.drawContents(painter)

    def bubble_rect(self, line: Line, rect: QRect, document: QTextDocument) -> QRect:
        """Where the bubble of a line stands within its row."""
        picture = self._picture(line)
        width = int(max(document.textWidth(), picture.width() if picture else 0)) + 2 * _PAD
        is_mine = isinstance(line, WaitingLine) or (isinstance(line, MessageLine) and line.message.is_mine)
        left = rect.right() - MARGIN - width if is_mine else rect.left() + MARGIN
        return QRect(left, rect.top() + _GAP, width, rect.height() - 2 * _GAP)

    def _bubble(self, painter: QPainter, line: Line, rect: QRect, document: QTextDocument, is_focused: bool) -> None:
        c = colours()
        bubble = self.bubble_rect(line, rect, document)
        is_mine = isinstance(line, WaitingLine) or (isinstance(line, MessageLine) and line.message.is_mine)
        is_alarm = isinstance(line, MessageLine) and line.message.alarm is not None
        edge = c.danger if is_alarm else c.accent if is_focused else c.line
        pen = painter.pen()
        pen.setColor(QColor(edge))
        pen.setWidth(2 if is_focused or is_alarm else 1)
        painter.setPen(pen)
        painter.setBrush(QColor(c.mine if is_mine else c.theirs))
        painter.drawRoundedRect(bubble, _ROUND, _ROUND)
        top = bubble.top() + _PAD
        if (picture := self._picture(line)) is not None:
            painter.drawPixmap(QPoint(bubble.left() + _PAD, top), picture)
            top += picture.height() + _PAD
        painter.translate(bubble.left() + _PAD, top)
        document.drawContents(painter)
