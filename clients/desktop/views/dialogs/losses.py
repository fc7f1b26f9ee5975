"""What a restored server no longer has: what, whose, when, and whether it leaves again."""

from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialogButtonBox, QListWidgetItem, QWidget

from clients.desktop.state.model import Loss
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, day, hour
from miss.base.ids import ConversationId

_CID = Qt.ItemDataRole.UserRole


def standing_text(loss: Loss) -> str:
    """« renvoyé », or why it is lost and what to do."""
    if loss.resent:
        return _("renvoyé")
    if loss.author:
        return _("perdu, tant que son auteur ne l’a pas renvoyé")
    return _("perdu : renvoyez le fichier") if loss.has_files else _("perdu")


def loss_text(loss: Loss, now: datetime) -> str:
    """A line of the list: what it said; whose, where and when; where it stands."""
    when = _("{day} à {hour}").format(day=day(loss.at, None, today=now), hour=hour(loss.at, None))
    about = " · ".join((loss.author or _("Vous"), loss.title, when))
    return f"{' '.join(loss.text.split())}\n{about}\n{standing_text(loss)}"


class LossesDialog(DeskDialog):
    """The list, kept up to date while it is open."""

    def __init__(self, desktop: Desktop, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Messages que le serveur a perdus"), parent)
        enlarge(self, 560, 460)
        self.label(
            _(
                "Ils ne sont plus que sur les appareils qui les avaient reçus ; ce poste les garde autant que leur "
                "conversation. Les vôtres repartent d’eux-mêmes, ceux des autres quand leurs appareils se connectent."
            )
        )
        self.list = Lines(_("Messages perdus"), _("Tout est revenu : rien n’est perdu."))
        self.list.setWordWrap(True)
        self.list.itemActivated.connect(lambda _item: self.go())
        self.list.currentItemChanged.connect(lambda *_items: self._allow())
        self.column.addWidget(self.list, 1)
        self.box = self.buttons("")
        self.see = self.box.addButton(_("Voir la conversation"), QDialogButtonBox.ButtonRole.ActionRole)
        self.see.clicked.connect(self.go)
        self._shown: tuple[Loss, ...] | None = None
        desktop.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Draw what is lost now."""
        losses = self.desktop.state.losses
        if losses == self._shown:
            return
        self._shown = losses
        self.list.clear()
        for loss in losses:
            item = QListWidgetItem(loss_text(loss, self.desktop.clock.now()))
            item.setData(_CID, loss.cid)
            self.list.addItem(item)
        self._allow()

    def _allow(self) -> None:
        self.see.setEnabled(self.list.currentItem() is not None)

    def go(self) -> None:
        """To the conversation of the one that is selected."""
        item = self.list.currentItem()
        if item is not None:
            cid: ConversationId = item.data(_CID)
            self.accept()
            self.desktop.choose(cid)
