"""What a person chooses on this desk, and their PIN; what the IT department imposed cannot be chosen."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QKeySequenceEdit,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QWidget,
)

from clients.desktop.policy import Policy
from clients.desktop.state.global_key import parse_global_key
from clients.desktop.state.model import LOCK_MINUTES, TEXT_SCALES, NoticeLevel, Settings, Theme
from clients.desktop.views import global_key
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.parts.late import while_there
from clients.desktop.views.parts.spelling import is_possible
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, ngettext, spoken

JUMP_COMMAND: Final = "miss-desktop --jump"


class SettingsDialog(DeskDialog):
    """Language, colours, text size, notices, lock."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Réglages"), parent)
        enlarge(self, 560)
        policy, settings = desktop.policy.under(desktop.state.lock_after_min_max), desktop.state.settings
        self._choose(policy, settings)
        self.folder = QLineEdit(settings.report_folder, readOnly=bool(policy.report_folder))
        self.command = QLineEdit(JUMP_COMMAND, readOnly=True)
        self.key = QKeySequenceEdit(QKeySequence(settings.global_key))
        self.key.setMaximumSequenceLength(1)
        self.key.setClearButtonEnabled(True)
        self.key.setEnabled(not policy.global_key)
        self.key.setAccessibleName(_("Touche globale"))
        self.column.addWidget(self._scrolled(self._form()), 1)
        self.pin = QPushButton(_("Changer mon code…"))
        self.pin.setAutoDefault(False)
        self.pin.clicked.connect(lambda: PinDialog(desktop, self).exec())
        self.column.addWidget(self.pin)
        if policy != type(policy)():
            self.label(
                _("Certains réglages sont imposés par votre service informatique ou votre établissement."), "faint"
            )
        self.buttons(_("Enregistrer")).accepted.connect(self.save)

    def _choose(self, policy: Policy, settings: Settings) -> None:
        """What may be chosen, and what is."""
        self.language = _choice(
            [("", _("Celle de cet ordinateur")), ("fr", "Français"), ("en", "English")], settings.language
        )
        self.theme = _choice(
            [
                (Theme.SYSTEM, _("Celles de cet ordinateur")),
                (Theme.LIGHT, _("Claires")),
                (Theme.DARK, _("Sombres")),
                (Theme.CONTRAST, _("Contraste élevé")),
            ],
            settings.theme,
        )
        self.text = _choice([(one, f"{one} %") for one in TEXT_SCALES], settings.text_percent)
        levels = [
            (NoticeLevel.NOTHING, _("« Nouveau message », rien d’autre")),
            (NoticeLevel.NAME, _("Qui écrit")),
            (NoticeLevel.NAME_AND_TEXT, _("Qui écrit, et le début du message")),
        ]
        most = list(NoticeLevel).index(policy.notice_level_max)
        self.notices = _choice(levels[: most + 1], settings.notices)
        minutes = [one for one in LOCK_MINUTES if not policy.lock_after_min_max or one <= policy.lock_after_min_max]
        minutes = minutes or [policy.lock_after_min_max]
        self.lock = _choice(
            [(one, ngettext("{count} minute", "{count} minutes", one)) for one in minutes], settings.lock_after_min
        )
        self.enter = QCheckBox(_("Entrée envoie (sinon Ctrl+Entrée)"))
        self.enter.setChecked(settings.enter_sends)
        self.reads = QCheckBox(_("Dire que j’ai lu"))
        self.reads.setChecked(settings.tells_reading)
        self.reads.setAccessibleDescription(_reading_hint())
        self.spelling = QCheckBox(_("Vérifier l’orthographe"))
        self.spelling.setChecked(settings.spelling)

    def _form(self) -> QFormLayout:
        form = QFormLayout()
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setVerticalSpacing(9)
        folder = QHBoxLayout()
        folder.addWidget(self.folder, 1)
        folder.addWidget(self._browser())
        form.addRow(_("Langue"), self.language)
        form.addRow(_("Couleurs"), self.theme)
        form.addRow(_("Taille du texte"), self.text)
        form.addRow(_("Notifications"), self.notices)
        form.addRow(_("Verrouiller après"), self.lock)
        form.addRow("", self.enter)
        form.addRow("", self.spelling)
        if not is_possible(spoken()):
            self.spelling.setEnabled(False)
            form.addRow(_faint(_("Ce poste n’a pas de dictionnaire de cette langue.")))
        form.addRow("", self.reads)
        form.addRow(_faint(_reading_hint()))
        form.addRow(_("Dossier d’import HPRIM"), folder)
        if global_key.is_possible():
            form.addRow(_("Touche globale"), self.key)
        form.addRow(_("Commande"), self.command)
        form.addRow(
            _faint(
                _(
                    "La touche globale ramène MiSS et demande à qui écrire, depuis n’importe quel programme ; une "
                    "touche de votre système liée à cette commande fait de même."
                )
            )
        )
        return form

    def _scrolled(self, form: QFormLayout) -> QScrollArea:
        """Large text on a small screen: the buttons below stay in sight."""
        self._inside = QWidget()
        form.setContentsMargins(0, 0, 0, 0)
        self._inside.setLayout(form)
        self.area = QScrollArea(widgetResizable=True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._inside)
        return self.area

    def fit(self) -> None:
        """As tall as everything in it, if the screen is."""
        below = self.column.heightForWidth(self.width()) - self.area.sizeHint().height()
        inside = self._inside.heightForWidth(self.width() - 40)
        room = self.screen().availableSize().height() - 40
        self.resize(self.width(), min(below + inside, room))

    def _browser(self) -> QPushButton:
        self.folder.setAccessibleName(_("Dossier d’import HPRIM"))
        browse = QPushButton("…")
        browse.setEnabled(not self.desktop.policy.report_folder)
        browse.setAccessibleName(_("Choisir un dossier"))
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        return browse

    def _browse(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, _("Dossier d’import HPRIM"), self.folder.text())
        if folder:
            self.folder.setText(folder)

    def chosen(self) -> Settings:
        """What the dialog says."""
        return replace(
            self.desktop.state.settings,
            language=str(self.language.currentData()),
            theme=Theme(self.theme.currentData()),
            text_percent=int(self.text.currentData()),
            notices=NoticeLevel(self.notices.currentData()),
            lock_after_min=int(self.lock.currentData()),
            enter_sends=self.enter.isChecked(),
            spelling=self.spelling.isChecked(),
            tells_reading=self.reads.isChecked(),
            report_folder=self.folder.text().strip(),
            global_key=self.key.keySequence().toString(QKeySequence.SequenceFormat.PortableText),
        )

    def save(self) -> None:
        """Keep it; a key that is none for the whole machine is refused."""
        chosen = self.chosen()
        try:
            if chosen.global_key:
                parse_global_key(chosen.global_key)
        except ValueError:
            self.fail(_("Touche globale : une lettre, un chiffre ou F1 à F12 avec Ctrl, Alt ou Meta, deux au moins."))
            return
        self.ask(lambda account: account.change_settings(chosen), lambda _done: self.accept(), self.fail)


