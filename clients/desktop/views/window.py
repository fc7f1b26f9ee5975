"""The window: which page is shown, the menus, the keys that work everywhere, and the lock after a while of nothing."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QMainWindow,
    QMenu,
    QMenuBar,
    QMessageBox,
    QStackedWidget,
    QTabWidget,
)

from clients.desktop.state import facts as f
from clients.desktop.state.listing import unread_total
from clients.desktop.state.model import Settings, State
from clients.desktop.views import theme
from clients.desktop.views.apart import Windows
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.finding import JumpDialog, SearchDialog
from clients.desktop.views.dialogs.keys import KeysDialog
from clients.desktop.views.dialogs.losses import LossesDialog
from clients.desktop.views.dialogs.owner import DevicesDialog, RecoveryDialog
from clients.desktop.views.dialogs.settings import SettingsDialog
from clients.desktop.views.global_key import make_grabber
from clients.desktop.views.global_key.holder import KeyHolder
from clients.desktop.views.icons import SIGN_PX, sign
from clients.desktop.views.pages.cases import CasesPage
from clients.desktop.views.pages.link import LinkPage
from clients.desktop.views.pages.unlock import UnlockPage
from clients.desktop.views.pages.work import WorkPage
from clients.desktop.views.parts.wording import presence_text
from clients.desktop.views.tray import Tray, icon
from clients.desktop.words import _, speak
from miss.base.ids import ConversationId
from miss.base.text import Language
from miss.client.model import Presence

_SIGNS_OF_LIFE = frozenset(
    {QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.Wheel}
)


class MainWindow(QMainWindow):
    """Linking, unlocking or working."""

    def __init__(self, desktop: Desktop, machine_language: Language) -> None:
        super().__init__()
        self.desktop = desktop
        self._machine_language = machine_language
        self._worn: Settings | None = None
        self.setWindowTitle("MiSS")
        self.setWindowIcon(icon())
        self.resize(1080, 720)
        self._limit()
        self.pages = QStackedWidget()
        self.setCentralWidget(self.pages)
        self.windows = Windows(desktop, self)
        self.tray = Tray(desktop, self, self.windows.is_watched)
        self._build()
        self._is_linking = False
        self.idle = QTimer(self, singleShot=True)
        self.idle.timeout.connect(desktop.lock)
        desktop.locked.connect(self._clear_screen)
        self.key_holder = KeyHolder(desktop, make_grabber(), self.jump)
        self._was: State | None = None
        desktop.changed.connect(self.refresh)
        desktop.heard.connect(self._hear)
        desktop.jump_wanted.connect(self.jump)
        desktop.message_wanted.connect(self._go_to)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)
        if desktop.policy.kiosk:
            self.setWindowFlag(Qt.WindowType.WindowCloseButtonHint, False)
            self.showFullScreen()
        self.refresh()
        self.unlock.refresh()

    def _build(self) -> None:
        """Pages and menus, in the language in force."""
        while (before := self.pages.widget(0)) is not None:
            self.pages.removeWidget(before)
            before.deleteLater()
        self.unlock, self.link = UnlockPage(self.desktop), LinkPage(self.desktop)
        self.work, self.cases = WorkPage(self.desktop), CasesPage(self.desktop)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.work, _("Messages"))
        self.tabs.addTab(self.cases, _("Téléexpertise"))
        self.tabs.setIconSize(QSize(SIGN_PX, SIGN_PX))
        for page in (self.unlock, self.link, self.tabs):
            self.pages.addWidget(page)
        self.unlock.another_wanted.connect(self._begin_linking)
        self.link.gave_up.connect(self._stop_linking)
        self._menus()
        self.tray.end()
        self.tray = Tray(self.desktop, self, self.windows.is_watched)
        self.windows.rebuild()

    def _menus(self) -> None:
        self.setMenuBar(QMenuBar())  # with the bar before go its menus, whose acts hold the pages of another language
        pane = self.work.pane
        messages = self.menuBar().addMenu(_("&Messages"))
        self._act(messages, _("Nouvelle conversation…"), "Ctrl+N", self.work.begin)
        self._act(messages, _("Aller à une conversation…"), "Ctrl+K", self.jump)
        self._act(messages, _("Chercher ici…"), "Ctrl+F", lambda: self._search(here=True))
        self._act(messages, _("Chercher partout…"), "Ctrl+Shift+F", lambda: self._search(here=False))
        pane.find_button.clicked.connect(lambda: self._search(here=True))
        self._act(messages, _("Ouvrir dans sa fenêtre"), "Ctrl+Shift+O", self.work.pane.open_apart)
        messages.addSeparator()
        self._act(messages, _("Suivante"), "Alt+Down", lambda: self.desktop.step(1, unread=False))
        self._act(messages, _("Précédente"), "Alt+Up", lambda: self.desktop.step(-1, unread=False))
        self._act(messages, _("Non lue suivante"), "Alt+Shift+Down", lambda: self.desktop.step(1, unread=True))
        self._act(messages, _("Non lue précédente"), "Alt+Shift+Up", lambda: self.desktop.step(-1, unread=True))
        self._act(messages, _("Premier message non lu"), "Ctrl+J", pane.go_to_unread)
        self._losses = self._act(messages, _("Messages perdus…"), "", lambda: LossesDialog(self.desktop, self).exec())
        read_all = lambda: self.desktop.core.ask(lambda account: account.mark_all_read())  # noqa: E731
        self._act(messages, _("Tout marquer comme lu"), "Ctrl+Shift+A", read_all)
        if self.desktop.policy.allow_export:
            messages.addSeparator()
            self._act(messages, _("Imprimer un extrait…"), "Ctrl+P", self._extract)
        account = self.menuBar().addMenu(_("&Compte"))
        self._presence_menu(account.addMenu(_("Ma disponibilité")))
        self._act(account, _("Mes appareils…"), "", lambda: DevicesDialog(self.desktop, self).exec())
        self._act(account, _("Clé de récupération…"), "", lambda: RecoveryDialog(self.desktop, self).exec())
        self._act(account, _("Réglages…"), "Ctrl+,", lambda: SettingsDialog(self.desktop, self).exec())
        account.addSeparator()
        self._act(account, _("Verrouiller"), "Ctrl+L", self.desktop.lock)
        self._act(account, _("Changer de compte"), "Ctrl+Shift+L", self.desktop.switch)
        if not self.desktop.policy.kiosk:
            self._act(account, _("Quitter"), "Ctrl+Q", self.quit)
        aid = self.menuBar().addMenu(_("&Aide"))
        self._act(aid, _("Touches"), "F1", lambda: KeysDialog(self).exec())
        self._only_open = [one for menu in (messages, account) for one in menu.actions()][:-1]

    def _presence_menu(self, menu: QMenu) -> None:
        self._presences = QActionGroup(menu)
        for presence in (Presence.PRESENT, Presence.ON_DUTY, Presence.DO_NOT_DISTURB, Presence.AWAY):
            say = partial(self._say_presence, presence)
            action = self._act(menu, presence_text(presence), "", say)
            action.setCheckable(True)
            action.setData(presence)
            self._presences.addAction(action)

    def _say_presence(self, presence: Presence) -> None:
        settings = replace(self.desktop.state.settings, presence=presence)
        self.desktop.core.ask(lambda account: account.change_settings(settings))

    def _act(self, menu: QMenu, text: str, key: str, act: Callable[[], object]) -> QAction:
        action = menu.addAction(text)
        if key:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _checked=False: act())
        return action

    # Showing

    def refresh(self) -> None:
        """Which page, which colours."""
        state = self.desktop.state
        is_open = state.me is not None and not self.desktop.is_covered
        if is_open:
            self._is_linking = False
            self._wear(state.settings)
            self._show(self.tabs)
            self._label_tabs(state)
            self._losses.setVisible(bool(state.losses))
            for action in self._presences.actions():
                action.setChecked(action.data() == state.settings.presence)
            self.unlock.opened()
            if not self.idle.isActive() or self.idle.remainingTime() > self._idle_ms():
                self._live()
        elif self._is_linking or not self.desktop.profiles.list_():
            self._show(self.link)
            self.link.back.setVisible(bool(self.desktop.profiles.list_()))
        else:
            self._show(self.unlock)
        for action in self._only_open:
            action.setEnabled(is_open)

    def _label_tabs(self, state: State) -> None:
        """How much waits behind each tab."""
        c = theme.colours()
        waiting = sum(one.ended_at is None for one in state.cases.to_answer)
        for place, (name, text, count) in enumerate(
            (("chat", _("Messages"), unread_total(state)), ("cases", _("Téléexpertise"), waiting))
        ):
            self.tabs.setTabIcon(place, sign(name, c.text))
            self.tabs.setTabText(place, f"{text} ({count})" if count else text)

    def _show(self, page: UnlockPage | LinkPage | QTabWidget) -> None:
        if self.pages.currentWidget() is page:
            return
        self.pages.setCurrentWidget(page)
        if isinstance(page, UnlockPage):
            page.refresh()

    def _wear(self, settings: Settings) -> None:
        before, self._worn = self._worn, settings
        if before == settings:
            return
        app = QApplication.instance()
        if isinstance(app, QApplication):
            theme.wear(app, settings.theme, settings.text_percent)
            self._limit()
        if before is None or before.language != settings.language:
            speak(Language(settings.language) if settings.language else self._machine_language)
            self._build()
            self._show(self.tabs)
            self.work.refresh()
            self.cases.refresh()
        self.work.pane.messages.redraw()
        self.windows.redraw()

    def _limit(self) -> None:
        """No smaller than what can be worked in, at the size of text that is worn."""
        scale, room = min(theme.scale(), 1.4), self.screen().availableSize()
        self.setMinimumSize(min(int(720 * scale), room.width()), min(int(460 * scale), room.height()))

    def _hear(self, fact: f.Fact) -> None:
        if isinstance(fact, f.DeviceOut):
            if fact.wiped:
                text = _("Cet appareil a été retiré de votre compte ; ses messages ont été effacés de ce poste.")
            else:
                text = _("Le serveur ne reconnaît plus cet appareil. Il est verrouillé ; rien n’est effacé.")
            self._put_out(fact.wiped)
            box = QMessageBox(QMessageBox.Icon.Warning, "MiSS", text, parent=self)
            box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            box.open()

    def _put_out(self, wiped: bool) -> None:
        """This device is out: nothing stays on the screen; what the owner's own link wiped leaves the disk whole."""
        profile = self.desktop.profile
        if wiped and profile is not None:
            self.desktop.core.forget(profile, self.refresh)
        else:
            self.desktop.switch()

    # Doing

    def _search(self, *, here: bool) -> None:
        SearchDialog(self.desktop, self.work.pane, here=here, parent=self).exec()

    def _extract(self) -> None:
        from clients.desktop.views.dialogs.extract import ExtractDialog  # printing is large, and rare

        thread = self.desktop.state.thread
        if thread is not None:
            ExtractDialog(self.desktop, thread, self).exec()

    def reveal(self) -> None:
        """This window, in front."""
        self.tray.reveal()

    def jump(self) -> None:
        """To a conversation, from wherever somebody is."""
        self.reveal()
        if self.desktop.state.me is not None and not self.desktop.is_covered:
            JumpDialog(self.desktop, self).exec()

    def _go_to(self, cid: ConversationId, seq: int) -> None:
        if cid not in self.desktop.state.windows:
            self.tray.reveal()
            self.work.pane.go_to(cid, seq)

    def _begin_linking(self) -> None:
        self._is_linking = True
        self.refresh()

    def _stop_linking(self) -> None:
        self._is_linking = False
        self.refresh()

    # Leaving

    def _clear_screen(self) -> None:
        """Whatever is open above the page goes: questions, menus, choices of files."""
        for one in QApplication.topLevelWidgets():
            if isinstance(one, QDialog):
                one.reject()
            elif isinstance(one, QMenu):
                one.close()

    def _live(self) -> None:
        self.idle.start(self._idle_ms())

    def _idle_ms(self) -> int:
        return self.desktop.state.settings.lock_after_min * 60_000

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802  # Qt's name
        if event.type() in _SIGNS_OF_LIFE and self.desktop.state.me is not None and not self.desktop.is_covered:
            self._live()
        if event.type() == QEvent.Type.WindowActivate:
            self.work.pane.seen()
        return super().eventFilter(watched, event)

    def quit(self) -> None:
        """For good, not into the tray."""
        self.setProperty("quitting", True)
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802  # Qt's name
        self.work.pane.keep_pending()
        stays = self.desktop.policy.kiosk or (self.tray.icon.isVisible() and not self.property("quitting"))
        if stays:
            event.ignore()
            if not self.desktop.policy.kiosk:
                self.hide()
            return
        event.accept()
        self.windows.end()
        self.key_holder.end()
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self.desktop.core.stop()
        QApplication.quit()
