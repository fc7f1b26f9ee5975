"""The signs of buttons and menus: strokes on a grid of 24, drawn here, in the colour of the text beside them."""

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

_BUBBLE: Final = (
    "M5 4.5h14a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5H10l-5 4v-4a1.5 1.5 0 0 1-1.5-1.5V6A1.5 1.5 0 0 1 5 4.5z"
)
_STROKES: Final = {
    "attach": "M20 11.5l-8.4 8.4a5 5 0 0 1-7-7l8.6-8.7a3.4 3.4 0 0 1 4.8 4.8l-8.5 8.5a1.8 1.8 0 0 1-2.5-2.5l7.7-7.8",
    "urgent": "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18M12 7.5v5.5M12 16.4v.1",
    "alarm": "M6 17v-6a6 6 0 0 1 12 0v6l1.6 2H4.4zM10.2 21.5h3.6M12 3.2v1.6",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.4 15.4l5.1 5.1",
    "people": "M9 4.6a3.6 3.6 0 1 0 0 7.2a3.6 3.6 0 1 0 0-7.2M2.6 20a6.4 6.4 0 0 1 12.8 0M16 4.8a3.6 3.6 0 0 1 0 6.9"
    "M18 14.2a6.4 6.4 0 0 1 3.4 5.8",
    "window": "M14 4h6v6M20 4l-8.5 8.5M18 14v4.2a1.8 1.8 0 0 1-1.8 1.8H5.8A1.8 1.8 0 0 1 4 18.2V7.8"
    "A1.8 1.8 0 0 1 5.8 6H10",
    "close": "M6 6l12 12M18 6L6 18",
    "send": "M4 12l16.5-7.5L14 20.5l-3-7.2zM11 13.3l4.2-4",
    "chat": _BUBBLE,
    "cases": "M9 3.5h6v3H9zM9 5H6a1.5 1.5 0 0 0-1.5 1.5V19A1.5 1.5 0 0 0 6 20.5h12a1.5 1.5 0 0 0 1.5-1.5V6.5"
    "A1.5 1.5 0 0 0 18 5h-3M8.5 11.5h7M8.5 15.5h4.5",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "left": "M14.5 5l-7 7l7 7",
    "right": "M9.5 5l7 7l-7 7",
    "turn-left": "M4 4.5v5.5h5.5M4.6 10A8 8 0 1 1 4 13.5",
    "turn-right": "M20 4.5v5.5h-5.5M19.4 10A8 8 0 1 0 20 13.5",
    "whole": "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
    "undo": "M8.5 5L4 9.5L8.5 14M4 9.5h10a5.2 5.2 0 0 1 0 10.4h-3",
    "arrow": "M5 19L18.5 5.5M9.5 5.5h9v9",
    "blur": "M4 4h4.5v4.5H4zM15.5 4H20v4.5h-4.5zM9.8 9.8h4.5v4.5H9.8zM4 15.5h4.5V20H4zM15.5 15.5H20V20h-4.5z",
    "refresh": "M20 5v5.5h-5.5M19.5 10.5A8 8 0 1 0 19.6 15",
    "hand-over": "M12 3.5v11M7.5 10.5L12 15l4.5-4.5M4 17v2a1.5 1.5 0 0 0 1.5 1.5h13A1.5 1.5 0 0 0 20 19v-2",
    "pin": "M9 3.5h6l-.8 6.5l3.3 3.5h-11L9.8 10zM12 13.5V21",
    "mute": "M7 17v-6a5 5 0 0 1 7.6-4.3M17.4 12v5H5.4M10.2 21h3.6M4 4l16 16",
    "chat-empty": _BUBBLE + "M8 9h8M8 12.3h5",
}
_SIDES: Final = (16, 20, 24, 32, 48)
SIGN_PX: Final = 20


@lru_cache(maxsize=512)
def pixmap(name: str, colour: str, side: int, ratio: float = 1.0) -> QPixmap:
    """One sign in one colour, `side` wide and high on the screen."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path fill="none" stroke-width="1.8" '
        f'stroke-linecap="round" stroke-linejoin="round" stroke="{colour}" d="{_STROKES[name]}"/></svg>'
    )
    drawn = QPixmap(QSize(side, side) * ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    QSvgRenderer(QByteArray(svg.encode())).render(painter, QRectF(0, 0, side * ratio, side * ratio))
    painter.end()
    drawn.setDevicePixelRatio(ratio)
    return drawn


def sign(name: str, colour: str, faint: str = "") -> QIcon:
    """A sign for a button, at the sizes that screens ask for; `faint`: its colour where the button is disabled."""
    made = QIcon()
    for side in _SIDES:
        made.addPixmap(pixmap(name, colour, side))
        if faint:
            made.addPixmap(pixmap(name, faint, side), QIcon.Mode.Disabled)
    return made
