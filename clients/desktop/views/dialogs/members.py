"""Who is in a conversation: their certified identity, whether keys were compared, and what an admin may change."""

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QWidget,
)

from clients.desktop.state.model import Thread
from clients.desktop.sync.calls.values import Found
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.dialogs.directory import DirectoryPicker
from clients.desktop.views.dialogs.safety import SafetyDialog
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.parts.wording import presence_text
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _
from miss.base.ids import ConversationId
from miss.client.model import Member, Presence, Role

TTLS = (0, 86_400, 7 * 86_400, 30 * 86_400)
_MEMBER = Qt.ItemDataRole.UserRole


class MembersDialog(DeskDialog):
    """Members, name, how long messages live."""

    def __init__(self, desktop: Desktop, cid: ConversationId, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Conversation"), parent)
        enlarge(self, 540, 520)
        self._cid = cid
        self.members = Lines(_("Membres"))
        self.members.setWordWrap(True)
        self.column.addWidget(self.members, 1)
        self.compare = QPushButton(_("Comparer les clés…"))
        self.promote = QPushButton(_("Nommer administrateur"))
        self.remove = QPushButton(_("Retirer…"))
        self.remove.setProperty("role", "danger")
        self.add = QPushButton(_("Ajouter quelqu’un…"))
        self.rename = QPushButton(_("Renommer…"))
        self.leave = QPushButton(_("Quitter…"))
        self.leave.setProperty("role", "danger")
        self.ttl = QComboBox()
        self.ttl.setAccessibleName(_("Durée de vie des messages"))
        for seconds in TTLS:
            self.ttl.addItem(ttl_text(seconds), seconds)
        for buttons in ((self.compare, self.promote, self.remove), (self.add, self.rename, self.leave)):
            line = QHBoxLayout()
            for button in buttons:
                button.setAutoDefault(False)
                line.addWidget(button)
            line.addStretch()
            self.column.addLayout(line)
        self.column.addWidget(self.ttl)
        self.buttons("")
        self.members.currentItemChanged.connect(lambda *_items: self._allow())
        self.compare.clicked.connect(self._compare)
        self.promote.clicked.connect(self._promote)
        self.remove.clicked.connect(self._remove)
        self.add.clicked.connect(lambda: AddMemberDialog(desktop, cid, self).exec())
        self.rename.clicked.connect(self._rename)
        self.leave.clicked.connect(self._leave)
        self.ttl.activated.connect(self._set_ttl)
        desktop.changed.connect(self.refresh)
        self.refresh()

    def _thread(self) -> Thread | None:
        return self.desktop.state.thread_of(self._cid)

    def refresh(self) -> None:
        """Draw who is there now."""
        thread = self._thread()
        if thread is None:
            return
        self.setWindowTitle(thread.title)
        row = self.members.currentRow()
        self.members.clear()
        for member in thread.members:
            presence = self.desktop.state.presence_of(member.uid)
            item = QListWidgetItem(member_text(member, thread, presence, is_me=member.uid == self.desktop.me_uid))
            item.setData(_MEMBER, member)
            self.members.addItem(item)
        self.members.setCurrentRow(max(0, min(row, self.members.count() - 1)))
        found = self.ttl.findData(thread.ttl_s)
        if found < 0:
            self.ttl.addItem(ttl_text(thread.ttl_s), thread.ttl_s)
            found = self.ttl.count() - 1
        self.ttl.setCurrentIndex(found)
        self._allow()

    def _member(self) -> Member | None:
        item: QListWidgetItem | None = self.members.currentItem()
        found = item.data(_MEMBER) if item is not None else None
        return found if isinstance(found, Member) else None

    def _allow(self) -> None:
        thread, member = self._thread(), self._member()
        is_admin = thread is not None and thread.is_admin and thread.is_member
        is_other = member is not None and member.uid != self.desktop.me_uid
        self.compare.setEnabled(is_other)
        self.promote.setEnabled(is_admin and is_other)
        self.remove.setEnabled(is_admin and is_other)
        if member is not None:
            is_member_admin = member.role is Role.ADMIN
            self.promote.setText(_("Retirer le rôle") if is_member_admin else _("Nommer administrateur"))
        for one in (self.add, self.rename, self.ttl):
            one.setEnabled(is_admin)
        self.leave.setEnabled(thread is not None and thread.is_member)

    def _compare(self) -> None:
        member = self._member()
        if member is not None:
            SafetyDialog(self.desktop, member.uid, member.display_name, self).exec()

    def _promote(self) -> None:
        member, cid = self._member(), self._cid
        if member is not None:
            on = member.role is not Role.ADMIN
            self.ask(lambda account: account.set_admin(cid, member.uid, on), failed=self.fail)

    def _remove(self) -> None:
        member, cid = self._member(), self._cid
        if member is None:
            return
        question = _("Retirer {name} ? Cette personne garde ce qu’elle a reçu et ne lira rien de la suite.")
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self, _("Retirer"), question.format(name=member.display_name), button.Yes | button.Cancel
        )
        if answer == button.Yes:
            self.ask(lambda account: account.remove_member(cid, member.uid), failed=self.fail)

    def _rename(self) -> None:
        thread, cid = self._thread(), self._cid
        text, is_said = QInputDialog.getText(
            self, _("Renommer"), _("Nom de la conversation, pour tous :"), text=thread.title if thread else ""
        )
        if is_said and text.strip():
            self.ask(lambda account: account.rename(cid, text.strip()), failed=self.fail)

    def _leave(self) -> None:
        cid, button = self._cid, QMessageBox.StandardButton
        question = _("Quitter cette conversation ? Vous pourrez relire ce qui y a été dit.")
        if QMessageBox.question(self, _("Quitter"), question, button.Yes | button.Cancel) == button.Yes:
            self.ask(lambda account: account.leave(cid), lambda _done: self.accept(), self.fail)

    def _set_ttl(self) -> None:
        cid, seconds = self._cid, int(self.ttl.currentData())
        self.ask(lambda account: account.set_ttl(cid, seconds), failed=self.fail)


