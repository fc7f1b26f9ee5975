"""The first page: make this machine a device of somebody, by a letter, another device or the recovery key."""

import platform

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QTabWidget,
    QWidget,
)

from clients.desktop.sync.ways import Letter, OtherDevice, Recovery, Way
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.parts.card import Card
from clients.desktop.views.parts.late import while_there
from clients.desktop.words import _


class LinkPage(Card):
    """Three ways in, a PIN, a name for this machine."""

    gave_up = Signal()

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(
            _("Relier ce poste à votre compte"),
            _("Vos messages et vos clés restent sur vos appareils : celui-ci en devient un."),
        )
        self.desktop = desktop
        policy, column = desktop.policy, self.column
        self.server = self._field("https://miss.exemple-sante.fr", policy.server_url)
        self.server.setReadOnly(bool(policy.server_url))
        self.ways = QTabWidget()
        self._add_letter(desktop.policy.fingerprint)
        self._add_other_device()
        self._add_recovery(desktop.policy.fingerprint)
        self.pin = self._secret()
        self.again = self._secret()
        self.name = self._field("", platform.node()[:60])
        self.ways.setDocumentMode(True)
        column.addWidget(_form((_("Serveur"), self.server)))
        column.addWidget(self.ways)
        column.addWidget(
            _form(
                (_("Code pour ouvrir MiSS sur ce poste"), self.pin),
                (_("Ce code, encore"), self.again),
                (_("Nom de ce poste"), self.name),
            )
        )
        self.link = QPushButton(_("Relier"))
        self.link.setProperty("role", "primary")
        self.back = QPushButton(_("Retour"))
        acts = QHBoxLayout()
        acts.addStretch()
        acts.addWidget(self.back)
        acts.addWidget(self.link)
        column.addWidget(self.trouble)
        column.addLayout(acts)
        self.link.clicked.connect(self.submit)
        self.back.clicked.connect(self.gave_up)
        self.again.returnPressed.connect(self.submit)

    def _add_letter(self, fingerprint: str) -> None:
        self.rpps = self._field("99900000011")
        self.code = self._field(_("Code de la lettre"))
        self.fingerprint = self._field(_("Empreinte de la lettre"), fingerprint)
        self.starts_over = QCheckBox(_("C’est une lettre de réinitialisation : tous mes appareils sont perdus"))
        self.ways.addTab(
            _form((_("Numéro RPPS"), self.rpps), (_("Code"), self.code), (_("Empreinte"), self.fingerprint),
                  ("", self.starts_over)),
            _("Lettre d’activation"),
        )  # fmt: skip

    def _add_other_device(self) -> None:
        self.pairing = self._field("miss:pair?…")
        self.ways.addTab(
            _form((_("Code affiché par l’autre appareil"), self.pairing)), _("J’ai déjà un appareil relié")
        )

    def _add_recovery(self, fingerprint: str) -> None:
        self.recovery_rpps = self._field("99900000011")
        self.ticket = self._field(_("Donné par votre espace, valable 15 minutes"))
        self.recovery = self._field(_("Le code de votre papier"))
        self.recovery_fingerprint = self._field(_("Empreinte de la lettre"), fingerprint)
        self.ways.addTab(
            _form(
                (_("Numéro RPPS"), self.recovery_rpps),
                (_("Code à usage unique"), self.ticket),
                (_("Clé de récupération"), self.recovery),
                (_("Empreinte"), self.recovery_fingerprint),
            ),
            _("Clé de récupération"),
        )

    def _field(self, hint: str, text: str = "") -> QLineEdit:
        return QLineEdit(text, placeholderText=hint)

    def _secret(self) -> QLineEdit:
        return QLineEdit(echoMode=QLineEdit.EchoMode.Password)

    def way(self) -> Way:
        """What was filled in."""
        server = self.server.text().strip().rstrip("/")
        match self.ways.currentIndex():
            case 0:
                return Letter(
                    server,
                    self.rpps.text().replace(" ", ""),
                    self.code.text().strip(),
                    self.fingerprint.text().strip(),
                    self.starts_over.isChecked(),
                )
            case 1:
                text = self.pairing.text().strip()
                return OtherDevice(text, "" if text.startswith("miss:") else server)
            case _:
                return Recovery(
                    server,
                    self.recovery_rpps.text().replace(" ", ""),
                    self.ticket.text().strip(),
                    self.recovery.text().strip(),
                    self.recovery_fingerprint.text().strip(),
                )

    def submit(self) -> None:
        """Link, and open."""
        if self.pin.text() != self.again.text():
            self.fail(_("Les deux codes diffèrent."))
            return
        is_by_device = self.ways.currentIndex() == 1
        if not is_by_device and not self.server.text().strip().startswith(
            ("https://", "http://127.0.0.1", "http://localhost")
        ):
            self.fail(_("L’adresse du serveur commence par https://. Elle est sur votre lettre."))
            return
        self.link.setEnabled(False)
        self.say(_("Acceptez ce poste sur votre autre appareil…") if is_by_device else _("Un instant…"))
        name = self.name.text().strip() or "MiSS"
        # The account opens in its own language, for which every page is made anew, this one too.
        then, failed = while_there(self, self._linked), while_there(self, self.fail)
        self.desktop.core.enrol(self.way(), self.pin.text(), name, then, failed)

    def _linked(self) -> None:
        self.link.setEnabled(True)
        for field in (self.rpps, self.code, self.pairing, self.ticket, self.recovery, self.pin, self.again):
            field.clear()
        self.say("")

    def fail(self, sentence: str) -> None:
        """Say what went wrong."""
        self.link.setEnabled(True)
        self.say(sentence, is_trouble=True)


def _form(*rows: tuple[str, QWidget]) -> QWidget:
    widget = QWidget()
    form = QFormLayout(widget)
    form.setContentsMargins(0, 8, 0, 4)
    form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
    form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
    for label, field in rows:
        form.addRow(label, field)
        if label:
            field.setAccessibleName(label)
    return widget
