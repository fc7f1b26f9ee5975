"""The owner's own: devices, letting another one in, the recovery key."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QMessageBox,
    QPushButton,
    QWidget,
)

from clients.desktop.sync.calls.values import Pairing
from clients.desktop.sync.core import Asked
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.dialogs.safety import qr_pixmap
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, day, hour
from miss.client.account.model import OwnDevice, RecoveryState

_DEVICE = Qt.ItemDataRole.UserRole


def device_text(device: OwnDevice, now: datetime) -> str:
    """One device: name, since when, last seen."""
    name = device.name or (_("Clé de récupération (papier)") if device.is_paper else _("Appareil sans nom"))
    if device.is_current:
        name = _("{name} · cet appareil").format(name=name)
    since = _("relié {day}").format(day=day(device.linked_at, None, today=now))
    if device.revoked_at:
        return f"{name}\n{since}, " + _("retiré {day}").format(day=day(device.revoked_at, None, today=now))
    seen = _("vu {day}").format(day=day(device.last_seen_at, None, today=now)) if device.last_seen_at else ""
    return f"{name}\n{', '.join(one for one in (since, seen) if one)}"


class DevicesDialog(DeskDialog):
    """Every device that the owner has or had."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Mes appareils"), parent)
        enlarge(self, 520, 460)
        self.devices = Lines(_("Mes appareils"), _("Un instant…"))
        self.devices.setWordWrap(True)
        self.column.addWidget(self.devices, 1)
        self.invite = QPushButton(_("Relier un autre appareil…"))
        self.rename = QPushButton(_("Renommer…"))
        self.revoke = QPushButton(_("Retirer…"))
        self.revoke.setProperty("role", "danger")
        line = QHBoxLayout()
        for button in (self.invite, self.rename, self.revoke):
            button.setAutoDefault(False)
            line.addWidget(button)
        line.addStretch()
        self.column.addLayout(line)
        self.buttons("")
        self.devices.currentItemChanged.connect(lambda *_items: self._allow())
        self.invite.clicked.connect(self._invite)
        self.rename.clicked.connect(self._rename)
        self.revoke.clicked.connect(self._revoke)
        self._ask()

    def _ask(self) -> None:
        self.ask(lambda account: account.devices(), self.show_devices, self.fail)

    def show_devices(self, devices: list[OwnDevice]) -> None:
        """What the verified chain says."""
        if self._is_gone:
            return
        self.devices.clear()
        now = self.desktop.clock.now()
        for device in devices:
            item = QListWidgetItem(device_text(device, now))
            item.setData(_DEVICE, device)
            self.devices.addItem(item)
        self.devices.setCurrentRow(0)
        self._allow()

    def _device(self) -> OwnDevice | None:
        item: QListWidgetItem | None = self.devices.currentItem()
        found = item.data(_DEVICE) if item is not None else None
        return found if isinstance(found, OwnDevice) else None

    def _allow(self) -> None:
        device = self._device()
        counts = device is not None and device.revoked_at is None
        self.rename.setEnabled(counts)
        self.revoke.setEnabled(counts and device is not None and not device.is_current)

    def _invite(self) -> None:
        PairDialog(self.desktop, self).exec()
        self._ask()

    def _rename(self) -> None:
        device = self._device()
        if device is None:
            return
        text, is_said = QInputDialog.getText(self, _("Renommer"), _("Nom de l’appareil :"), text=device.name)
        if is_said and text.strip():
            self.ask(
                lambda account: account.rename_device(device.did, text.strip()), lambda _done: self._ask(), self.fail
            )

    def _revoke(self) -> None:
        device, button = self._device(), QMessageBox.StandardButton
        if device is None:
            return
        question = _(
            "Retirer « {name} » ? Il efface tout ce qu’il contient dès qu’il l’apprend, et ne lira rien de la suite."
        )
        asked = question.format(name=device.name)
        if QMessageBox.question(self, _("Retirer"), asked, button.Yes | button.Cancel) == button.Yes:
            self.ask(lambda account: account.revoke_device(device.did), lambda _done: self._ask(), self.fail)


