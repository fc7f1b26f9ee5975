"""What changing a pool may refuse."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text


class SheetIncomplete(BadInput):
    """Something that a pool cannot do without is blank or zero."""

    code = "pool_sheet_incomplete"
    text = Text(
        fr="Complétez « {field} » : le groupe ne peut pas fonctionner sans.",
        en="Complete {field}: the pool cannot work without it.",
    )


class FallbackUnknown(BadInput):
    """A pool that helps has to exist, and be another one."""

    code = "pool_fallback_unknown"
    text = Text(
        fr="Un groupe de secours est inconnu, ou est le groupe lui-même. Choisissez-en un autre dans la liste.",
        en="A fallback pool is unknown, or is the pool itself. Choose another one from the list.",
    )


class ChangeUnknown(NotFound):
    """No change of that pool has that identifier."""

    code = "pool_change_unknown"
    text = Text(
        fr="Cette modification n’existe pas dans ce groupe.",
        en="This pool knows no such change.",
    )


class ChangeOvertaken(Conflict):
    """What the change made was changed again: undoing it would undo somebody else's work."""

    code = "pool_change_overtaken"
    text = Text(
        fr="D’autres modifications ont suivi : annulez d’abord la plus récente, ou corrigez la fiche directement.",
        en="Other changes came after it: undo the latest one first, or correct the sheet itself.",
    )
