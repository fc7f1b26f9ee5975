"""The page at which one works: conversations on the left, the open one on the right."""

from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from clients.desktop.state import facts as f
from clients.desktop.state.listing import visible
from clients.desktop.state.model import Missed, Row
from clients.desktop.state.reading import to_acknowledge
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.directory import NewConversationDialog
from clients.desktop.views.parts.banners import Banner
from clients.desktop.views.parts.buttons import LabelledButton
from clients.desktop.views.parts.conversations import ConversationList
from clients.desktop.views.parts.empty import Empty
from clients.desktop.views.parts.losses import LossesBanner
from clients.desktop.views.parts.menus import open_menu
from clients.desktop.views.parts.releases import ReleaseBanner
from clients.desktop.views.parts.thread import ThreadPane
from clients.desktop.views.theme import scale
from clients.desktop.words import _, ngettext
from miss.base.ids import ConversationId
from miss.client.events import ConnectionState


class WorkPage(QWidget):
    """Everything of the chat."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__()
        self.desktop = desktop
        self.list = ConversationList(desktop.clock)
        self.search = QLineEdit(placeholderText=_("Filtrer les conversations"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(_("Filtrer les conversations"))
        self.only_unread = QPushButton(_("Non lus"))
        self.only_unread.setCheckable(True)
        self.only_unread.setToolTip(_("N’afficher que ce qui n’est pas lu"))
        self.new = LabelledButton("plus", _("Nouvelle"), "primary")
        self.new.setAccessibleName(_("Nouvelle conversation"))
        self.offline = Banner()
        self.alarms = Banner("alarm")
        self.missed = Banner()
        self.trouble = Banner()
        self.release = ReleaseBanner(desktop)
        self.losses = LossesBanner(desktop, self)
        self.pane = ThreadPane(desktop)
        self.nobody = Empty("chat-empty")
        self._right = QStackedWidget()
        self.no_rows = Empty("people")
        self._lay_out()
        self.list.chosen.connect(desktop.choose)
        self.list.asked.connect(self._ask_about)
        self.list.doubled.connect(desktop.open_apart)
        self.search.textChanged.connect(lambda text: desktop.do(f.ListSearched(text)))
        self.search.returnPressed.connect(self._take_first)
        self.only_unread.toggled.connect(lambda on: desktop.do(f.UnreadOnly(on)))
        self.new.clicked.connect(self.begin)
        desktop.changed.connect(self.refresh)

    def _lay_out(self) -> None:
        acts = QHBoxLayout()
        acts.addWidget(self.only_unread)
        acts.addStretch()
        acts.addWidget(self.new)
        head = QVBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.search)
        head.addLayout(acts)
        head.setContentsMargins(10, 10, 10, 6)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.no_rows, 1)
        column.addWidget(self.list, 1)
        self._right.addWidget(self.nobody)
        self._right.addWidget(self.pane)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self._right)
        self.splitter.setStretchFactor(1, 1)
        self._fit()
        self.splitter.setChildrenCollapsible(False)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        for banner in (self.alarms, self.offline, self.trouble, self.losses, self.missed, self.release):
            page.addWidget(banner)
        page.addWidget(self.splitter, 1)

    def _fit(self) -> None:
        self.splitter.setSizes([int(340 * min(scale(), 1.5)), 700])

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802  # Qt's name
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    # Showing

    def refresh(self) -> None:
        """Draw what is shown now."""
        state = self.desktop.state
        if state.me is None:
            self.pane.refresh()
            self.list.show_rows([], None)
            return
        rows = visible(state)
        self.list.show_rows(rows, state.chosen)
        self.no_rows.setVisible(not rows)
        self.list.setVisible(bool(rows))
        self.no_rows.say(self._why_empty())
        self._right.setCurrentIndex(1 if state.thread else 0)
        self.nobody.say(
            _(
                "Choisissez une conversation, ou commencez-en une.\n\n"
                "Ctrl+K va à une conversation, F1 montre les touches."
            )
        )
        self.pane.refresh()
        self._show_connection()
        self._show_alarms()
        self._show_missed(state.missed)
        self.losses.refresh()
        self.release.refresh()
        self.trouble.say(state.trouble, (_("Fermer"), lambda: self.desktop.do(f.TroubleSeen())))

    def _why_empty(self) -> str:
        state = self.desktop.state
        if state.list_text:
            return _("Aucune conversation ne porte ce nom.")
        if state.only_unread and state.rows:
            return _("Tout est lu.")
        return _("Aucune conversation pour l’instant.\nCherchez un confrère dans l’annuaire pour lui écrire.")

    def _show_connection(self) -> None:
        state = self.desktop.state
        text = ""
        if state.obstacle:
            text = state.obstacle
        elif state.connection is ConnectionState.WAITING:
            waiting = sum(row.waiting for row in state.rows)
            text = _("Hors connexion. Ce que vous écrivez partira dès le retour du réseau.")
            if waiting:
                more = ngettext("{count} message attend.", "{count} messages attendent.", waiting)
                text = f"{text} {more}"
        elif state.connection is ConnectionState.REFUSED:
            text = _("Le serveur n’accepte plus cet appareil ({reason}). Vos messages restent ici.").format(
                reason=state.refusal
            )
        may_retry = bool(text) and state.connection is not ConnectionState.REFUSED
        self.offline.say(text, *([(_("Réessayer"), self._try_now)] if may_retry else []))

    def _try_now(self) -> None:
        self.desktop.core.ask(lambda account: account.try_now())

    def _show_alarms(self) -> None:
        waiting = to_acknowledge(self.desktop.state)
        if not waiting:
            self.alarms.say("")
            return
        first = waiting[0]
        row = next((one for one in self.desktop.state.rows if one.cid == first.cid), None)
        text = _("Résultat alarmant dans « {title} » : accusez réception, ou prévenez un confrère.").format(
            title=row.title if row else "…"
        )
        if len(waiting) > 1:
            text += " " + ngettext("{count} autre attend.", "{count} autres attendent.", len(waiting) - 1)
        self.alarms.say(
            text,
            (_("Voir"), lambda: self.pane.go_to(first.cid, first.seq)),
            (_("J’accuse réception"), lambda: self._acknowledge(first.cid, first.seq)),
            key=(first.cid, first.seq),
        )

    def _acknowledge(self, cid: ConversationId, seq: int) -> None:
        self.desktop.core.ask(lambda account: account.acknowledge(cid, seq))

    def _show_missed(self, missed: tuple[Missed, ...]) -> None:
        if not missed or sum(one.count for one in missed) < 2:
            self.missed.say("")
            return
        parts = []
        for one in missed[:4]:
            words = ngettext("{count} message", "{count} messages", one.count)
            marks = (
                [_("alarme")] * bool(one.alarms) + [_("urgent")] * bool(one.urgent) + [_("vous nomme")] * one.names_me
            )
            parts.append(f"{one.title} ({', '.join([words, *marks])})")
        if len(missed) > 4:
            parts.append("…")
        first = missed[0]
        self.missed.say(
            _("Pendant votre absence : {parts}").format(parts=" · ".join(parts)),
            (_("Voir"), lambda: self._open_missed(first)),
            (_("Tout marquer comme lu"), self._read_all),
            (_("Fermer"), lambda: self.desktop.do(f.MissedSeen())),
            key=tuple(one.cid for one in missed),
        )

    def _open_missed(self, missed: Missed) -> None:
        self.desktop.do(f.MissedSeen())
        self.desktop.choose(missed.cid)

    def _read_all(self) -> None:
        self.desktop.do(f.MissedSeen())
        self.desktop.core.ask(lambda account: account.mark_all_read())

    # Doing

    def begin(self) -> None:
        """A new conversation, with people of the directory."""
        NewConversationDialog(self.desktop, self).exec()

    def _take_first(self) -> None:
        rows = visible(self.desktop.state)
        if rows:
            self.desktop.choose(rows[0].cid)

    def _ask_about(self, row: Row, place: QPoint) -> None:
        menu = QMenu(self)
        core, cid = self.desktop.core, row.cid
        menu.addAction(_("Ouvrir dans sa fenêtre")).triggered.connect(lambda: self.desktop.open_apart(cid))
        pin = menu.addAction(_("Ne plus épingler") if row.pinned else _("Épingler"))
        pin.triggered.connect(lambda: core.ask(lambda account: account.set_marks(cid, pinned=not row.pinned)))
        mute = menu.addAction(_("Rétablir les notifications") if row.muted else _("Mettre en sourdine"))
        mute.triggered.connect(lambda: core.ask(lambda account: account.set_marks(cid, muted=not row.muted)))
        open_menu(menu, place)
