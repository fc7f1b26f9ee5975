"""What is wrong with a table of diagnoses."""

from typing import Literal

from miss.base.errors import BadInput
from miss.base.text import Text

Reason = Literal["too_large", "no_columns", "no_header", "no_codes", "not_a_table"]

_REASONS: dict[Reason, Text] = {
    "too_large": Text(
        fr="le fichier est trop grand pour une table de la CIM-10 ; vérifiez que c’est le bon",
        en="the file is too large for a table of the CIM-10; check that it is the right one",
    ),
    "no_columns": Text(
        fr="la première ligne n’a pas de colonnes séparées par tabulation, « | », « ; » ou « , »",
        en="the first line has no columns separated by tab, “|”, “;” or “,”",
    ),
    "no_header": Text(
        fr="aucune colonne ne s’appelle « code » et « libellé », et ce n’est pas le fichier LIBCIM10MULTI de l’ATIH",
        en="no columns are called “code” and “libellé”, and it is not the ATIH’s LIBCIM10MULTI",
    ),
    "no_codes": Text(
        fr="aucune ligne ne porte de code comme L20.9 ou L209", en="no line has a code such as L20.9 or L209"
    ),
    "not_a_table": Text(fr="le fichier n’est pas un tableau lisible", en="the file is not a readable table"),
}


class TableUnreadable(BadInput):
    """The official file was not understood; the table in use stays as it was."""

    code = "diagnoses_unreadable"
    text = Text(
        fr="La table de la CIM-10 n’est pas chargée : {why}. La table en service n’a pas changé.",
        en="The table of the CIM-10 was not loaded: {why}. The table in use has not changed.",
    )

    def __init__(self, *, reason: Reason) -> None:
        super().__init__(reason=reason, why=_REASONS[reason])
