"""What every dialog stands on: a title, a sentence about what went wrong, and closing when the screen is locked."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from clients.desktop.sync.core import Asked
from clients.desktop.views.desktop import Desktop
from clients.desktop.words import _

if TYPE_CHECKING:
    from clients.desktop.sync.account import Account  # for its name only: it brings the whole client along

T = TypeVar("T")


class DeskDialog(QDialog):
    """A dialog above the page; nothing of it outlives a lock."""

    def __init__(self, desktop: Desktop, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desktop = desktop
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 18, 20, 16)
        self.column.setSpacing(10)
        self.trouble = QLabel()
        self.trouble.setProperty("role", "trouble")
        self.trouble.setWordWrap(True)
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.trouble.hide()
        self._is_gone = False
        desktop.locked.connect(self.reject)
        self.finished.connect(self._went)

    def _went(self) -> None:
        self._is_gone = True

    def fail(self, sentence: str) -> None:
        """Say what went wrong, in the dialog."""
        if not self._is_gone:
            self.trouble.setText(sentence)
            self.trouble.show()
            self.fit()

    def ask(
        self,
        call: "Callable[[Account], Awaitable[T]]",
        then: Callable[[T], None] | None = None,
        failed: Callable[[str], None] | None = None,
    ) -> Asked:
        """`Core.ask`; what is answered after the dialog has gone is dropped, what fails is said in it."""

        def done(result: T) -> None:
            if then is not None and not self._is_gone:
                then(result)

        def refused(sentence: str) -> None:
            if not self._is_gone:
                (failed or self.fail)(sentence)

        return self.desktop.core.ask(call, done, refused)

    def fit(self) -> None:
        """Tall enough for what is said now: sentences that wrap do not ask for their height by themselves."""
        needed = self.column.heightForWidth(self.width())
        if needed > self.height():
            self.resize(self.width(), needed)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802  # Qt's name
        super().showEvent(event)
        self.fit()

    def label(self, text: str, role: str = "") -> QLabel:
        """A sentence, added to the column."""
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            label.setProperty("role", role)
        self.column.addWidget(label)
        return label

    def buttons(self, accept: str, *, close: str = "") -> QDialogButtonBox:
        """The sentence about trouble, and the buttons below everything; `accept` empty: closing only."""
        self.column.addWidget(self.trouble)
        box = QDialogButtonBox()
        if accept:
            ok = box.addButton(accept, QDialogButtonBox.ButtonRole.AcceptRole)
            ok.setDefault(True)
        box.addButton(close or (_("Annuler") if accept else _("Fermer")), QDialogButtonBox.ButtonRole.RejectRole)
        box.rejected.connect(self.reject)
        self.column.addWidget(box)
        return box
