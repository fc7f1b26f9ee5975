"""A dialog that only tells something."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from clients.desktop.words import _


class PlainDialog(QDialog):
    """A title, lines, one button."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(20, 18, 20, 16)
        self.column.setSpacing(10)

    def label(self, text: str, role: str = "") -> QLabel:
        """A sentence, added to the column."""
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByKeyboard)
        if role:
            label.setProperty("role", role)
        self.column.addWidget(label)
        return label

    def close_button(self) -> None:
        """The one button, below everything."""
        box = QDialogButtonBox()
        box.addButton(_("Fermer"), QDialogButtonBox.ButtonRole.RejectRole)
        box.rejected.connect(self.reject)
        self.column.addWidget(box)
