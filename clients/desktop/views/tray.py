"""The icon beside the clock: how much is unread, notices, and the way back to the window."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from clients.desktop.state import facts as f
from clients.desktop.state.cases import Case
from clients.desktop.state.listing import unread_total
from clients.desktop.state.notices import notice_of
from clients.desktop.views.desktop import Desktop
from clients.desktop.words import _, ngettext
from miss.base.ids import ConversationId
from miss.client.model import Presence

NOTICE_MS = 8000


def icon(unread: int = 0, *, is_alarm: bool = False) -> QIcon:
    """The sign of MiSS, with a number if something is unread."""
    pixmap = QPixmap(64, 64)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#0b6e6e"))
    painter.drawRoundedRect(2, 2, 60, 60, 16, 16)
    painter.setPen(QColor("#ffffff"))
    font = QFont()
    font.setPixelSize(38)
    font.setBold(True)
    painter.setFont(font)
    painter.drawText(pixmap.rect(), Qt.AlignmentFlag.AlignCenter, "M")
    if unread or is_alarm:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor("#b3261e"))
        painter.drawEllipse(32, 32, 32, 32)
        painter.setPen(QColor("#ffffff"))
        font.setPixelSize(20)
        painter.setFont(font)
        text = "!" if is_alarm else str(min(unread, 99))
        painter.drawText(32, 32, 32, 32, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.end()
    return QIcon(pixmap)


class Tray(QObject):
    """Icon and notices; machines without a tray have the window's title."""

    def __init__(self, desktop: Desktop, window: QWidget, is_watched: Callable[[ConversationId], bool]) -> None:
        """`is_watched`: whether a conversation is in front of somebody."""
        super().__init__(window)
        self._desktop = desktop
        self._window = window
        self._is_watched = is_watched
        self._shown: tuple[int, bool] | None = None
        self._next: ConversationId | None = None
        self.icon = QSystemTrayIcon(icon(), self)
        self._menu = menu = QMenu(window)
        menu.addAction(_("Ouvrir MiSS")).triggered.connect(self.reveal)
        menu.addAction(_("Verrouiller")).triggered.connect(desktop.lock)
        if not desktop.policy.kiosk:
            menu.addAction(_("Quitter")).triggered.connect(self._quit)
        self.icon.setContextMenu(menu)
        self.icon.activated.connect(lambda _reason: self.reveal())
        self.icon.messageClicked.connect(self._go)
        if QSystemTrayIcon.isSystemTrayAvailable():
            self.icon.show()
        desktop.heard.connect(self.hear)
        desktop.cases_moved.connect(self.hear_cases)
        desktop.changed.connect(self.refresh)

    def end(self) -> None:
        """Another icon takes its place."""
        self.icon.hide()
        self._desktop.heard.disconnect(self.hear)
        self._desktop.cases_moved.disconnect(self.hear_cases)
        self._desktop.changed.disconnect(self.refresh)
        self._menu.deleteLater()
        self.deleteLater()

    def refresh(self) -> None:
        """Draw the number again."""
        state = self._desktop.state
        shown = (unread_total(state), any(row.alarms for row in state.rows))
        if shown != self._shown:
            self._shown = shown
            unread, is_alarm = shown
            self.icon.setIcon(icon(unread, is_alarm=is_alarm))
            if isinstance(app := QGuiApplication.instance(), QGuiApplication):
                app.setBadgeNumber(unread)  # on the icon of the program, where the system draws one
            text = ngettext("{count} non lu", "{count} non lus", unread) if unread else _("rien de neuf")
            self.icon.setToolTip(f"MiSS · {text}")
            self._window.setWindowTitle(f"({unread}) MiSS" if unread else "MiSS")

    def hear(self, fact: f.Fact) -> None:
        """Say that something came."""
        if not isinstance(fact, f.Arrived):
            return
        state = self._desktop.state
        notice = notice_of(
            fact,
            state.settings.notices,
            is_watched=self._is_watched(fact.row.cid),
            is_quiet=state.settings.presence is Presence.DO_NOT_DISTURB,
        )
        if notice is not None:
            self._next = fact.row.cid
            kind = QSystemTrayIcon.MessageIcon
            self.icon.showMessage(
                notice.title, notice.body, kind.Warning if notice.is_urgent else kind.Information, NOTICE_MS
            )

    def hear_cases(self, cases: list[Case]) -> None:
        """Say that something was assigned, or answered; never what about."""
        answered = sum(one.is_asked_by_me for one in cases)
        given = len(cases) - answered
        parts = [ngettext("{count} avis à rendre", "{count} avis à rendre", given)] if given else []
        parts += [ngettext("{count} réponse reçue", "{count} réponses reçues", answered)] if answered else []
        self._next = None
        self.icon.showMessage(_("Téléexpertise"), ", ".join(parts), self.icon.MessageIcon.Information, NOTICE_MS)

    def reveal(self) -> None:
        """The window, in front."""
        if self._window.isMinimized():
            self._window.showNormal()
        self._window.show()
        self._window.raise_()
        self._window.activateWindow()

    def _go(self) -> None:
        self.reveal()
        found = next((row.cid for row in self._desktop.state.rows if row.cid == self._next), None)
        if found is not None and not self._desktop.is_covered:
            self._desktop.choose(found)

    def _quit(self) -> None:
        self._window.setProperty("quitting", True)
        self._window.close()