class PinDialog(DeskDialog):
    """Another PIN for this account."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Changer mon code"), parent)
        enlarge(self, 420)
        self.old, self.new, self.again = (QLineEdit(echoMode=QLineEdit.EchoMode.Password) for _rank in range(3))
        form = QFormLayout()
        form.addRow(_("Code actuel"), self.old)
        form.addRow(_("Nouveau code"), self.new)
        form.addRow(_("Nouveau code, encore"), self.again)
        self.column.addLayout(form)
        self.buttons(_("Changer")).accepted.connect(self.change)

    def change(self) -> None:
        """Once the old one opens."""
        profile = self.desktop.profile
        if self.new.text() != self.again.text():
            self.fail(_("Les deux nouveaux codes diffèrent."))
        elif profile is not None:
            then, failed = while_there(self, self.accept), while_there(self, self.fail)
            self.desktop.core.change_pin(profile, self.old.text(), self.new.text(), then, failed)


def _reading_hint() -> str:
    return _(
        "Sinon, les autres voient « distribué », jamais « lu », et vos autres appareils ne savent pas ce qui est lu "
        "ici. L’accusé d’un résultat alarmant est toujours dit."
    )


def _faint(text: str) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setProperty("role", "faint")
    return label


def _choice(options: Sequence[tuple[object, str]], chosen: object) -> QComboBox:
    box = QComboBox()
    for value, text in options:
        box.addItem(text, value)
    box.setCurrentIndex(max(0, [value for value, _text in options].index(chosen) if chosen in dict(options) else 0))
    return box
