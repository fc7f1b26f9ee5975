"""That a restored server no longer has everything: said until somebody closes it, once for each restore."""

from PySide6.QtWidgets import QWidget

from clients.desktop.state import facts as f
from clients.desktop.state.losses import latest, tally, unseen
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.losses import LossesDialog
from clients.desktop.views.parts.banners import Banner
from clients.desktop.words import _, ngettext


class LossesBanner(Banner):
    """How many messages, and the way to their list."""

    def __init__(self, desktop: Desktop, above: QWidget) -> None:
        """`above`: what the list opens over."""
        super().__init__()
        self._desktop = desktop
        self._above = above

    def refresh(self) -> None:
        """Draw what is known now."""
        losses = unseen(self._desktop.state)
        lost, resent = tally(losses)
        parts = [
            ngettext("{count} message ne s’y trouve plus.", "{count} messages ne s’y trouvent plus.", lost),
            ngettext("{count} message repart de ce poste.", "{count} messages repartent de ce poste.", resent),
        ]
        said = [part for part, count in zip(parts, (lost, resent), strict=True) if count]
        text = " ".join([_("Le serveur a été restauré à un état plus ancien."), *said]) if said else ""
        self.say(text, (_("Voir lesquels"), self._open), (_("Fermer"), self._close), key=losses)

    def _open(self) -> None:
        LossesDialog(self._desktop, self._above).exec()

    def _close(self) -> None:
        seen = latest(self._desktop.state.losses)
        self._desktop.do(f.LossesSeen())
        self._desktop.core.ask(lambda account: account.note_losses_seen(seen))
