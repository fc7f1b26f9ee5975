"""A new conversation: people are found in the directory by name, specialty or town, and added one by one."""

from datetime import date
from functools import partial

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QListWidgetItem, QPushButton, QWidget

from clients.desktop.sync.calls.values import Found
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.parts.wording import presence_text
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, date_text
from miss.base.ids import AccountId, ConversationId
from miss.client.model import Presence

SEARCH_MS = 250
_FOUND = Qt.ItemDataRole.UserRole


def describe(found: Found, presence: Presence | None, today: date) -> str:
    """One person of the directory: name and badge, what they do, where, whether they are there."""
    entry = found.entry
    badge = _("✔ identité certifiée") if entry.uid else _("pas encore sur MiSS")
    if found.is_compared:
        badge = _("✔✔ clés comparées")
    second = " · ".join(one for one in (entry.profession, entry.specialty, entry.town) if one)
    text = f"{entry.display_name}   {badge}\n{second}"
    if entry.successor:
        name = f"{entry.successor.given} {entry.successor.family}".strip()
        text += "\n" + _("A quitté son poste ; écrivez à {name}").format(name=name)
    if presence is not None and presence is not Presence.AWAY:
        text += "\n" + presence_text(presence)
    if entry.away_until:
        text += "\n" + _("Absence jusqu’au {day} inclus").format(day=date_text(entry.away_until, today=today))
    return text


class DirectoryPicker(QObject):
    """A field, and who it finds; both stand in a dialog, and go with it."""

    def __init__(self, desktop: Desktop, dialog: DeskDialog) -> None:
        super().__init__(dialog)
        self._desktop = desktop
        self._dialog = dialog
        self.field = QLineEdit(placeholderText=_("Nom, spécialité ou ville"))
        self.field.setAccessibleName(_("Chercher dans l’annuaire"))
        self.found = Lines(_("Personnes trouvées"), _("Tapez un nom, une spécialité ou une ville."))
        self.found.setWordWrap(True)
        self._asked = ""
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._pause.timeout.connect(self._search)
        self.field.textChanged.connect(lambda _text: self._pause.start())
        self.field.returnPressed.connect(self._ask_again)

    def _ask_again(self) -> None:
        """Somebody may have come to MiSS since the same words were asked."""
        self._asked = ""
        self._search()

    def _search(self) -> None:
        text = self.field.text().strip()
        if len(text) < 2 or text == self._asked:
            return
        self._asked = text
        self._dialog.ask(lambda account: account.directory(text), partial(self.show_found, text))

    def show_found(self, text: str, people: list[Found]) -> None:
        """What the server answered to `text`; late answers are dropped."""
        if text != self._asked:
            return
        self.found.clear()
        today = self._desktop.clock.now().astimezone().date()
        for one in people:
            presence = None if one.entry.uid is None else self._desktop.state.presence_of(one.entry.uid)
            item = QListWidgetItem(describe(one, presence, today))
            item.setData(_FOUND, one)
            if one.entry.uid is None:
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEnabled)
            self.found.addItem(item)
        if not people:
            item = QListWidgetItem(_("Personne ne correspond."))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.found.addItem(item)

    def chosen(self) -> Found | None:
        """Who is selected."""
        item: QListWidgetItem | None = self.found.currentItem()
        found = item.data(_FOUND) if item is not None else None
        return found if isinstance(found, Found) and found.entry.uid is not None else None


class NewConversationDialog(DeskDialog):
    """Choose people, name the conversation if there are several, begin."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Nouvelle conversation"), parent)
        enlarge(self, 560, 560)
        self.picker = DirectoryPicker(desktop, self)
        self.add = QPushButton(_("Ajouter"))
        self.people = Lines(_("Personnes de la conversation"), _("Personne encore : cherchez, puis ajoutez."))
        self.people.setMaximumHeight(110)
        self.name = QLineEdit(placeholderText=_("Nom de la conversation (facultatif pour deux)"), maxLength=80)
        self.name.setAccessibleName(_("Nom de la conversation"))
        self.column.addWidget(self.picker.field)
        self.column.addWidget(self.picker.found, 1)
        line = QHBoxLayout()
        line.addWidget(self.add)
        line.addStretch()
        self.column.addLayout(line)
        self.label(_("Dans la conversation, avec vous (double-clic pour retirer) :"), "faint")
        self.column.addWidget(self.people)
        self.column.addWidget(self.name)
        self.box = self.buttons(_("Commencer"))
        self.box.accepted.connect(self.begin)
        self.add.clicked.connect(self.take)
        self.picker.found.itemActivated.connect(lambda _item: self.take())
        self.people.itemDoubleClicked.connect(lambda item: self.people.takeItem(self.people.row(item)))
        self.picker.field.setFocus()

    def take(self) -> None:
        """Add who is selected."""
        found = self.picker.chosen()
        if found is None or found.entry.uid in self._uids():
            return
        item = QListWidgetItem(found.entry.display_name)
        item.setData(_FOUND, found)
        self.people.addItem(item)

    def _uids(self) -> list[AccountId]:
        found = (self.people.item(place).data(_FOUND) for place in range(self.people.count()))
        return [one.entry.uid for one in found]

    def begin(self) -> None:
        """Make the conversation, and show it."""
        if not self._uids():
            self.take()
        uids, name = self._uids(), self.name.text().strip()
        if not uids:
            self.fail(_("Ajoutez au moins une personne."))
            return
        self.ask(lambda account: account.begin(uids, name), self._begun, self.fail)

    def _begun(self, cid: ConversationId) -> None:
        self.accept()
        self.desktop.choose(cid)
