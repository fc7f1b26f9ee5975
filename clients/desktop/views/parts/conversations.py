"""The list of conversations: a line each, with what is unread, pinned, muted, begun, failed."""

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from clients.desktop.state.model import Preview, Row
from clients.desktop.views.icons import pixmap
from clients.desktop.views.parts.faces import paint_face
from clients.desktop.views.theme import CONTRAST, colours
from clients.desktop.words import _, ngettext, short_date
from miss.base.clock import Clock
from miss.base.ids import ConversationId

ROW_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_PAD = 9
_EDGE = 5
_LEADING = 3
_FACE_PX = 40


def preview_text(last: Preview | None) -> str:
    """The second line of a conversation."""
    if last is None:
        return _("Aucun message")
    said = {
        "photo": _("Photo"),
        "file": _("Fichier : {name}").format(name=last.text),
        "deleted": _("Message supprimé"),
        "refused": _("Message écarté : il n’a pas pu être vérifié"),
        "alarm": _("Résultat alarmant : {text}").format(text=last.text),
        "name": _("Conversation renommée : {text}").format(text=last.text),
        "leave": _("A quitté la conversation"),
    }.get(last.kind, last.text)
    author = last.author.split(" ")[0] if last.author else _("Vous")
    return _("{author} : {text}").format(author=author, text=said)


def spoken_row(row: Row) -> str:
    """A line as a screen reader says it."""
    parts = [row.title]
    if row.alarms:
        parts.append(_("résultat alarmant à acquitter"))
    if row.unread:
        parts.append(ngettext("{count} non lu", "{count} non lus", row.unread))
    if row.failed:
        parts.append(_("un envoi a échoué"))
    if row.has_draft:
        parts.append(_("brouillon"))
    if row.pinned:
        parts.append(_("épinglée"))
    if row.muted:
        parts.append(_("en sourdine"))
    return ", ".join((*parts, preview_text(row.last)))


