"""Requests for advice: what one has to answer by deadline, what one has asked, and the answers for the practice.

What is asked and answered is read on the service's own pages: one click opens them in the browser.
"""

from datetime import datetime
from typing import Final
from urllib.parse import quote

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, QUrl
from PySide6.QtGui import QColor, QDesktopServices, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from clients.desktop.state import facts as f
from clients.desktop.state.cases import Case, Cases, Handed, by_deadline, is_late
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.parts.buttons import LabelledButton
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.theme import CONTRAST, colours
from clients.desktop.words import _, day, hour, ngettext
from miss.base.clock import Clock

_CASE: Final = Qt.ItemDataRole.UserRole
_PAD: Final = 8


def case_text(case: Case, now: datetime) -> str:
    """Two lines: number and title; where it stands and until when."""
    parts = [case.state_display]
    due = case.offer_expires_at or case.deadline_at
    if due is not None and case.ended_at is None:
        said = _("avant {day} {hour}").format(day=day(due, None, today=now), hour=hour(due, None))
        parts.append(_("⚠ en retard") if is_late(case, now) else said)
    if case.handed is Handed.WRITTEN:
        parts.append(_("déposé pour votre logiciel"))
    elif case.handed is Handed.TAKEN:
        parts.append(_("intégré"))
    return f"{case.number} · {case.title}\n{' · '.join(parts)}"


class CaseDelegate(QStyledItemDelegate):
    """Draws one request: its subject, its number, where it stands; what is late in red."""

    def __init__(self, clock: Clock, parent: QListWidget) -> None:
        super().__init__(parent)
        self._clock = clock

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return QSize(160, 2 * QFontMetrics(option.font).height() + 2 * _PAD + 3)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        case = index.data(_CASE)
        if not isinstance(case, Case):
            super().paint(painter, option, index)
            return
        c, rect = colours(), option.rect
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(c.chosen if is_chosen else c.window))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 7, 7)
        metrics = QFontMetrics(option.font)
        inner = rect.adjusted(_PAD + 2, _PAD, -_PAD - 2, -_PAD)
        top, bottom = QRect(inner), QRect(inner)
        top.setHeight(metrics.height())
        bottom.setTop(inner.bottom() - metrics.height() + 1)
        faint = QColor(c.on_chosen if is_chosen else c.faint)
        painter.setFont(option.font)
        painter.setPen(faint)
        painter.drawText(top, Qt.AlignmentFlag.AlignRight, case.number)
        room = top.width() - metrics.horizontalAdvance(case.number) - 2 * _PAD
        standing = str(index.data()).partition("\n")[2]
        late = is_late(case, self._clock.now()) and c is not CONTRAST
        painter.setPen(QColor(c.danger) if late else faint)
        painter.drawText(bottom, 0, metrics.elidedText(standing, Qt.TextElideMode.ElideRight, bottom.width()))
        bold = QFont(option.font)
        bold.setWeight(QFont.Weight.DemiBold)
        painter.setFont(bold)
        painter.setPen(QColor(c.on_chosen if is_chosen else c.text))
        painter.drawText(top, 0, QFontMetrics(bold).elidedText(case.title, Qt.TextElideMode.ElideRight, room))
        painter.restore()


