"""A result that somebody has to acknowledge: what, until when, and who is asked next if nobody does."""

from datetime import timedelta
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from clients.desktop.state.model import Thread
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, ngettext
from miss.base.ids import AccountId

MINUTES: Final = (15, 30, 60, 120, 240, 720)


def delay_text(minutes: int) -> str:
    """« 30 minutes », « 2 heures »."""
    if minutes < 60:
        return ngettext("{count} minute", "{count} minutes", minutes)
    return ngettext("{count} heure", "{count} heures", minutes // 60)


class AlarmDialog(DeskDialog):
    """Words, delay, and the order in which members are asked."""

    def __init__(self, desktop: Desktop, thread: Thread, text: str, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Résultat alarmant"), parent)
        enlarge(self, 500, 460)
        self._thread = thread
        self.label(
            _("Un membre de la conversation doit en accuser réception par sa signature. Sans réponse dans le délai, "
              "les personnes cochées sont appelées l’une après l’autre ; à la fin, c’est vous qui êtes prévenu.")
        )  # fmt: skip
        self.text = QPlainTextEdit(text)
        self.text.setAccessibleName(_("Le résultat"))
        self.text.setPlaceholderText(_("Le résultat, la valeur, ce qu’il faut faire"))
        self.delay = QComboBox()
        self.delay.setAccessibleName(_("Délai"))
        for minutes in MINUTES:
            self.delay.addItem(_("Réponse attendue dans {delay}").format(delay=delay_text(minutes)), minutes)
        self.delay.setCurrentIndex(1)
        self.next = Lines(_("Appelés ensuite, dans cet ordre"))
        self.next.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        for member in thread.members:
            if member.uid != desktop.me_uid:
                item = QListWidgetItem(member.display_name)
                item.setData(Qt.ItemDataRole.UserRole, member.uid)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked)
                self.next.addItem(item)
        self.column.addWidget(self.text, 1)
        self.column.addWidget(self.delay)
        self.label(_("Appelés ensuite, dans cet ordre (glissez, ou Alt+↑ et Alt+↓, pour le changer) :"), "faint")
        self.column.addWidget(self.next)
        self.buttons(_("Envoyer l’alarme")).accepted.connect(self.send)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802  # Qt's name
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()))
        if step is None or not event.modifiers() & Qt.KeyboardModifier.AltModifier or not self.next.hasFocus():
            super().keyPressEvent(event)
            return
        place = self.next.currentRow()
        if place >= 0 and 0 <= place + step < self.next.count():
            self.next.insertItem(place + step, self.next.takeItem(place))
            self.next.setCurrentRow(place + step)

    def send(self) -> None:
        """Put it in the outbox."""
        text = self.text.toPlainText().strip()
        if not text:
            self.fail(_("Écrivez le résultat."))
            return
        within = timedelta(minutes=int(self.delay.currentData()))
        items = (self.next.item(place) for place in range(self.next.count()))
        checked = (one for one in items if one.checkState() is Qt.CheckState.Checked)
        uids = tuple(AccountId(bytes(one.data(Qt.ItemDataRole.UserRole))) for one in checked)
        cid = self._thread.cid
        self.ask(
            lambda account: account.send_alarm(cid, text, within=within, next_uids=uids),
            lambda _mid: self.accept(),
            self.fail,
        )
