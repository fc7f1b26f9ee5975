"""Photos and PDF files before they leave: looked at, marked, said something about, one after the other."""

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QButtonGroup, QCheckBox, QHBoxLayout, QLabel, QLineEdit, QWidget

from clients.desktop.state.marks import MarkKind
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.parts.buttons import LabelledButton
from clients.desktop.views.parts.canvas import PhotoCanvas
from clients.desktop.views.parts.composer import Picked
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _, ngettext
from miss.base.ids import ConversationId

MAX_CAPTION: Final = 500


class SendFilesDialog(DeskDialog):
    """The file that comes next, until all of them have left or were skipped."""

    def __init__(
        self, desktop: Desktop, cid: ConversationId, title: str, picked: list[Picked], parent: QWidget | None = None
    ) -> None:
        super().__init__(desktop, _("Envoyer dans « {title} »").format(title=title), parent)
        enlarge(self, 640)
        self._cid = cid
        self._picked = list(picked)
        self.canvas = PhotoCanvas()
        self.canvas.changed.connect(self._drawn)
        self.document = QLabel(alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        self.document.setTextFormat(Qt.TextFormat.PlainText)
        self.document.setMinimumHeight(120)
        self.caption = QLineEdit(placeholderText=_("Légende (facultative)"), maxLength=MAX_CAPTION)
        self.caption.setAccessibleName(_("Légende"))
        self.urgent = QCheckBox(_("Urgent"))
        self.diagnostic = QCheckBox(_("Haute définition, pour examiner un détail"))
        self.tools = self._tools()
        self.column.addWidget(self.tools)
        self.column.addWidget(self.canvas, 1)
        self.column.addWidget(self.document, 1)
        self.hint = self.label(
            _(
                "Tracez à la souris. Au clavier : ajoutez une marque, puis flèches pour la déplacer, Maj + flèches "
                "pour sa taille, Suppr pour l’ôter."
            ),
            "faint",
        )
        self.name = self.label("", "faint")
        self.column.addWidget(self.caption)
        choices = QHBoxLayout()
        choices.addWidget(self.diagnostic)
        choices.addWidget(self.urgent)
        choices.addStretch()
        self.column.addLayout(choices)
        self.box = self.buttons(_("Envoyer"))
        self.box.accepted.connect(self.send)
        self._show()
        self.caption.setFocus()

    def _tools(self) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        self.blur, self.arrow = LabelledButton("blur", _("Flouter")), LabelledButton("arrow", _("Flèche"))
        self.add = LabelledButton("plus", _("Ajouter"))
        self.add.setToolTip(_("Ajouter au milieu, puis déplacer au clavier"))
        self.undo = LabelledButton("undo", _("Annuler"))
        self.undo.setAccessibleName(_("Annuler la dernière marque"))
        self._kinds = QButtonGroup(self)
        for button, kind in ((self.blur, MarkKind.BLUR), (self.arrow, MarkKind.ARROW)):
            button.setCheckable(True)
            self._kinds.addButton(button)
            button.clicked.connect(lambda _on=False, kind=kind: self._take(kind))
        self.blur.setChecked(True)
        self.add.clicked.connect(self._add)
        self.undo.clicked.connect(lambda: self.canvas.put(self.canvas.drawing.undone()))
        self.said = QLabel()
        self.said.setProperty("role", "faint")
        for button in (self.blur, self.arrow, self.add, self.undo):
            button.setAutoDefault(False)
            line.addWidget(button)
        line.addWidget(self.said)
        line.addStretch()
        return row

    def _take(self, kind: MarkKind) -> None:
        self.canvas.tool = kind

    def _add(self) -> None:
        self.canvas.put(self.canvas.drawing.added(self.canvas.tool))
        self.canvas.setFocus()

    def _drawn(self) -> None:
        self.undo.setEnabled(bool(self.canvas.drawing.past))
        self.said.setText(self.canvas.said())

    def _show(self) -> None:
        one = self._picked[0]
        self.canvas.show_picture(QImage())
        self.document.setText(one.name if one.is_pdf else _("Un instant…"))
        self._show_canvas(on=False)
        if not one.is_pdf:
            self.ask(
                lambda account: account.look_at_photo(one.content), lambda seen: self._seen(one, seen), self._unseen
            )
        size = _("{name}, {size} Kio").format(name=one.name, size=len(one.content) // 1024 + 1)
        if len(self._picked) > 1:
            size += " · " + ngettext("{count} autre suit", "{count} autres suivent", len(self._picked) - 1)
        if one.is_pdf:
            note = _("Le document part tel quel, avec ses propres informations (auteur, logiciel).")
        else:
            note = _("Le lieu, la date et l’appareil enregistrés dans la photo sont retirés.")
        self.name.setText(f"{size}\n{note}")
        self.diagnostic.setVisible(not one.is_pdf)

    def _show_canvas(self, *, on: bool) -> None:
        for widget in (self.tools, self.canvas, self.hint):
            widget.setVisible(on)
        self.document.setVisible(not on)

    def _seen(self, one: Picked, content: bytes) -> None:
        picture = QImage.fromData(content)
        if one is self._picked[0] and not picture.isNull():
            self.canvas.show_picture(picture)
            self._show_canvas(on=True)
            self.fit()

    def _unseen(self, sentence: str) -> None:
        self.document.setText(self._picked[0].name)
        self.fail(sentence)

    def send(self) -> None:
        """Put the file that is shown in the outbox, with its marks."""
        one, cid, caption = self._picked[0], self._cid, self.caption.text().strip()
        urgent, diagnostic, marks = self.urgent.isChecked(), self.diagnostic.isChecked(), self.canvas.drawing.marks
        self.box.setEnabled(False)
        if one.is_pdf:
            self.ask(
                lambda account: account.send_file(cid, one.content, one.name, caption, urgent=urgent),
                self._left,
                self._refused,
            )
        else:
            self.ask(
                lambda account: account.send_photo(
                    cid, one.content, caption, marks=marks, diagnostic=diagnostic, urgent=urgent
                ),
                self._left,
                self._refused,
            )

    def _left(self, _mid: bytes) -> None:
        self._picked.pop(0)
        if not self._picked:
            self.accept()
            return
        self.box.setEnabled(True)
        self.caption.clear()
        self.trouble.hide()
        self._show()

    def _refused(self, sentence: str) -> None:
        self.box.setEnabled(True)
        self.fail(sentence)
