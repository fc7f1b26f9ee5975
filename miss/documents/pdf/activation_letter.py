"""The letter that brings activation codes to somebody whose identity was verified.

Folded in three it fits a DL envelope with its window on the right: recipient from 110 mm of the left edge and 50 mm of
the top, six lines at most (NF Z 10-011).  The codes are on this page and nowhere else.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from miss.documents.pdf.sheet import LINE_MM, MARGIN_MM, WIDTH_MM, Sheet, french_day, grouped_rpps

WINDOW_X_MM, WINDOW_Y_MM, WINDOW_WIDTH_MM = 110.0, 50.0, 80.0
WINDOW_LINES: Final = 6
_FILL: Final = (238, 243, 245)


_FOR_THE_APPLICATION = (
    "Pour la messagerie instantanée, installez l’application MiSS, choisissez « J’ai un code d’activation », "
    "saisissez votre numéro RPPS et le code de l’application.",
)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ActivationLetter:
    """What the letter says.  Not shown by `repr`: it holds codes."""

    operator_name: str
    operator_lines: tuple[str, ...]
    """Postal address of the operator; may be empty."""
    recipient_lines: tuple[str, ...]
    """Name and postal address, `WINDOW_LINES` at most."""
    name: str
    """As in « Bonjour Dr Paul EXEMPLE, »."""
    rpps: str
    """Or the identifier that somebody without an RPPS number types in its place (`has_rpps`)."""
    browser_code: str
    """`XXXX-XXXX-XXXX`, for the pages."""
    device_code: str
    """The same, for the application; empty: this person has the pages only."""
    expires_at: datetime
    """Aware, in the reader's zone, as is `written_at`."""
    written_at: datetime
    address: str
    """Of the pages: `https://miss.example`."""
    support: str
    """Whom to call."""
    has_rpps: bool = True


def compose_activation_letter(letter: ActivationLetter) -> bytes:
    """The PDF, one page of A4, in French.  Raises ValueError for more lines than the window shows."""
    if len(letter.recipient_lines) > WINDOW_LINES:
        raise ValueError(f"the window of an envelope shows {WINDOW_LINES} lines")
    sheet = Sheet("Lettre d’activation MiSS", letter.written_at)
    sheet.bold()
    sheet.write_block((letter.operator_name,), MARGIN_MM, MARGIN_MM, 80)
    sheet.plain()
    sheet.write_block(letter.operator_lines, MARGIN_MM, MARGIN_MM + LINE_MM, 80)
    sheet.write_block(letter.recipient_lines, WINDOW_X_MM, WINDOW_Y_MM, WINDOW_WIDTH_MM)
    sheet.set_xy(MARGIN_MM, 95)
    sheet.plain()
    sheet.write_paragraph(f"Le {french_day(letter.written_at)}")
    sheet.bold(12)
    sheet.write_paragraph("Votre compte MiSS est ouvert : voici vos codes d’activation", line_mm=6)
    sheet.plain()
    sheet.write_paragraph(f"Bonjour {letter.name},")
    sheet.write_paragraph(
        "Votre identité a été vérifiée. Il reste à prouver que cette lettre est bien arrivée chez vous : chaque code "
        f"ci-dessous sert une seule fois, jusqu’au {french_day(letter.expires_at)}. {_number(letter)}."
    )
    _write_code(sheet, f"Sur le site : {letter.address}/activation", letter.browser_code)
    if letter.device_code:
        _write_code(sheet, "Dans l’application de messagerie", letter.device_code)
    sheet.bold()
    sheet.write_paragraph("Comment faire", after_mm=1)
    sheet.plain()
    sheet.write_list(
        (
            f"Sur votre ordinateur, ouvrez {letter.address}/activation. Saisissez {_own_number(letter)} et le code du "
            "site, puis choisissez un mot de passe : vous êtes connecté.",
            *(_FOR_THE_APPLICATION if letter.device_code else ()),
            "Détruisez ensuite cette lettre.",
        )
    )
    sheet.write_paragraph(
        "Ne donnez ces codes à personne, ni par téléphone ni par courriel : l’assistance ne vous les demandera jamais. "
        "Si l’enveloppe était ouverte, si un code est refusé ou si la date est passée, demandez une nouvelle lettre : "
        "elle rend celle-ci sans valeur."
    )
    sheet.bold()
    sheet.write_paragraph(f"Assistance : {letter.support}")
    return sheet.finish()


def _number(letter: ActivationLetter) -> str:
    if letter.has_rpps:
        return f"Numéro RPPS à saisir avec le code : {grouped_rpps(letter.rpps)}"
    return f"Identifiant à saisir avec le code : {letter.rpps}"


def _own_number(letter: ActivationLetter) -> str:
    return "votre numéro RPPS" if letter.has_rpps else "votre identifiant"


def _write_code(sheet: Sheet, label: str, code: str) -> None:
    """A code in large groups on a pale ground, read aloud without mistake."""
    top = sheet.get_y()
    sheet.set_fill_color(*_FILL)
    sheet.rect(MARGIN_MM, top, WIDTH_MM, 19, style="F")
    sheet.set_xy(MARGIN_MM + 3, top + 2)
    sheet.soft(9)
    sheet.cell(WIDTH_MM - 6, 5, label)
    sheet.set_xy(MARGIN_MM + 3, top + 8)
    sheet.bold(20)
    sheet.cell(WIDTH_MM - 6, 9, "  –  ".join(code.split("-")))
    sheet.plain()
    sheet.set_xy(MARGIN_MM, top + 22)
