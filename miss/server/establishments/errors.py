"""What the pages of an establishment refuse."""

from miss.base.errors import BadInput
from miss.base.text import Text


class FileMissing(BadInput):
    """The form came without a file."""

    code = "staff_file_missing"
    text = Text(fr="Choisissez d’abord un fichier CSV ou XLSX.", en="Choose a CSV or XLSX file first.")


class AppointeeUnknown(BadInput):
    """Nobody with an open account has that RPPS number."""

    code = "establishment_appointee_unknown"
    text = Text(
        fr="Aucun compte ouvert n’a ce numéro RPPS. Vérifiez le numéro, ou ouvrez d’abord le compte.",
        en="No open account has this RPPS number. Check the number, or open the account first.",
    )
