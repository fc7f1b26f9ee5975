"""How far a message has come with each member, and what it said before it was changed."""

from PySide6.QtWidgets import QWidget

from clients.desktop.state.model import Thread
from clients.desktop.views.dialogs.plain import PlainDialog
from clients.desktop.views.parts.lines import Lines
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, day, hour
from miss.base.ids import AccountId
from miss.client.model import Message


def receipt_lines(thread: Thread, message: Message, me: AccountId) -> list[str]:
    """One line a member: name, then read, received, or not yet."""
    delivered, read = dict(thread.delivered), dict(thread.read)
    found = []
    for member in thread.members:
        if member.uid == me:
            continue
        if read.get(member.uid, 0) >= message.seq:
            reach = _("lu")
        elif delivered.get(member.uid, 0) >= message.seq:
            reach = _("distribué")
        else:
            reach = _("pas encore reçu")
        found.append(_("{author} : {text}").format(author=member.display_name, text=reach))
    return found


class ReceiptsDialog(PlainDialog):
    """Details of one message."""

    def __init__(self, thread: Thread, message: Message, me: AccountId, parent: QWidget | None = None) -> None:
        super().__init__(_("Détails du message"), parent)
        self.label(
            _("Envoyé le {day} à {hour}, reçu par le serveur à {deposited}.").format(
                day=day(message.sent_at, None, today=message.sent_at.max.replace(tzinfo=message.sent_at.tzinfo)),
                hour=hour(message.sent_at, None),
                deposited=hour(message.deposited_at, None),
            )
        )
        if message.is_mine:
            people = Lines(_("Accusés de réception"))
            people.addItems(receipt_lines(thread, message, me))
            self.column.addWidget(people)
        if message.versions:
            self.label(_("Avant modification :"), "faint")
            for version in message.versions:
                self.label(f"{hour(version.written_at, None)} : {version.text}")
        self.close_button()
        enlarge(self, 440, 320)
