"""Colours and sizes: light, dark, high contrast (WCAG 2.1 AA; AAA where contrast is asked for)."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget

from clients.desktop.state.model import Theme


@dataclass(frozen=True, slots=True)
class Colours:
    """One theme, as hexadecimal RGB."""

    window: str
    surface: str
    text: str
    faint: str
    line: str
    accent: str
    on_accent: str
    mine: str
    theirs: str
    danger: str
    on_danger: str
    caution: str
    on_caution: str
    chosen: str
    """Behind what is selected in a list."""
    on_chosen: str
    is_dark: bool = False


SIGNS: Final = Path(__file__).with_name("signs")
LIGHT: Final = Colours(
    window="#f3f5f7",
    surface="#ffffff",
    text="#17212b",
    faint="#52606d",
    line="#d3dae1",
    accent="#0b6e6e",
    on_accent="#ffffff",
    mine="#d8efec",
    theirs="#ffffff",
    danger="#b3261e",
    on_danger="#ffffff",
    caution="#fff3d1",
    on_caution="#4a3500",
    chosen="#d5ebe8",
    on_chosen="#0c2f2e",
)
DARK: Final = Colours(
    window="#14191e",
    surface="#1d242b",
    text="#e8edf2",
    faint="#a5b1bd",
    line="#36414c",
    accent="#57c5bb",
    on_accent="#06201e",
    mine="#1d4745",
    theirs="#28323b",
    danger="#ff8a80",
    on_danger="#2b0503",
    caution="#4a3a10",
    on_caution="#ffe9ae",
    chosen="#20423f",
    on_chosen="#eafaf8",
    is_dark=True,
)
CONTRAST: Final = Colours(
    window="#000000",
    surface="#000000",
    text="#ffffff",
    faint="#ffffff",
    line="#ffffff",
    accent="#ffff00",
    on_accent="#000000",
    mine="#00324a",
    theirs="#000000",
    danger="#ff9d94",
    on_danger="#000000",
    caution="#ffff00",
    on_caution="#000000",
    chosen="#ffff00",
    on_chosen="#000000",
    is_dark=True,
)


class _Worn:
    colours = LIGHT
    point_size = 0.0
    percent = 100


def colours() -> Colours:
    """The theme that is worn."""
    return _Worn.colours


def scale() -> float:
    """How much larger than usual texts are."""
    return _Worn.percent / 100


def enlarge(widget: QWidget, width_px: int, height_px: int = 10) -> None:
    """Make a window as large as this at 100 %, in proportion to the text, and within the screen."""
    room = widget.screen().availableSize()
    width, height = min(int(width_px * scale()), room.width() - 40), min(int(height_px * scale()), room.height() - 80)
    widget.resize(width, height)


def wear(app: QApplication, theme: Theme, text_percent: int) -> None:
    """Put a theme and a text size on every window, at once."""
    if not _Worn.point_size:
        _Worn.point_size = max(app.font().pointSizeF(), 10.0)
        app.setStyle("Fusion")
    chosen = _choose(theme)
    _Worn.colours = chosen
    _Worn.percent = text_percent
    app.setPalette(_palette(chosen))
    font = QFont(app.font())
    font.setPointSizeF(_Worn.point_size * text_percent / 100)
    app.setFont(font)
    app.setStyleSheet(_sheet(chosen))


def _choose(theme: Theme) -> Colours:
    match theme:
        case Theme.LIGHT:
            return LIGHT
        case Theme.DARK:
            return DARK
        case Theme.CONTRAST:
            return CONTRAST
    is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    return DARK if is_dark else LIGHT


def _palette(c: Colours) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette(QColor(c.window))
    for one, colour in (
        (role.Window, c.window),
        (role.WindowText, c.text),
        (role.Base, c.surface),
        (role.AlternateBase, c.window),
        (role.Text, c.text),
        (role.Button, c.surface),
        (role.ButtonText, c.text),
        (role.ToolTipBase, c.surface),
        (role.ToolTipText, c.text),
        (role.Highlight, c.accent),
        (role.HighlightedText, c.on_accent),
        (role.Link, c.accent),
        (role.PlaceholderText, c.faint),
        (role.Mid, c.line),
    ):
        palette.setColor(one, QColor(colour))
    for one in (role.Text, role.WindowText, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, one, QColor(c.faint))
    return palette


def _sheet(c: Colours) -> str:
    edge = "2px" if c is CONTRAST else "1px"
    return _frames_and_buttons(c, edge) + _fields(c, edge) + _lists_and_menus(c, edge)


def _frames_and_buttons(c: Colours, edge: str) -> str:
    return f"""
    QLabel[role="title"] {{ font-weight: 600; font-size: 120%; }}
    QLabel[role="faint"] {{ color: {c.faint}; }}
    QLabel[role="trouble"] {{ color: {c.danger}; font-weight: 600; }}
    QLabel[role="key"] {{ font-weight: 600; background: {c.surface}; border: 1px solid {c.line}; border-radius: 4px;
                   padding: 2px 7px; }}
    QFrame[role="card"] {{ background: {c.surface}; border: {edge} solid {c.line}; border-radius: 12px; }}
    QFrame[role="head"] {{ background: {c.surface}; border: 0; border-bottom: {edge} solid {c.line}; }}
    QFrame[role="banner"] {{ background: {c.caution}; color: {c.on_caution}; border-bottom: 1px solid {c.line}; }}
    QFrame[role="banner"] QLabel {{ color: {c.on_caution}; }}
    QFrame[role="alarm"] {{ background: {c.danger}; }}
    QFrame[role="alarm"] QLabel {{ color: {c.on_danger}; font-weight: 600; }}
    QPushButton {{ padding: 6px 14px; border: {edge} solid {c.line}; border-radius: 7px; background: {c.surface};
                   color: {c.text}; }}
    QPushButton:hover {{ border-color: {c.accent}; }}
    QPushButton:pressed {{ background: {c.chosen}; color: {c.on_chosen}; }}
    QPushButton:focus, QToolButton:focus {{ border: 2px solid {c.accent}; padding: 5px 13px; }}
    QPushButton:default, QPushButton[role="primary"] {{ background: {c.accent}; color: {c.on_accent};
                   border-color: {c.accent}; }}
    QPushButton:default:focus, QPushButton[role="primary"]:focus {{ border: 2px solid {c.text}; }}
    QPushButton:checked {{ background: {c.accent}; color: {c.on_accent}; border-color: {c.accent}; }}
    QPushButton:disabled {{ color: {c.faint}; background: {c.window}; border-color: {c.line}; }}
    QPushButton[role="danger"] {{ color: {c.danger}; border-color: {c.danger}; }}
    QPushButton[role="danger"]:disabled {{ color: {c.faint}; border-color: {c.line}; }}
    QToolButton, QToolButton:focus {{ padding: 5px; }}
    QToolButton {{ border: 2px solid transparent; border-radius: 7px; }}
    QToolButton:hover {{ background: {c.chosen}; }}
    QToolButton:checked {{ background: {c.danger}; color: {c.on_danger}; }}
    """


def _fields(c: Colours, edge: str) -> str:
    box = int(16 * scale())
    check = (SIGNS / f"check-{'black' if c.is_dark else 'white'}.svg").as_posix()
    down = (SIGNS / f"down-{'white' if c.is_dark else 'black'}.svg").as_posix()
    return f"""
    QLineEdit, QPlainTextEdit {{ padding: 5px 8px; border: {edge} solid {c.line}; border-radius: 7px;
                   background: {c.surface}; color: {c.text}; selection-background-color: {c.accent};
                   selection-color: {c.on_accent}; }}
    QLineEdit:focus, QPlainTextEdit:focus {{ border: 2px solid {c.accent}; padding: 4px 7px; }}
    QLineEdit[readOnly="true"] {{ background: {c.window}; }}
    QCheckBox, QRadioButton {{ spacing: 8px; }}
    QCheckBox::indicator, QListWidget::indicator {{ width: {box}px; height: {box}px; border: 2px solid {c.faint};
                   border-radius: 4px; background: {c.surface}; }}
    QCheckBox::indicator:focus {{ border-color: {c.accent}; }}
    QCheckBox:focus {{ color: {c.accent}; }}
    QCheckBox::indicator:checked, QListWidget::indicator:checked {{ background: {c.accent};
                   border-color: {c.accent}; image: url("{check}"); }}
    QComboBox {{ padding: 5px 8px; border: {edge} solid {c.line}; border-radius: 7px; background: {c.surface};
                   color: {c.text}; }}
    QComboBox:focus {{ border: 2px solid {c.accent}; padding: 4px 7px; }}
    QComboBox::drop-down {{ border: 0; width: {box + 12}px; }}
    QComboBox::down-arrow {{ image: url("{down}"); width: {box}px; height: {box}px; }}
    QComboBox QAbstractItemView {{ background: {c.surface}; color: {c.text}; border: {edge} solid {c.line};
                   selection-background-color: {c.chosen}; selection-color: {c.on_chosen}; }}
    """


def _lists_and_menus(c: Colours, edge: str) -> str:
    return f"""
    QListView {{ border: 2px solid transparent; background: {c.window}; outline: 0; }}
    QListView:focus {{ border-color: {c.accent}; }}
    QListWidget {{ border: {edge} solid {c.line}; border-radius: 8px; background: {c.surface}; padding: 4px; }}
    QListWidget:focus {{ border: 2px solid {c.accent}; padding: 3px; }}
    QListWidget::item {{ padding: 7px 9px; border-radius: 6px; color: {c.text}; }}
    QListWidget::item:hover {{ background: {c.window}; }}
    QListWidget::item:selected {{ background: {c.chosen}; color: {c.on_chosen}; }}
    QListWidget::item:disabled {{ color: {c.faint}; }}
    QTabWidget::pane {{ border: 0; }}
    QTabBar {{ background: {c.window}; }}
    QTabBar::tab {{ padding: 8px 16px; border: 0; border-bottom: 3px solid transparent; color: {c.faint}; }}
    QTabBar::tab:hover {{ color: {c.text}; }}
    QTabBar::tab:selected {{ color: {c.text}; border-bottom-color: {c.accent}; font-weight: 600; }}
    QTabBar::tab:focus {{ background: {c.chosen}; color: {c.on_chosen}; }}
    QMenuBar {{ background: {c.window}; padding: 2px 6px; }}
    QMenuBar::item {{ padding: 5px 10px; border-radius: 6px; background: transparent; }}
    QMenuBar::item:selected {{ background: {c.chosen}; color: {c.on_chosen}; }}
    QMenu {{ background: {c.surface}; border: {edge} solid {c.line}; padding: 5px; }}
    QMenu::item {{ padding: 6px 26px 6px 14px; border-radius: 6px; }}
    QMenu::item:selected {{ background: {c.chosen}; color: {c.on_chosen}; }}
    QMenu::item:disabled {{ color: {c.faint}; }}
    QMenu::separator {{ height: 1px; background: {c.line}; margin: 5px 8px; }}
    QScrollBar:vertical {{ width: 12px; background: transparent; }}
    QScrollBar::handle:vertical {{ background: {c.line}; min-height: 36px; border-radius: 4px; margin: 2px; }}
    QScrollBar::handle:vertical:hover {{ background: {c.faint}; }}
    QScrollBar:horizontal {{ height: 12px; background: transparent; }}
    QScrollBar::handle:horizontal {{ background: {c.line}; min-width: 36px; border-radius: 4px; margin: 2px; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QScrollArea {{ border: 0; }}
    QSplitter::handle {{ background: {c.line}; width: 1px; }}
    QToolTip {{ color: {c.text}; background: {c.surface}; border: 1px solid {c.line}; padding: 4px 6px; }}
    """