class CasesPage(QWidget):
    """Both lists."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__()
        self.desktop = desktop
        self.to_answer, self.asked = Lines(_("Avis à rendre")), Lines(_("Mes demandes"))
        self.answer_title, self.asked_title = QLabel(), QLabel()
        self.note = QLabel(wordWrap=True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.setProperty("role", "faint")
        self.open = LabelledButton("window", _("Ouvrir dans le navigateur"), "primary")
        self.hand = LabelledButton("hand-over", _("Déposer pour mon logiciel"))
        self.refresh_now = LabelledButton("refresh", _("Actualiser"))
        self.ask_new = LabelledButton("plus", _("Demander un avis…"))
        self._shown: Cases | None = None
        self._lay_out()
        for one, other in ((self.to_answer, self.asked), (self.asked, self.to_answer)):
            one.itemActivated.connect(lambda _item: self.open_page())
            one.itemClicked.connect(lambda _item, other=other: other.clearSelection())
            one.currentItemChanged.connect(lambda *_items: self._allow())
            one.itemSelectionChanged.connect(self._allow)
        self.open.clicked.connect(self.open_page)
        self.hand.clicked.connect(self._hand_over)
        self.refresh_now.clicked.connect(self.read)
        self.ask_new.clicked.connect(lambda: self._go("/teleexpertise/"))
        desktop.changed.connect(self.refresh)
        desktop.heard.connect(self._hear)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.note, 1)
        head.addWidget(self.refresh_now)
        head.addWidget(self.ask_new)
        lists = QHBoxLayout()
        lists.setSpacing(18)
        for title, cases in ((self.answer_title, self.to_answer), (self.asked_title, self.asked)):
            title.setProperty("role", "title")
            cases.setItemDelegate(CaseDelegate(self.desktop.clock, cases))
            side = QVBoxLayout()
            side.addWidget(title)
            side.addWidget(cases, 1)
            lists.addLayout(side, 1)
        acts = QHBoxLayout()
        acts.addStretch()
        acts.addWidget(self.hand)
        acts.addWidget(self.open)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        column.addLayout(head)
        column.addLayout(lists, 1)
        column.addLayout(acts)

    def _hear(self, fact: f.Fact) -> None:
        if isinstance(fact, f.CaughtUp):
            self.read()

    def read(self) -> None:
        """Ask the server for both lists."""
        if self.desktop.state.me is not None:
            self.desktop.core.ask(lambda account: account.read_cases())

    def refresh(self) -> None:
        """Draw what is shown now."""
        cases = self.desktop.state.cases
        if cases == self._shown:
            return
        self._shown = cases
        now = self.desktop.clock.now()
        late = sum(is_late(one, now) for one in cases.to_answer)
        title = ngettext("Avis à rendre : {count}", "Avis à rendre : {count}", len(cases.to_answer))
        if late:
            title = _("{title} · dont {count} en retard").format(title=title, count=late)
        self.answer_title.setText(title)
        self.asked_title.setText(ngettext("Mes demandes : {count}", "Mes demandes : {count}", len(cases.asked)))
        _fill(self.to_answer, by_deadline(cases.to_answer), now, _("Rien à rendre pour l’instant."))
        _fill(self.asked, cases.asked, now, _("Vous n’avez rien demandé."))
        if not cases.is_read:
            self.note.setText(_("Lecture des listes…"))
        elif cases.refusal:
            self.note.setText(cases.refusal)
        elif self.desktop.state.settings.report_folder:
            folder = self.desktop.state.settings.report_folder
            self.note.setText(_("Les réponses reçues sont déposées dans {folder}.").format(folder=folder))
        else:
            self.note.setText(_("Choisissez un dossier d’import HPRIM dans les réglages pour y déposer les réponses."))
        self._allow()

    def chosen(self) -> Case | None:
        """The request that is selected."""
        for cases in (self.to_answer, self.asked):
            for item in cases.selectedItems():
                found = item.data(_CASE)
                if isinstance(found, Case):
                    return found
        return None

    def _allow(self) -> None:
        case = self.chosen()
        self.open.setEnabled(case is not None)
        has_folder = bool(self.desktop.state.settings.report_folder)
        self.hand.setEnabled(case is not None and case.is_asked_by_me and case.is_answered and has_folder)

    def open_page(self) -> None:
        """The page of the request that is selected."""
        case = self.chosen()
        if case is not None:
            self._go(f"/teleexpertise/demandes/{quote(case.number)}")

    def _go(self, path: str) -> None:
        me = self.desktop.state.me
        if me is not None:
            QDesktopServices.openUrl(QUrl(me.server_url + path))

    def _hand_over(self) -> None:
        case = self.chosen()
        if case is not None:
            self.desktop.core.ask(lambda account: account.hand_over_again(case.number), lambda _done: self.read())


def _fill(widget: Lines, cases: list[Case] | tuple[Case, ...], now: datetime, empty: str) -> None:
    widget.clear()
    for case in cases:
        item = QListWidgetItem(case_text(case, now))
        item.setData(_CASE, case)
        item.setToolTip(case.summary)
        widget.addItem(item)
    widget.say_empty(empty)
