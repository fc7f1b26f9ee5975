"""The statement as a PDF that people read; the JSON beside it is what is signed.  Pure."""

from datetime import datetime, tzinfo

from miss.documents.pdf.sheet import Sheet, french_day
from miss.mail.proofs.model import Proof, Statement
from miss.mail.trace.model import INTEGRATION_ERRORS, NAMES, timeline


def compose_sheet(statement: Statement, digest: str, zone: tzinfo) -> bytes:
    """The PDF, in French.  `digest`: SHA-256 of the JSON, in hex."""
    sheet = Sheet(f"Preuves d’envoi - {statement.author}", statement.made_at)
    sheet.bold(16)
    sheet.write_paragraph("Preuves d’envoi de courriels", line_mm=8, after_mm=4)
    sheet.plain()
    terms = (
        f"Conditions générales acceptées : version {statement.terms}, le {_moment(statement.terms_accepted_at, zone)}."
        if statement.terms_accepted_at
        else "Aucune acceptation des conditions générales n’est enregistrée."
    )
    sheet.write_paragraph(
        f"{statement.operator} atteste de l’envoi, pour {statement.author} ({statement.author_id}), des courriels "
        f"ci-dessous, mis en file du {french_day(statement.since.astimezone(zone))} au "
        f"{french_day(statement.until.astimezone(zone))}. {terms}"
    )
    if not statement.proofs:
        sheet.write_paragraph("Aucun courriel dans cette période.")
    for proof in statement.proofs:
        _write(sheet, proof, zone)
    sheet.soft()
    sheet.write_paragraph(
        f"Établi le {_moment(statement.made_at, zone)}. La pièce qui fait foi est preuves.json, signée par la "
        f"plateforme (signature.json). SHA-256 de preuves.json : {digest}",
        line_mm=4.4,
    )
    return sheet.finish()


def _write(sheet: Sheet, proof: Proof, zone: tzinfo) -> None:
    mailed = proof.mailed
    sheet.bold()
    sheet.write_paragraph(f"À {mailed.recipient} – {NAMES[mailed.stage].fr}", after_mm=0.5)
    sheet.plain(9)
    lines = [
        f"{_moment(entry.at, zone)} : {entry.name.fr}{_detail(entry.detail)}{f', selon {entry.by}' if entry.by else ''}"
        for entry in timeline(mailed, proof.steps)
    ]
    sheet.write_paragraph("\n".join(lines), after_mm=0.5, line_mm=4.6)
    sheet.soft()
    digest = mailed.digest.hex() if mailed.digest else "détruite"
    sheet.write_paragraph(f"{mailed.message_id}, {mailed.size_bytes} octets\nSHA-256 : {digest}", line_mm=4, after_mm=4)
    sheet.plain()


def _detail(detail: str) -> str:
    meaning = INTEGRATION_ERRORS.get(detail)
    return f" ({detail} : {meaning.fr})" if meaning else f" ({detail})" if detail else ""


def _moment(at: datetime | None, zone: tzinfo) -> str:
    return f"{at.astimezone(zone):%d/%m/%Y à %H:%M:%S}" if at else ""
