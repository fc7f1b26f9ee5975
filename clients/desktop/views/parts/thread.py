"""The open conversation: who is in it, its messages, where one writes, and what may be done about each."""

from dataclasses import replace

from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from clients.desktop.state import facts as f
from clients.desktop.state.model import Thread
from clients.desktop.state.reading import (
    first_unread,
    last_own,
    typing_names,
)
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.alarm import AlarmDialog
from clients.desktop.views.dialogs.members import MembersDialog
from clients.desktop.views.dialogs.sending import SendFilesDialog
from clients.desktop.views.parts.acts import MessageActs
from clients.desktop.views.parts.banners import Banner
from clients.desktop.views.parts.buttons import tool
from clients.desktop.views.parts.composer import Composer, Picked
from clients.desktop.views.parts.elided import Elided
from clients.desktop.views.parts.faces import Face
from clients.desktop.views.parts.messages import MessageList
from clients.desktop.views.parts.wording import presence_text
from clients.desktop.words import _
from miss.base.ids import AccountId, ConversationId, MessageId

_FACE_PX = 38


class ThreadPane(QWidget):
    """One conversation."""

    def __init__(self, desktop: Desktop, own: ConversationId | None = None) -> None:
        """`own`: the conversation of a window of its own; None: the one that is chosen in the list."""
        super().__init__()
        self.desktop = desktop
        self._own = own
        self.face = Face(_FACE_PX)
        self.title, self.under = Elided("title"), Elided("faint")
        self.details = tool("people", _("Membres et réglages de la conversation"))
        self.find_button = tool(
            "search", _("Chercher dans cette conversation"), _("Chercher dans cette conversation (Ctrl+F)")
        )
        self.apart_button = tool("window", _("Ouvrir dans sa fenêtre"), _("Ouvrir dans sa fenêtre (Ctrl+Maj+O)"))
        self.keys = Banner()
        self.messages = MessageList(desktop.clock)
        self.typing = QLabel()
        self.typing.setProperty("role", "faint")
        self.typing.setContentsMargins(14, 0, 0, 0)
        self.composer = Composer()
        self.gone = Banner()
        self.acts = MessageActs(desktop, self, lambda: self._shown)
        self._shown: Thread | None = None
        self._pending_seq: tuple[ConversationId, int] | None = None
        self._asked_older = 0
        self._read_told: tuple[ConversationId, int] | None = None
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        names = QVBoxLayout()
        names.setSpacing(1)
        names.addWidget(self.title)
        names.addWidget(self.under)
        self.head = QFrame()
        self.head.setProperty("role", "head")
        head = QHBoxLayout(self.head)
        head.setContentsMargins(14, 8, 10, 8)
        head.setSpacing(8)
        head.addWidget(self.face)
        head.addLayout(names, 1)
        head.addWidget(self.find_button)
        head.addWidget(self.apart_button)
        head.addWidget(self.details)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.keys)
        layout.addWidget(self.messages, 1)
        layout.addWidget(self.typing)
        layout.addWidget(self.gone)
        layout.addWidget(self.composer)

    def _connect(self) -> None:
        self.messages.asked.connect(self.acts.ask)
        self.messages.opened.connect(self.acts.open_file)
        self.messages.older_wanted.connect(self._older)
        self.messages.bottom_seen.connect(self.seen)
        self.messages.acted.connect(self.acts.act)
        self.composer.sent.connect(self._send)
        self.composer.alarm_wanted.connect(self._alarm)
        self.composer.files_brought.connect(self._send_files)
        self.composer.recalled.connect(self._recall)
        self.composer.dropped.connect(self._drop)
        self.composer.kept.connect(self._keep)
        self.composer.typing.connect(self._tell_typing)
        self.composer.field.spelling.added.connect(lambda word: self._teach(word, known=True))
        self.composer.field.spelling.removed.connect(lambda word: self._teach(word, known=False))
        self.details.clicked.connect(self.show_members)
        self.apart_button.clicked.connect(self.open_apart)

    # Showing

    def refresh(self) -> None:
        """Draw what is shown now."""
        state = self.desktop.state
        thread = state.thread if self._own is None else state.thread_of(self._own)
        self.composer.follow(state.settings)
        if thread is self._shown:
            if thread is not None:
                self.under.setText(self._subtitle(thread))
            return
        before, self._shown = self._shown, thread
        if before is not None and (thread is None or thread.cid != before.cid):
            self._leave(before)
        self.messages.show_thread(thread, self._me)
        if thread is None:
            self.composer.load("", False)
            return
        if before is None or before.cid != thread.cid:
            self.composer.load(thread.draft.text, thread.draft.urgent)
            self._asked_older = 0
        self.face.show_face(thread.title, thread.cid)
        self.title.setText(thread.title)
        self.under.setText(self._subtitle(thread))
        names = typing_names(thread, self._me)
        self.typing.setText(_("{who} écrit…").format(who=", ".join(names)) if names else "")
        self.typing.setVisible(bool(names))
        self._show_about(thread, before)
        self._show_keys(thread)
        self.composer.setVisible(thread.is_member)
        self.gone.say("" if thread.is_member else _("Vous n’êtes plus dans cette conversation : elle se lit encore."))
        if self._pending_seq is not None and self._pending_seq[0] == thread.cid:
            self._reveal(self._pending_seq[1], thread)

    @property
    def cid(self) -> ConversationId | None:
        """The conversation that stands here."""
        return self._own if self._own is not None else self.desktop.state.chosen

    @property
    def _me(self) -> AccountId:
        return AccountId(self.desktop.me_uid)

    def _subtitle(self, thread: Thread) -> str:
        others = [one for one in thread.members if one.uid != self._me]
        if len(others) == 1:
            seal = _("clés comparées") if others[0].uid in thread.verified else _("identité certifiée")
            presence = self.desktop.state.presence_of(others[0].uid)
            said = presence_text(presence) if presence is not None else ""
            return " · ".join(part for part in (said, others[0].who.profession, seal) if part)
        return ", ".join(one.display_name for one in others)

    def _show_about(self, thread: Thread, before: Thread | None) -> None:
        was = (before.replying_to, before.editing, before.cid) if before else (None, None, None)
        if was == (thread.replying_to, thread.editing, thread.cid):
            return
        by_seq = {one.seq: one for one in thread.messages}
        if thread.editing is not None and (message := by_seq.get(thread.editing)):
            self.composer.show_about(_("Modification de votre message"), is_editing=True)
            self.composer.load(message.text, False)
            self.composer.field.setFocus()
        elif thread.replying_to is not None and (message := by_seq.get(thread.replying_to)):
            text = message.text or _("Photo ou fichier")
            self.composer.show_about(_("En réponse à : {text}").format(text=text[:100]), is_editing=False)
            self.composer.field.setFocus()
        else:
            self.composer.show_about("", is_editing=False)
            if before is not None and before.editing is not None and before.cid == thread.cid:
                self.composer.load("", False)

    def _show_keys(self, thread: Thread) -> None:
        names = [one.display_name for one in thread.members if one.uid in thread.warned]
        if not names:
            self.keys.say("")
            return
        self.keys.say(
            _(
                "Les clés de {who} ont changé. Vérifiez que c’est bien cette personne, par téléphone par exemple."
            ).format(who=", ".join(names)),
            (_("Comparer"), self.show_members),
        )

    # Reading

    def seen(self) -> None:
        """What stands at the bottom is in front of somebody."""
        thread = self._shown
        window = self.window()
        if thread is None or not thread.messages or not window.isActiveWindow() or self.desktop.is_covered:
            return
        last = max((one.seq for one in thread.messages if not one.is_mine), default=0)
        # The row may be told a moment after its messages: whether it counts them already says nothing.
        if last > thread.read_seq and self._read_told != (thread.cid, last):
            self._read_told = (thread.cid, last)
            self.desktop.core.ask(lambda account: account.mark_read(thread.cid, last))

    def go_to(self, cid: ConversationId, seq: int) -> None:
        """Show a message, fetching what lies in between, wherever its conversation stands."""
        if cid != self._own and (self._own is not None or cid in self.desktop.state.windows):
            self.desktop.message_wanted.emit(cid, seq)
            return
        self._pending_seq = (cid, seq)
        if self._shown is not None and self._shown.cid == cid:
            self._reveal(seq, self._shown)
        else:
            self.desktop.choose(cid)

    def go_to_unread(self) -> None:
        """To the first message that was not read when the conversation was opened."""
        seq = first_unread(self._shown) if self._shown is not None else None
        if self._shown is not None and seq is not None:
            self._reveal(seq, self._shown)

    def _reveal(self, seq: int, thread: Thread) -> None:
        if self.messages.reveal(seq):
            self._pending_seq = None
        elif thread.messages and seq < thread.messages[0].seq:
            first = thread.messages[0].seq
            self.desktop.core.ask(lambda account: account.read_from(thread.cid, seq, first))
        else:
            self._pending_seq = None

    def _older(self) -> None:
        thread = self._shown
        if thread is None or not thread.messages or thread.messages[0].seq == self._asked_older:
            return
        self._asked_older = first = thread.messages[0].seq
        self.desktop.core.ask(lambda account: account.read_older(thread.cid, first))

    # Writing

    def _send(self, text: str, urgent: bool) -> None:
        thread = self._shown
        if thread is None:
            return
        cid = thread.cid
        if thread.editing is not None:
            seq = thread.editing
            self.desktop.do(f.EditChosen(cid, None))
            self.desktop.core.ask(lambda account: account.edit(cid, seq, text))
            return
        reply = self._mid_of(thread, thread.replying_to)
        self.desktop.do(f.ReplyChosen(cid, None))
        self.desktop.core.ask(lambda account: account.send_text(cid, text, reply=reply, urgent=urgent))

    def _mid_of(self, thread: Thread, seq: int | None) -> MessageId | None:
        return next((one.mid for one in thread.messages if one.seq == seq), None)

    def _alarm(self, text: str) -> None:
        if self._shown is not None:
            dialog = AlarmDialog(self.desktop, self._shown, text, self)
            if dialog.exec():
                self.composer.load("", False)

    def _send_files(self, picked: list[Picked]) -> None:
        if self._shown is not None and self._shown.is_member:
            SendFilesDialog(self.desktop, self._shown.cid, self._shown.title, picked, self).exec()

    def _recall(self) -> None:
        message = last_own(self._shown.messages) if self._shown else None
        if message is not None:
            self.desktop.do(f.EditChosen(message.cid, message.seq))

    def _drop(self) -> None:
        if self._shown is not None:
            self.desktop.do(f.ReplyChosen(self._shown.cid, None))

    def _keep(self, text: str, urgent: bool) -> None:
        if self._shown is not None:
            self._keep_in(self._shown, text, urgent)

    def _keep_in(self, thread: Thread, text: str, urgent: bool) -> None:
        reply = self._mid_of(thread, thread.replying_to)
        self.desktop.core.ask(lambda account: account.save_draft(thread.cid, text, reply, urgent=urgent))

    def _leave(self, before: Thread) -> None:
        """Another conversation comes: what was begun in this one is kept first."""
        self._shown, after = before, self._shown
        self.composer.keep_pending()
        self._shown = after

    def keep_pending(self) -> None:
        """The window is about to go."""
        self.composer.keep_pending()

    def _tell_typing(self, on: bool) -> None:
        if self._shown is not None:
            cid = self._shown.cid
            self.desktop.core.ask(lambda account: account.typing(cid, on), failed=lambda _sentence: None)

    def _teach(self, word: str, *, known: bool) -> None:
        """A word of this person's own, or no longer."""
        settings = self.desktop.state.settings
        others = tuple(one for one in settings.own_words if one != word)
        new = replace(settings, own_words=(*others, word) if known else others)
        self.desktop.core.ask(lambda account: account.change_settings(new))

    # Elsewhere

    def open_apart(self) -> None:
        """This conversation in a window of its own."""
        if self._shown is not None:
            self.desktop.open_apart(self._shown.cid)

    def show_members(self) -> None:
        """Who is here, and what may be changed about it."""
        if self._shown is not None:
            MembersDialog(self.desktop, self._shown.cid, self).exec()
