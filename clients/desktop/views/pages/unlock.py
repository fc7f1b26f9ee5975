"""The locked screen: who are you, and your PIN.  Nothing of an account is behind it but names of owners."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLineEdit,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QVBoxLayout,
)

from clients.desktop.store.profiles import Profile
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.parts.card import Card
from clients.desktop.views.parts.late import while_there
from clients.desktop.views.parts.lines import Lines
from clients.desktop.words import _

MOST_ROWS = 6
_ROW_PAD_PX = 16
_PROFILE = Qt.ItemDataRole.UserRole


class UnlockPage(Card):
    """Accounts of this machine, and a field."""

    another_wanted = Signal()

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(_("MiSS est verrouillé"), _("Choisissez votre compte, puis tapez votre code."))
        self.desktop = desktop
        self.people = Lines(_("Comptes de ce poste"))
        self.pin = QLineEdit(echoMode=QLineEdit.EchoMode.Password, placeholderText=_("Code"))
        self.pin.setAccessibleName(_("Code"))
        self.open = QPushButton(_("Ouvrir"))
        self.open.setProperty("role", "primary")
        self.another = QPushButton(_("Relier un autre compte…"))
        self.forget = QPushButton(_("Retirer ce compte de ce poste…"))
        self.forget.setProperty("role", "danger")
        line = QHBoxLayout()
        line.addWidget(self.pin, 1)
        line.addWidget(self.open)
        others = QVBoxLayout()
        others.addWidget(self.another)
        others.addWidget(self.forget)
        self.column.addWidget(self.people)
        self.column.addLayout(line)
        self.column.addWidget(self.trouble)
        self.column.addSpacing(8)
        self.column.addLayout(others)
        self.open.clicked.connect(self.submit)
        self.pin.returnPressed.connect(self.submit)
        self.people.currentItemChanged.connect(lambda *_items: self.pin.setFocus())
        self.another.clicked.connect(self.another_wanted)
        self.forget.clicked.connect(self._forget)

    def refresh(self) -> None:
        """Who there is."""
        profiles = self.desktop.profiles.list_()
        chosen = self.desktop.profile.id if self.desktop.profile else ""
        current = self._profile()
        chosen = chosen or (current.id if current else "")
        self.people.clear()
        for profile in profiles:
            item = QListWidgetItem(f"{profile.name}\n{profile.server_url}")
            item.setData(_PROFILE, profile)
            self.people.addItem(item)
        ids = [one.id for one in profiles]
        self.people.setCurrentRow(ids.index(chosen) if chosen in ids else 0)
        rows = min(max(1, len(profiles)), MOST_ROWS)
        self.people.setFixedHeight(rows * (2 * self.fontMetrics().lineSpacing() + _ROW_PAD_PX) + 14)
        self.pin.clear()
        self.pin.setFocus()

    def _profile(self) -> Profile | None:
        item: QListWidgetItem | None = self.people.currentItem()
        found = item.data(_PROFILE) if item is not None else None
        return found if isinstance(found, Profile) else None

    def submit(self) -> None:
        """Open who is selected."""
        profile = self._profile()
        if profile is None or not self.pin.text():
            return
        pin = self.pin.text()
        self.pin.clear()
        self.open.setEnabled(False)
        self.say(_("Un instant…"))
        self.desktop.unlock(profile, pin, while_there(self, self.fail))

    def opened(self) -> None:
        """It worked."""
        self.open.setEnabled(True)
        self.say("")

    def fail(self, sentence: str) -> None:
        """Say what went wrong."""
        self.opened()
        self.say(sentence, is_trouble=True)
        self.pin.setFocus()

    def _forget(self) -> None:
        profile, button = self._profile(), QMessageBox.StandardButton
        if profile is None:
            return
        question = _("Retirer {name} de ce poste ? Ses messages y sont effacés ; ils restent sur ses autres appareils.")
        asked = question.format(name=profile.name)
        if QMessageBox.question(self, _("Retirer"), asked, button.Yes | button.Cancel) == button.Yes:
            self.desktop.core.forget(profile, while_there(self, self.refresh))