class PairDialog(DeskDialog):
    """A code for another device; its name is compared before it is let in."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Relier un autre appareil"), parent)
        enlarge(self, 420)
        self.label(
            _("Sur l’autre appareil, choisissez « J’ai déjà un appareil relié », puis scannez ou tapez ce code.")
        )
        self.code_picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.code_picture.setAccessibleName(_("Code à scanner par l’autre appareil"))
        self.column.addWidget(self.code_picture)
        self.code = self.label("…", "title")
        self.code.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.until = self.label("", "faint")
        self.name = self.label("")
        self.let_in = QPushButton(_("C’est bien lui : le relier"))
        self.let_in.setProperty("role", "primary")
        self.let_in.hide()
        self.column.addWidget(self.let_in)
        self.buttons("")
        self._waiting: Asked | None = None
        self._is_in = False
        self.let_in.clicked.connect(self._let_in)
        self.finished.connect(self._end)
        self.ask(lambda account: account.invite(), self.show_pairing, self.fail)

    def show_pairing(self, pairing: Pairing) -> None:
        """The code, until somebody answers."""
        if self._is_gone:
            return
        self.code_picture.setPixmap(qr_pixmap(pairing.uri))
        self.code.setText(pairing.code)
        self.until.setText(
            _("Valable jusqu’à {hour}, pour un seul appareil.").format(hour=hour(pairing.expires_at, None))
        )
        self._waiting = self.ask(lambda account: account.wait_invited(), self._offered, self.fail)

    def _offered(self, name: str) -> None:
        if not self._is_gone:
            self.name.setText(
                _("« {name} » demande à être relié. Est-ce l’appareil que vous tenez ?").format(name=name)
            )
            self.let_in.show()
            self.let_in.setFocus()

    def _let_in(self) -> None:
        self._is_in = True
        self.ask(lambda account: account.accept_invited(), lambda _done: self.accept(), self.fail)

    def _end(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        if not self._is_in:
            self.ask(lambda account: account.cancel_invited(), failed=lambda _sentence: None)


class RecoveryDialog(DeskDialog):
    """Make, test or replace the recovery key; it counts once it was typed back and opened from the server."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Clé de récupération"), parent)
        enlarge(self, 480)
        self.label(
            _("Si vous perdez tous vos appareils, seul ce code rouvre vos messages. Gardez-le sur papier, loin d’ici.")
        )
        self.standing = self.label("…", "faint")
        self.secret = self.label("", "title")
        self.secret.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.typed = QLineEdit()
        self.typed.setAccessibleName(_("Code de récupération"))
        self.column.addWidget(self.typed)
        self.make = QPushButton(_("Créer une clé"))
        self.make.setProperty("role", "primary")
        self.confirm = QPushButton(_("J’ai recopié le code : vérifier"))
        self.confirm.setProperty("role", "primary")
        self.test = QPushButton(_("Tester le code que j’ai gardé"))
        for button in (self.make, self.confirm, self.test):
            button.setAutoDefault(False)
            self.column.addWidget(button)
        self.buttons("")
        self._has_key = False
        self.make.clicked.connect(self._make)
        self.confirm.clicked.connect(self._confirm)
        self.test.clicked.connect(self._test)
        self._show(typed=False, make=False, confirm=False, test=False)
        self.ask(lambda account: account.recovery(), self.show_state, self.fail)

    def _show(self, *, typed: bool, make: bool, confirm: bool, test: bool) -> None:
        for widget, is_shown in (
            (self.typed, typed), (self.make, make), (self.confirm, confirm), (self.test, test)
        ):  # fmt: skip
            widget.setVisible(is_shown)
        self.fit()

    def show_state(self, state: RecoveryState) -> None:
        """Where the key stands."""
        if self._is_gone:
            return
        self._has_key = state.has_key
        now = self.desktop.clock.now()
        if not state.has_key:
            self.standing.setText(_("Vous n’avez pas de clé de récupération."))
        elif state.tested_at is None:
            self.standing.setText(_("Vous avez une clé, jamais testée : ne comptez pas encore sur elle."))
        else:
            when = day(state.tested_at, None, today=now)
            self.standing.setText(_("Votre clé a été testée {day}.").format(day=when))
        self.make.setText(_("Remplacer la clé") if state.has_key else _("Créer une clé"))
        self.typed.setPlaceholderText(_("Tapez le code de votre papier"))
        self._show(typed=state.has_key, make=True, confirm=False, test=state.has_key)

    def _make(self) -> None:
        self.ask(lambda account: account.prepare_recovery(replace=self._has_key), self.show_secret, self.fail)

    def show_secret(self, secret: str) -> None:
        """Shown once, to be copied by hand."""
        if self._is_gone:
            return
        self.trouble.hide()
        self.secret.setText(secret)
        self.standing.setText(_("Recopiez ce code sur papier, puis tapez-le ci-dessous."))
        self.typed.clear()
        self.typed.setPlaceholderText(_("Tapez le code que vous venez de recopier"))
        self._show(typed=True, make=False, confirm=True, test=False)
        self.typed.setFocus()

    def _confirm(self) -> None:
        typed = self.typed.text()
        self.ask(lambda account: account.confirm_recovery(typed), self._worked, self.fail)

    def _test(self) -> None:
        typed = self.typed.text()
        self.ask(lambda account: account.test_recovery(typed), self._worked, self.fail)

    def _worked(self, at: datetime) -> None:
        if self._is_gone:
            return
        self.trouble.hide()
        self.secret.setText("")
        self.typed.clear()
        self.standing.setText(_("✔ Le code ouvre bien votre clé ({hour}).").format(hour=hour(at, None)))
        self._show(typed=False, make=False, confirm=False, test=False)
