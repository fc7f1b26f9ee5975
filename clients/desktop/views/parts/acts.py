"""What may be done about one message: the menu, the keys, its files."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu, QMessageBox, QWidget

from clients.desktop.state import facts as f
from clients.desktop.state.model import Thread, Waiting
from clients.desktop.state.reading import AlarmStanding, MessageLine, WaitingLine, alarm_standing
from clients.desktop.store.opened import safe_name
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.receipts import ReceiptsDialog
from clients.desktop.views.dialogs.viewer import PhotoViewer
from clients.desktop.views.parts.menus import open_menu
from clients.desktop.words import _
from miss.base.ids import AccountId
from miss.client.model import TEXT, Message

REACTIONS = ("👍", "✅", "🙏", "👀", "❤️", "❗")


class MessageActs:
    """Acts on the messages of the conversation that is open."""

    def __init__(self, desktop: Desktop, widget: QWidget, thread: Callable[[], Thread | None]) -> None:
        """`widget`: above which menus and dialogs open."""
        self.desktop = desktop
        self._widget = widget
        self._thread = thread

    @property
    def _me(self) -> AccountId:
        return AccountId(self.desktop.me_uid)

    def act(self, act: str, message: Message) -> None:
        """What the key of that letter does with a message; nothing if it may not be done."""
        match act:
            case "r" if not message.is_deleted:
                self.desktop.do(f.ReplyChosen(message.cid, message.seq))
            case "e" if message.is_mine and not message.is_deleted and message.type == TEXT and message.alarm is None:
                self.desktop.do(f.EditChosen(message.cid, message.seq))
            case "d" if message.is_mine and not message.is_deleted:
                self._delete(message)
            case "a" if alarm_standing(message, self._me) in (AlarmStanding.ANSWER, AlarmStanding.ASKED):
                self.desktop.core.ask(lambda account: account.acknowledge(message.cid, message.seq))

    def ask(self, line: MessageLine | WaitingLine, place: QPoint) -> None:
        """Open the menu of a line, at a place of the screen."""
        if isinstance(line, WaitingLine):
            open_menu(self._waiting_menu(line.waiting), place)
        elif not line.message.refused:
            open_menu(self.menu_of(line.message), place)

    def menu_of(self, message: Message) -> QMenu:
        """What may be done about one message."""
        menu = QMenu(self._widget)
        if not message.is_deleted:
            menu.addAction(_("Répondre") + "\tR").triggered.connect(lambda: self.act("r", message))
            react = menu.addMenu(_("Réagir"))
            for emoji in REACTIONS:
                react.addAction(emoji).triggered.connect(lambda _on=False, emoji=emoji: self._react(message, emoji))
        if alarm_standing(message, self._me) in (AlarmStanding.ANSWER, AlarmStanding.ASKED):
            menu.addAction(_("J’accuse réception") + "\tA").triggered.connect(lambda: self.act("a", message))
        if message.text:
            menu.addAction(_("Copier le texte")).triggered.connect(
                lambda: QApplication.clipboard().setText(message.text)
            )
        if message.attachments:
            menu.addAction(_("Ouvrir")).triggered.connect(lambda: self.open_file(message))
            if self.desktop.policy.allow_export:
                menu.addAction(_("Enregistrer…")).triggered.connect(lambda: self._save_file(message))
        if message.is_mine and not message.is_deleted:
            if message.type == TEXT and message.alarm is None:
                menu.addAction(_("Modifier") + "\tE").triggered.connect(lambda: self.act("e", message))
            menu.addAction(_("Supprimer…")).triggered.connect(lambda: self.act("d", message))
        shown = self._thread()
        if shown is not None and (message.is_mine or message.versions):
            details = menu.addAction(_("Détails"))
            details.triggered.connect(lambda: ReceiptsDialog(shown, message, self._me, self._widget).exec())
        if self.desktop.policy.allow_export and not message.is_deleted:
            menu.addAction(_("Enregistrer la preuve…")).triggered.connect(lambda: self._save_proof(message))
        return menu

    def _waiting_menu(self, waiting: Waiting) -> QMenu:
        menu = QMenu(self._widget)
        thread, core = self._thread(), self.desktop.core
        if thread is None:
            return menu
        cid = thread.cid
        if waiting.failed:
            again = menu.addAction(_("Réessayer"))
            again.triggered.connect(lambda: core.ask(lambda account: account.retry(cid, waiting.mid)))
        give_up = menu.addAction(_("Ne pas envoyer"))
        give_up.triggered.connect(lambda: core.ask(lambda account: account.discard(cid, waiting.mid)))
        return menu

    def _react(self, message: Message, emoji: str) -> None:
        self.desktop.core.ask(lambda account: account.react(message.cid, message.seq, emoji))

    def _delete(self, message: Message) -> None:
        question = _("Supprimer ce message pour tout le monde ? Que vous l’avez supprimé restera visible.")
        button = QMessageBox.StandardButton
        if QMessageBox.question(self._widget, _("Supprimer"), question, button.Yes | button.Cancel) == button.Yes:
            self.desktop.core.ask(lambda account: account.delete(message.cid, message.seq))

    # Files

    def open_file(self, message: Message) -> None:
        """A photo in the viewer; a PDF in the program of this machine."""
        if not message.attachments:
            return
        if message.attachments[0].mime.startswith("image/"):
            thread = self._thread()
            photos = [one for one in thread.messages if _has_photo(one)] if thread else []
            PhotoViewer(self.desktop, photos or [message], message, self._widget).show()
            return
        self.desktop.core.ask(
            lambda account: account.open_elsewhere(message),
            lambda path: self._open_path(str(path)),
        )

    def _open_path(self, path: str) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(path)):
            self.desktop.do(f.Troubled(_("Aucun programme de ce poste n’ouvre les PDF. Enregistrez le fichier.")))

    def _save_file(self, message: Message) -> None:
        name = safe_name(message.attachments[0].name, _("photo")) or "photo"
        suggested = name if "." in name else f"{name}.jpg"
        path, _kind = QFileDialog.getSaveFileName(self._widget, _("Enregistrer"), suggested)
        if path:
            self.desktop.core.ask(lambda account: account.fetch(message), lambda content: _write(path, content))

    def _save_proof(self, message: Message) -> None:
        path, _kind = QFileDialog.getSaveFileName(
            self._widget, _("Enregistrer la preuve"), f"{message.seq:04}.miss-proof"
        )
        if path:
            core = self.desktop.core
            core.ask(lambda account: account.prove(message.cid, message.seq), lambda proof: _write(path, proof))


def _has_photo(message: Message) -> bool:
    return bool(message.attachments) and message.attachments[0].mime.startswith("image/")


def _write(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)