class AddMemberDialog(DeskDialog):
    """One more person, found in the directory."""

    def __init__(self, desktop: Desktop, cid: ConversationId, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Ajouter quelqu’un"), parent)
        enlarge(self, 480, 420)
        self._cid = cid
        self.picker = DirectoryPicker(desktop, self)
        self.column.addWidget(self.picker.field)
        self.column.addWidget(self.picker.found, 1)
        self.buttons(_("Ajouter")).accepted.connect(self.add)
        self.picker.found.itemActivated.connect(lambda _item: self.add())

    def add(self) -> None:
        """Let in who is selected."""
        found = self.picker.chosen()
        if found is None:
            self.fail(_("Choisissez une personne."))
        else:
            self._add(found)

    def _add(self, found: Found) -> None:
        uid, cid = found.entry.uid, self._cid
        if uid is not None:
            add = partial(lambda account, uid: account.add_member(cid, uid), uid=uid)
            self.ask(add, lambda _done: self.accept(), self.fail)


def member_text(member: Member, thread: Thread, presence: Presence | None, *, is_me: bool) -> str:
    """Name, whether they are there, role, profession, and what is known of the keys."""
    name = _("{name} (vous)").format(name=member.display_name) if is_me else member.display_name
    parts = [presence_text(presence)] if presence is not None and not is_me else []
    parts += [member.who.profession] if member.who.profession else []
    if member.role is Role.ADMIN:
        parts.append(_("administrateur"))
    if member.uid in thread.warned:
        parts.append(_("⚠ clés changées"))
    elif member.uid in thread.verified:
        parts.append(_("✔✔ clés comparées"))
    elif not is_me:
        parts.append(_("✔ identité certifiée"))
    return f"{name}\n{' · '.join(parts)}"


def ttl_text(seconds: int) -> str:
    """How long messages live."""
    if seconds == 0:
        return _("Messages gardés selon la règle du service")
    return _("Messages effacés après {days} jour(s)").format(days=max(1, seconds // 86_400))
