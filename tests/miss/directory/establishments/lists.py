"""Files of staff as spreadsheets write them, and people to put into them."""

import csv
import io
from collections.abc import Sequence

from xlsxwriter import Workbook

Row = Sequence[object]
Rows = Sequence[Row]

OPTIONS = {
    "in_memory": True,
    "default_date_format": "dd/mm/yyyy",
    "strings_to_formulas": False,
    "strings_to_urls": False,
}
HEADER = ("Nom", "Prénom", "Service", "Fonction", "RPPS", "Matricule")
ANNE = ("MODELE", "Anne", "Dermatologie", "Praticien", "99900000011", "A1")
KARIM = ("ESSAI", "Karim", "Dermatologie", "Praticien", "99900000037", "A2")
ZOE = ("CROQUIS", "Zoé", "Ophtalmologie", "Interne", "99900000144", "A3")
SECRETARY = ("Buvard", "Odile", "Accueil", "Secrétaire", "", "A4")


def as_csv(rows: Rows, *, separator: str = ";", encoding: str = "utf-8") -> bytes:
    """As the csv module writes it."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows: Rows, *, formulas: dict[tuple[int, int], str] | None = None) -> bytes:
    """A workbook; `formulas`: by row and column from 0, instead of what `rows` say."""
    content = io.BytesIO()
    with Workbook(content, OPTIONS) as book:
        sheet = book.add_worksheet("Personnel")
        for number, cells in enumerate(rows):
            sheet.write_row(number, 0, list(cells))
        for (row, column), formula in (formulas or {}).items():
            sheet.write_formula(row, column, formula, value="calculé")
    return content.getvalue()
