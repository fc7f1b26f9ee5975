"""What exports refuse."""

from miss.base.errors import Conflict, TooMany
from miss.base.text import Text


class CursorUnknown(Conflict):
    """A cursor that this feed never gave: another installation's, or from before a restore."""

    code = "directory_cursor_unknown"
    text = Text(
        fr="Ce curseur n’est pas de ce flux. Repartez de 0 pour recharger toutes les fiches.",
        en="This cursor is none of this feed. Start again from 0 to load every entry.",
    )


class TooManyExports(TooMany):
    """Somebody exports again and again."""

    code = "too_many_exports"
    text = Text(
        fr="L’annuaire vient d’être exporté plusieurs fois. Réessayez dans {retry_after_s} s ; pour rester à jour, "
        "le flux des changements suffit.",
        en="The directory was exported several times just now. Try again in {retry_after_s} s; to stay up to date, the "
        "feed of changes is enough.",
    )
