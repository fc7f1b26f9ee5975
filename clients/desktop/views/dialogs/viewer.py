"""Photos at full size: zoom, turn, next and previous, all by keyboard; nothing is saved unless somebody asks."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPixmap, QTransform, QWheelEvent
from PySide6.QtWidgets import (
    QGraphicsPixmapItem,
    QGraphicsScene,
    QGraphicsView,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from clients.desktop.sync.core import Asked
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.parts.buttons import tool
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _
from miss.client.model import Message

STEP = 1.25
MOST = 16.0


class _Picture(QGraphicsView):
    """One picture, that a wheel or two keys make larger."""

    def __init__(self) -> None:
        super().__init__()
        self.setScene(QGraphicsScene(self))
        self.item = QGraphicsPixmapItem()
        self.item.setTransformationMode(Qt.TransformationMode.SmoothTransformation)
        self.scene().addItem(self.item)
        self.setDragMode(QGraphicsView.DragMode.ScrollHandDrag)
        self.setTransformationAnchor(QGraphicsView.ViewportAnchor.AnchorUnderMouse)
        self.turned = 0
        self.zoom = 1.0

    def show_picture(self, pixmap: QPixmap) -> None:
        """Another picture, upright and whole."""
        self.item.setPixmap(pixmap)
        self.scene().setSceneRect(self.item.boundingRect())
        self.turned, self.zoom = 0, 1.0
        self.fit()

    def fit(self) -> None:
        """All of it, as it is turned."""
        self.setTransform(QTransform().rotate(self.turned))
        self.fitInView(self.item, Qt.AspectRatioMode.KeepAspectRatio)
        self.zoom = 1.0

    def scale_by(self, factor: float) -> None:
        """Nearer or further, between a fifth and `MOST`."""
        if 0.2 <= self.zoom * factor <= MOST:
            self.zoom *= factor
            self.scale(factor, factor)

    def turn(self, degrees: int) -> None:
        """Clockwise, and all of it in sight again."""
        self.turned = (self.turned + degrees) % 360
        self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802  # Qt's name
        self.scale_by(STEP if event.angleDelta().y() > 0 else 1 / STEP)


class PhotoViewer(DeskDialog):
    """The photos of a conversation, one at a time."""

    def __init__(
        self, desktop: Desktop, photos: list[Message], message: Message, parent: QWidget | None = None
    ) -> None:
        super().__init__(desktop, _("Photo"), parent)
        enlarge(self, 900, 680)
        self._photos = photos
        self._place = next((place for place, one in enumerate(photos) if one.seq == message.seq), 0)
        self._asked: Asked | None = None
        self.picture = _Picture()
        self.picture.setAccessibleName(_("Photo"))
        self.caption = QLabel(wordWrap=True)
        self.caption.setTextFormat(Qt.TextFormat.PlainText)
        self.column.addWidget(self.picture, 1)
        self.column.addWidget(self.caption)
        self.column.addWidget(self.trouble)
        line = QHBoxLayout()
        for sign, name, act in (
            ("left", _("Précédente"), lambda: self.step(-1)),
            ("right", _("Suivante"), lambda: self.step(1)),
            ("minus", _("Réduire"), lambda: self.picture.scale_by(1 / STEP)),
            ("plus", _("Agrandir"), lambda: self.picture.scale_by(STEP)),
            ("turn-left", _("Tourner à gauche"), lambda: self.picture.turn(-90)),
            ("turn-right", _("Tourner à droite"), lambda: self.picture.turn(90)),
            ("whole", _("Tout voir"), self.picture.fit),
        ):
            button = tool(sign, name)
            button.clicked.connect(lambda _checked=False, act=act: act())
            line.addWidget(button)
        line.addStretch()
        self.column.addLayout(line)
        self.finished.connect(self._stop)
        self._fetch()

    @property
    def message(self) -> Message:
        """The one whose photo is shown."""
        return self._photos[self._place]

    def step(self, step: int) -> None:
        """The next photo, or the one before."""
        place = self._place + step
        if 0 <= place < len(self._photos):
            self._place = place
            self._fetch()

    def _fetch(self) -> None:
        message = self.message
        attachment = message.attachments[0]
        small = QPixmap()
        if attachment.thumbnail and small.loadFromData(attachment.thumbnail):
            self.picture.show_picture(small)
        self.caption.setText(message.text)
        self.trouble.hide()
        self.setWindowTitle(_("Photo {place} sur {count}").format(place=self._place + 1, count=len(self._photos)))
        self._stop()
        self._asked = self.ask(
            lambda account: account.fetch(message),
            lambda content: self._show(message, content),
            self.fail,
        )

    def _stop(self) -> None:
        if self._asked is not None:
            self._asked.cancel()

    def _show(self, message: Message, content: bytes) -> None:
        pixmap = QPixmap()
        if not self._is_gone and message is self.message and pixmap.loadFromData(content):
            self.picture.show_picture(pixmap)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        match event.key():
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.picture.scale_by(STEP)
            case Qt.Key.Key_Minus:
                self.picture.scale_by(1 / STEP)
            case Qt.Key.Key_R:
                self.picture.turn(90)
            case Qt.Key.Key_L:
                self.picture.turn(-90)
            case Qt.Key.Key_0:
                self.picture.fit()
            case Qt.Key.Key_PageDown | Qt.Key.Key_N:
                self.step(1)
            case Qt.Key.Key_PageUp | Qt.Key.Key_P:
                self.step(-1)
            case _:
                super().keyPressEvent(event)
