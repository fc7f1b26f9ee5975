"""The certificate that somebody is a verified member, with the number by which anybody checks that it still holds."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from miss.documents.pdf.look import PLAIN, Look
from miss.documents.pdf.sheet import LINE_MM, MARGIN_MM, WIDTH_MM, Sheet, french_day, printable

ASIDE_MM: Final = 60.0
LOGO_HEIGHT_MM: Final = 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationSheet:
    """What the certificate says."""

    operator_name: str
    operator_lines: tuple[str, ...]
    name: str
    """`Dr Paul EXEMPLE`."""
    profession: str
    """As the register writes it; may be empty."""
    rpps: str
    place: str
    """`Cabinet du Dr EXEMPLE, 59140 Dunkerque`; may be empty."""
    since: datetime
    """When the identity was verified; aware, in the reader's zone, as is `issued_at`."""
    issued_at: datetime
    number: str
    check_address: str
    """`https://miss.example/attestation/XXXX-…`."""
    look: Look = PLAIN
    """Of the establishment where they practise, shown beside the operator, who attests."""


def compose_attestation(sheet_of: AttestationSheet) -> bytes:
    """The PDF, one page of A4, in French."""
    sheet = Sheet(f"Attestation MiSS {sheet_of.number}", sheet_of.issued_at)
    sheet.bold()
    sheet.write_block((sheet_of.operator_name,), MARGIN_MM, MARGIN_MM, 90)
    sheet.plain()
    sheet.write_block(sheet_of.operator_lines, MARGIN_MM, MARGIN_MM + LINE_MM, 90)
    _write_establishment(sheet, sheet_of.look)
    sheet.set_xy(MARGIN_MM, 70)
    sheet.bold(18)
    sheet.write_paragraph("Attestation d’inscription", line_mm=9, after_mm=8)
    sheet.plain()
    sheet.write_paragraph(f"{sheet_of.operator_name} atteste que")
    sheet.bold(13)
    sheet.write_paragraph(sheet_of.name, line_mm=7, after_mm=1)
    sheet.plain()
    known = [sheet_of.profession, f"numéro RPPS {sheet_of.rpps}", sheet_of.place]
    sheet.write_paragraph("\n".join(line for line in known if line))
    sheet.write_paragraph(
        "est inscrit(e) à la plateforme MiSS de messagerie sécurisée de santé, et que son identité professionnelle y a "
        f"été vérifiée : son compte est actif et vérifié depuis le {french_day(sheet_of.since)}."
    )
    sheet.write_paragraph(
        f"Délivrée le {french_day(sheet_of.issued_at)}, pour servir et valoir ce que de droit.", after_mm=10
    )
    sheet.bold()
    sheet.write_paragraph(f"Numéro {sheet_of.number}", after_mm=1)
    sheet.plain()
    sheet.write_paragraph(f"Pour vérifier que cette attestation est toujours valable :\n{sheet_of.check_address}")
    sheet.soft()
    sheet.write_paragraph(
        "La page indique si l’attestation est valable, et rien d’autre. Ce document ne prouve pas l’identité de la "
        "personne qui le présente.",
        line_mm=4.4,
    )
    return sheet.finish()


def _write_establishment(sheet: Sheet, look: Look) -> None:
    """On the right, beside the operator: logo and name; a band in its colour above the title."""
    left_mm, top_mm = MARGIN_MM + WIDTH_MM - ASIDE_MM, MARGIN_MM
    if look.logo:
        sheet.place_logo(look.logo, left_mm, top_mm, (ASIDE_MM, LOGO_HEIGHT_MM), align="R")
        top_mm += LOGO_HEIGHT_MM + 1
    if look.name:
        sheet.set_xy(left_mm, top_mm)
        sheet.bold()
        sheet.set_text_color(*look.ink)
        sheet.multi_cell(ASIDE_MM, LINE_MM, printable(look.name), align="R")
    if look.band is not None:
        sheet.set_xy(MARGIN_MM, 62)
        sheet.write_band(look.band)
