"""Which messages of the open conversation are printed, or saved as PDF with their proofs."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QCheckBox, QComboBox, QFileDialog, QHBoxLayout, QPushButton, QWidget

from clients.desktop.state.model import Thread
from clients.desktop.views.desktop import Desktop
from clients.desktop.views.dialogs.base import DeskDialog
from clients.desktop.views.printing import extract_html, print_on, write_pdf
from clients.desktop.views.theme import enlarge
from clients.desktop.words import _
from miss.base.errors import MissError
from miss.client.model import TEXT, Message

if TYPE_CHECKING:
    from clients.desktop.sync.account import Account

Extract = tuple[list[Message], dict[int, bytes]]
DAYS = (1, 7, 30, 0)


class ExtractDialog(DeskDialog):
    """How far back, with proofs or without, to paper or to a file."""

    def __init__(self, desktop: Desktop, thread: Thread, parent: QWidget | None = None) -> None:
        super().__init__(desktop, _("Extrait de la conversation"), parent)
        self._thread = thread
        enlarge(self, 460)
        self.label(
            _("L’extrait est en clair : rangez-le dans le dossier du patient. Avec les preuves, chaque message est "
              "vérifiable par un tiers, hors ligne.")
        )  # fmt: skip
        self.since = QComboBox()
        self.since.setAccessibleName(_("Depuis"))
        for days in DAYS:
            text = _("Tout") if not days else _("Depuis {days} jour(s)").format(days=days)
            self.since.addItem(text, days)
        self.since.setCurrentIndex(1)
        self.proofs = QCheckBox(_("Avec la preuve de chaque message (demande le serveur)"))
        self.proofs.setChecked(True)
        self.column.addWidget(self.since)
        self.column.addWidget(self.proofs)
        line = QHBoxLayout()
        self.pdf = QPushButton(_("Enregistrer en PDF…"))
        self.paper = QPushButton(_("Imprimer…"))
        for button in (self.pdf, self.paper):
            line.addWidget(button)
        self.column.addLayout(line)
        self.buttons("")
        self.pdf.clicked.connect(self._ask_path)
        self.paper.clicked.connect(lambda: self._gather(None))

    def _ask_path(self) -> None:
        path, _kind = QFileDialog.getSaveFileName(self, _("Enregistrer en PDF"), "extrait.pdf", "PDF (*.pdf)")
        if path:
            self._gather(Path(path))

    def _gather(self, path: Path | None) -> None:
        for button in (self.pdf, self.paper):
            button.setEnabled(False)
        days, with_proofs, cid = int(self.since.currentData()), self.proofs.isChecked(), self._thread.cid
        now = self.desktop.clock.now()

        async def gather(account: "Account") -> Extract:
            found = await account.history(cid, 1, account.client.conversation(cid).last_seq)
            messages = [one for one in found if not days or (now - one.sent_at).days < days]
            proofs: dict[int, bytes] = {}
            for message in messages if with_proofs else ():
                if message.type == TEXT and not message.refused and not message.is_deleted:
                    try:
                        proofs[message.seq] = await account.prove(cid, message.seq)
                    except MissError:
                        continue  # it says so in the extract
            return messages, proofs

        self.ask(gather, lambda extract: self._write(path, extract), self._refused)

    def _refused(self, sentence: str) -> None:
        for button in (self.pdf, self.paper):
            button.setEnabled(True)
        self.fail(sentence)

    def _write(self, path: Path | None, extract: Extract) -> None:
        if self._is_gone or self.desktop.state.me is None:
            return
        messages, proofs = extract
        html = extract_html(self._thread, messages, proofs, self.desktop.state.me.name, self.desktop.clock.now())
        if path is None:
            printer = QPrinter(QPrinter.PrinterMode.HighResolution)
            if QPrintDialog(printer, self).exec():
                print_on(html, printer)
        else:
            write_pdf(html, str(path))
            folder = path.with_suffix(".preuves")
            if proofs:
                folder.mkdir(exist_ok=True)
            for seq, proof in proofs.items():
                (folder / f"{seq:04}.miss-proof").write_bytes(proof)
        self.accept()
