"""An extract of a conversation, on paper or as PDF: who said what, when, what was changed since, and how to prove it.

The proofs themselves are written beside a PDF, one file for each message, for `miss proof verify`.  What leaves this
way is in clear: it belongs in the patient's record, and nowhere else.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from html import escape

from PySide6.QtGui import QPageSize, QTextDocument
from PySide6.QtPrintSupport import QPrinter

from clients.desktop.state.model import Thread
from clients.desktop.views.parts.wording import author, said
from clients.desktop.words import _, day, hour, ngettext
from miss.client.model import Message


def extract_html(thread: Thread, messages: Sequence[Message], proofs: dict[int, bytes], by: str, now: datetime) -> str:
    """The extract, as a page.  `proofs`: of the messages that can be proved; their SHA-256 stands beside each."""
    rows, earlier, members = [], _("Avant modification :"), _("Membres :")
    for message in messages:
        parts = [escape(said(thread, message)).replace("\n", "<br>")]
        parts += [f"<i>{escape(one.name or _('Photo'))} ({one.size} o)</i>" for one in message.attachments]
        parts += [f"<small>{escape(earlier)} {escape(one.text)}</small>" for one in message.versions]
        proof = proofs.get(message.seq)
        mark = hashlib.sha256(proof).hexdigest() if proof else _("sans preuve")
        parts.append(f'<font color="#555555"><small>n° {message.seq} · {mark}</small></font>')
        when = f"{message.sent_at.astimezone():%d/%m/%Y %H:%M}"
        who = by if message.is_mine else author(thread, message)
        rows.append(f"<p><b>{escape(who)}</b> · {when}<br>{'<br>'.join(parts)}</p>")
    names = ", ".join(member.display_name for member in thread.members)
    count = ngettext("{count} message", "{count} messages", len(messages))
    note = _(
        "Chaque empreinte est celle du fichier de preuve de son message, qui se vérifie hors ligne par "
        "« miss proof verify ». Document confidentiel : il contient des données de santé en clair."
    )
    made = _("Extrait fait le {day} à {hour} par {who} · {count}").format(
        day=f"{now.astimezone():%d/%m/%Y}", hour=hour(now, None), who=by, count=count
    )
    return (
        f"<h2>{escape(thread.title)}</h2><p>{escape(members)} {escape(names)}</p>"
        f"<p>{escape(made)}</p><hr>{''.join(rows)}<hr><p><small>{escape(note)}</small></p>"
    )


def first_day(messages: Sequence[Message], now: datetime) -> str:
    """« du lundi 16 novembre »."""
    return day(messages[0].sent_at, None, today=now) if messages else ""


def write_pdf(html: str, path: str) -> None:
    """A PDF of A4 pages."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(path)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    print_on(html, printer)


def print_on(html: str, printer: QPrinter) -> None:
    """The same on a printer."""
    document = QTextDocument()
    document.setHtml(html)
    document.print_(printer)