class RowsModel(QAbstractListModel):
    """Rows in the order in which they are shown."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show(self, rows: list[Row]) -> None:
        """Another list; lines that stay where they are keep the selection."""
        if [one.cid for one in rows] == [one.cid for one in self.rows]:
            changed = [place for place, row in enumerate(rows) if row != self.rows[place]]
            self.rows = rows
            for place in changed:
                self.dataChanged.emit(self.index(place), self.index(place))
            return
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = _ROOT) -> int:  # noqa: N802  # Qt's name
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        match role:
            case Qt.ItemDataRole.UserRole:
                return row
            case Qt.ItemDataRole.DisplayRole:
                return row.title
            case Qt.ItemDataRole.AccessibleTextRole:
                return spoken_row(row)
            case Qt.ItemDataRole.ToolTipRole:
                return row.title
        return None


class RowDelegate(QStyledItemDelegate):
    """Draws one line."""

    def __init__(self, clock: Clock, parent: QWidget) -> None:
        super().__init__(parent)
        self._clock = clock

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:  # noqa: N802  # Qt's name
        return QSize(200, 2 * QFontMetrics(option.font).height() + _LEADING + 2 * _PAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: Row = index.data(ROW_ROLE)
        rect: QRect = option.rect
        state = option.state
        font: QFont = option.font
        is_chosen = bool(state & QStyle.StateFlag.State_Selected)
        c = colours()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.chosen if is_chosen else c.surface))
            painter.drawRoundedRect(rect.adjusted(_EDGE, 1, -_EDGE, -1), 9, 9)
        ink = QColor(c.on_chosen if is_chosen else c.text)
        faint = QColor(c.on_chosen if is_chosen else c.faint)
        side = min(rect.height() - 2 * _PAD, _FACE_PX)
        face = QRectF(rect.left() + _PAD + _EDGE, rect.center().y() - side / 2 + 0.5, side, side)
        paint_face(painter, face, row.title, row.cid)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold if row.unread or row.alarms else QFont.Weight.Medium)
        inner = rect.adjusted(int(side) + 2 * _PAD + _EDGE, _PAD, -_PAD - _EDGE, -_PAD)
        height = QFontMetrics(bold).height()
        top = QRect(inner.left(), inner.top(), inner.width(), height)
        bottom = QRect(inner.left(), inner.bottom() - height + 1, inner.width(), height)
        self._first_line(painter, row, top, (font, bold, ink, faint))
        self._second_line(painter, row, bottom, (font, ink, faint))
        painter.restore()

    def _first_line(self, painter: QPainter, row: Row, line: QRect, pens: tuple[QFont, QFont, QColor, QColor]) -> None:
        font, bold, ink, faint = pens
        date = short_date(row.last.at, None, today=self._clock.now()) if row.last else ""
        metrics = QFontMetrics(font)
        painter.setFont(font)
        painter.setPen(faint)
        painter.drawText(line, Qt.AlignmentFlag.AlignRight, date)
        room = line.width() - metrics.horizontalAdvance(date) - _PAD
        for is_so, name in ((row.muted, "mute"), (row.pinned, "pin")):
            if is_so:
                size = metrics.height() - 3
                room -= size + 3
                ratio = painter.device().devicePixelRatioF()
                painter.drawPixmap(line.left() + room + 6, line.top() + 2, pixmap(name, faint.name(), size, ratio))
        painter.setFont(bold)
        painter.setPen(ink)
        painter.drawText(line, 0, QFontMetrics(bold).elidedText(row.title, Qt.TextElideMode.ElideRight, room))

    def _second_line(self, painter: QPainter, row: Row, line: QRect, pens: tuple[QFont, QColor, QColor]) -> None:
        font, ink, faint = pens
        c = colours()
        metrics = QFontMetrics(font)
        badge, fill, on = "", c.accent, c.on_accent
        if row.alarms or row.failed:
            badge, fill, on = "!" if row.alarms else "↻", c.danger, c.on_danger
        elif row.unread:
            badge = str(min(row.unread, 99)) + ("+" if row.unread > 99 else "")
        width = line.width()
        if badge:
            size = max(metrics.horizontalAdvance(badge) + 12, metrics.height())
            pill = QRect(line.right() - size, line.top(), size, metrics.height())
            painter.setPen(QColor(c.on_chosen) if c is CONTRAST else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(fill))
            painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
            painter.setPen(QColor(on))
            painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, badge)
            width -= size + _PAD
        text = preview_text(row.last)
        if row.has_draft:
            text = _("✎ Brouillon · {text}").format(text=text)
        elif row.waiting and not row.failed:
            text = f"◔ {text}"
        painter.setFont(font)
        painter.setPen(ink if row.unread else faint)
        painter.drawText(line, 0, metrics.elidedText(text, Qt.TextElideMode.ElideRight, width))


class ConversationList(QListView):
    """The list itself."""

    chosen = Signal(object)
    asked = Signal(object, object)
    """A menu is asked for: the row, the place on the screen."""
    doubled = Signal(object)
    """A conversation was clicked twice."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.rows_model = RowsModel(self)
        self.setModel(self.rows_model)
        self.setItemDelegate(RowDelegate(clock, self))
        self.setAccessibleName(_("Conversations"))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask)
        self.selectionModel().currentChanged.connect(self._choose)
        self.doubleClicked.connect(lambda index: self.doubled.emit(self.rows_model.rows[index.row()].cid))
        self._is_showing = False

    def show_rows(self, rows: list[Row], chosen: ConversationId | None) -> None:
        """What there is now, and which one is open."""
        self._is_showing = True
        self.rows_model.show(rows)
        place = next((place for place, row in enumerate(rows) if row.cid == chosen), None)
        if place is None:
            self.clearSelection()
        elif self.currentIndex().row() != place:
            self.setCurrentIndex(self.rows_model.index(place))
        self._is_showing = False

    def _choose(self, index: QModelIndex) -> None:
        if index.isValid() and not self._is_showing:
            self.chosen.emit(self.rows_model.rows[index.row()].cid)

    def _ask(self, point: Any) -> None:
        index = self.indexAt(point)
        if index.isValid():
            self.asked.emit(self.rows_model.rows[index.row()], self.viewport().mapToGlobal(point))
