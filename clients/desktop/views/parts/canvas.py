"""A photo on which somebody draws: strokes by pointer, the selected mark by keys.

Tab goes from mark to mark and then on to the next control; arrows move, Shift and arrows resize, Delete removes,
Ctrl+Z takes back.
"""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from clients.desktop.state.marks import Drawing, Mark, MarkKind, Point, box_of, cells_of, strokes_of
from clients.desktop.views.theme import colours
from clients.desktop.words import _

RED: Final = "#c4001a"
_ARROWS: Final = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


def paint_marks(picture: QImage, drawing: Drawing) -> QImage:
    """`picture` with its marks, as they will be in what leaves."""
    shown = picture.convertToFormat(QImage.Format.Format_RGB32)
    for mark in drawing.marks:
        if mark.kind is MarkKind.BLUR:
            _blur(shown, mark)
        else:
            _arrow(shown, mark)
    return shown


def _blur(picture: QImage, mark: Mark) -> None:
    box = QRect(*box_of(mark, picture.width(), picture.height())).intersected(picture.rect())
    if box.isEmpty():
        return
    mode = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    small = picture.copy(box).scaled(QSize(*cells_of(box.width(), box.height())), *mode)
    painter = QPainter(picture)
    painter.drawImage(box, small.scaled(box.size(), *mode))
    painter.end()


def _arrow(picture: QImage, mark: Mark) -> None:
    thick, strokes = strokes_of(mark, picture.width(), picture.height())
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for colour, wide in (("#ffffff", 2 * thick), (RED, thick)):
        cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
        painter.setPen(QPen(QColor(colour), wide, Qt.PenStyle.SolidLine, cap, join))
        for begin, end in strokes:
            painter.drawLine(QPointF(begin.x, begin.y), QPointF(end.x, end.y))
    painter.end()


class PhotoCanvas(QWidget):
    """The photo, and what is drawn on it."""

    changed = Signal()
    """The drawing is another one, or another mark is selected."""

    def __init__(self) -> None:
        super().__init__()
        self.drawing = Drawing()
        self.tool = MarkKind.BLUR
        self._picture = QImage()
        self._shown: tuple[Drawing, QPixmap] | None = None
        self._stroke: tuple[Point, Point] | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setMinimumSize(360, 260)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(_("La photo, avec vos marques"))

    def show_picture(self, picture: QImage) -> None:
        """Another photo, without marks."""
        self._picture = picture
        self.put(Drawing())

    def put(self, drawing: Drawing) -> None:
        """Other marks."""
        self.drawing = drawing
        self._shown = None
        self.setAccessibleDescription(self.said())
        self.changed.emit()
        self.update()

    def said(self) -> str:
        """Which mark the keyboard moves, in words."""
        mark = self.drawing.mark
        if mark is None:
            return ""
        kind = _("Flouter") if mark.kind is MarkKind.BLUR else _("Flèche")
        return _("{kind}, marque {at} sur {count}").format(
            kind=kind, at=self.drawing.selected + 1, count=len(self.drawing.marks)
        )

    def sizeHint(self) -> QSize:  # noqa: N802  # Qt's name
        return QSize(640, 460)

    # Drawing

    def place(self) -> QRectF:
        """Where the picture stands in the widget."""
        size = self._picture.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        return QRectF(left, top, size.width(), size.height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802  # Qt's name
        if self._picture.isNull():
            return
        drawing = self.drawing
        if self._stroke is not None:
            drawing = drawing.drawn(self.tool, *self._stroke)
        if self._shown is None or self._shown[0] != drawing:
            self._shown = (drawing, QPixmap.fromImage(paint_marks(self._picture, drawing)))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        place = self.place()
        painter.drawPixmap(place, self._shown[1], QRectF(self._shown[1].rect()))
        if self.hasFocus():
            painter.setPen(QPen(QColor(colours().accent), 2))
            painter.drawRect(place.adjusted(1, 1, -1, -1))
        if drawing.mark is not None:
            left, top, width, height = box_of(drawing.mark, int(place.width()), int(place.height()))
            box = QRectF(place.left() + left, place.top() + top, width, height).adjusted(-4, -4, 4, 4)
            for colour, style in (("#ffffff", Qt.PenStyle.SolidLine), (RED, Qt.PenStyle.DashLine)):
                painter.setPen(QPen(QColor(colour), 1.5, style))
                painter.drawRect(box)
        painter.end()

    # Pointer

    def _point(self, event: QMouseEvent) -> Point:
        place, at = self.place(), event.position()
        return Point((at.x() - place.left()) / place.width(), (at.y() - place.top()) / place.height())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        if event.button() is Qt.MouseButton.LeftButton and not self._picture.isNull():
            self._stroke = (self._point(event), self._point(event))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        if self._stroke is not None:
            self._stroke = (self._stroke[0], self._point(event))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802  # Qt's name
        if self._stroke is not None:
            begin, self._stroke = self._stroke[0], None
            self.put(self.drawing.drawn(self.tool, begin, self._point(event)))

    # Keys

    def event(self, event: QEvent) -> bool:
        """Tab goes through the marks before it leaves."""
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Tab: 1, Qt.Key.Key_Backtab: -1}.get(Qt.Key(event.key()))
            if step is not None and self.drawing.marks:
                after = self.drawing.selected_next(step)
                self.put(after)
                if after.mark is not None:
                    return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        key, modifiers = Qt.Key(event.key()), event.modifiers()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.put(self.drawing.removed())
        elif key is Qt.Key.Key_Z and modifiers & Qt.KeyboardModifier.ControlModifier:
            self.put(self.drawing.undone())
        elif key in _ARROWS and self.drawing.mark is not None:
            resize = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            self.put(self.drawing.nudged(*_ARROWS[key], resize=resize))
        else:
            super().keyPressEvent(event)
