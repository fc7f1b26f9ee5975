"""The sheet of keys."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QScrollArea, QWidget

from clients.desktop.views.dialogs.plain import PlainDialog
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _


class KeysDialog(PlainDialog):
    """Every key and what it does."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_("Touches"), parent)
        form = QFormLayout()
        for key, meaning in (
            ("Ctrl+K", _("Aller à une conversation")),
            ("Ctrl+N", _("Nouvelle conversation")),
            (_("Ctrl+Maj+O"), _("Conversation dans sa fenêtre")),
            (_("Ctrl+F · Ctrl+Maj+F"), _("Chercher ici · partout")),
            ("Alt+↓ · Alt+↑", _("Conversation suivante · précédente")),
            (_("Alt+Maj+↓ · Alt+Maj+↑"), _("Non lue suivante · précédente")),
            ("Ctrl+J", _("Premier message non lu")),
            (_("Entrée · Maj+Entrée"), _("Envoyer · nouvelle ligne")),
            ("↑", _("Modifier son dernier message (champ vide)")),
            (_("Échap"), _("Ne plus répondre ni modifier")),
            ("Ctrl+U", _("Urgent")),
            ("Ctrl+O · Ctrl+V", _("Joindre · coller une image")),
            (_("R · E · Suppr · A"), _("Sur un message : répondre, modifier, supprimer, accuser réception")),
            (_("Tab · flèches · Suppr · Ctrl+Z"), _("Photo à envoyer : marque suivante, déplacer, ôter, annuler")),
            ("+ · − · 0 · L · R", _("Photo : agrandir, réduire, tout voir, tourner")),
            ("N · P", _("Photo suivante · précédente")),
            ("Ctrl+L", _("Verrouiller")),
            (_("Ctrl+Maj+L"), _("Changer de compte")),
            ("Ctrl+P", _("Imprimer un extrait")),
            ("F1", _("Cette feuille")),
        ):
            said = QLabel(key)
            said.setProperty("role", "key")
            form.addRow(said, QLabel(meaning, wordWrap=True))
        form.setVerticalSpacing(7)
        form.setHorizontalSpacing(18)
        inner = QWidget()
        inner.setLayout(form)
        whole = QScrollArea(widgetResizable=True)
        whole.setAccessibleName(_("Touches"))
        whole.setWidget(inner)
        whole.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.column.addWidget(whole, 1)
        self.close_button()
        enlarge(self, 680, 640)
