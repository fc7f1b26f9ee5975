"""Six words that two people read to each other: the same on both sides, or the server lies to one of them."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from clients.desktop.sync.calls.values import Safety
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _
from miss.base.ids import AccountId


def qr_pixmap(content: bytes | str, scale: int = 4) -> QPixmap:
    """A QR code, black on white whatever the theme, with its quiet zone."""
    import segno  # only where a code is shown

    rows = list(segno.make(content, error="m", micro=False).matrix_iter(border=4))
    image = QImage(len(rows), len(rows), QImage.Format.Format_Grayscale8)
    for y, row in enumerate(rows):
        for x, is_dark in enumerate(row):
            image.setPixel(x, y, 0xFF000000 if is_dark else 0xFFFFFFFF)
    return QPixmap.fromImage(image.scaled(image.size() * scale))


class SafetyDialog(DeskDialog):
    """The words of one contact, and the mark that they were compared."""

    def __init__(self, desktop: Desktop, uid: AccountId, name: str, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Comparer les clés avec {name}").format(name=name), parent)
        self._uid = uid
        enlarge(self, 440)
        self.label(
            _(
                "Appelez {name}, ou rencontrez-vous. Chacun ouvre cet écran : vous devez lire les mêmes six mots."
            ).format(name=name)
        )
        self.words = self.label("…", "title")
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.code = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.code.setAccessibleName(_("Code à scanner par l’autre appareil"))
        self.column.addWidget(self.code)
        self.standing = self.label("", "faint")
        self.same = QPushButton(_("Ce sont les mêmes mots"))
        self.same.setProperty("role", "primary")
        self.accept_keys = QPushButton(_("Accepter les nouvelles clés"))
        self.column.addWidget(self.same)
        self.column.addWidget(self.accept_keys)
        self.buttons("")
        self.same.clicked.connect(self._toggle)
        self.accept_keys.clicked.connect(self._accept_keys)
        self._is_verified = False
        self._ask()

    def _ask(self) -> None:
        self.ask(lambda account: account.safety(self._uid), self.show_safety, self.fail)

    def show_safety(self, safety: Safety) -> None:
        """What this device sees."""
        if self._is_gone:
            return
        self._is_verified = safety.is_verified
        self.words.setText("  ".join(safety.words))
        self.code.setPixmap(qr_pixmap(safety.card))
        if safety.is_blocked:
            standing = _("Les clés de cette personne ont été recommencées : rien ne part vers elle avant votre accord.")
        elif safety.is_verified:
            standing = _("✔✔ Vous avez comparé ces clés.")
        else:
            standing = _("Vous n’avez pas encore comparé ces clés.")
        self.standing.setText(standing)
        self.same.setText(_("Retirer la marque") if safety.is_verified else _("Ce sont les mêmes mots"))
        warned = any(one.uid == safety.uid for one in self.desktop.state.warnings)
        self.accept_keys.setVisible(warned or safety.is_blocked)

    def _toggle(self) -> None:
        on = not self._is_verified
        self.ask(lambda account: account.set_verified(self._uid, on), lambda _done: self._ask(), self.fail)

    def _accept_keys(self) -> None:
        self.ask(lambda account: account.accept_keys(self._uid), lambda _done: self._ask(), self.fail)
