"""That a later version is out: one sentence, never a download."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from clients.desktop.state import facts as f
from clients.desktop.state.model import Release
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.parts.banners import Banner
from clients.desktop.words import _


class ReleaseBanner(Banner):
    """Shown until it is closed; comes back with the next start."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__()
        self._desktop = desktop

    def refresh(self) -> None:
        """Draw what is known now."""
        release = self._desktop.state.release
        if release is None:
            self.say("")
            return
        text = _("MiSS {version} est disponible.").format(version=release.version)
        if release.is_security:
            text = _("MiSS {version} est disponible et corrige une faille de sécurité.").format(version=release.version)
        text += " " + _("Votre service informatique l’installe, ou vous-même si ce poste est le vôtre.")
        close = (_("Fermer"), lambda: self._desktop.do(f.ReleaseSeen()))
        if release.page:
            self.say(text, (_("Ce qui change"), lambda: _open(release)), close, key=release)
        else:
            self.say(text, close, key=release)


def _open(release: Release) -> None:
    QDesktopServices.openUrl(QUrl(release.page))
