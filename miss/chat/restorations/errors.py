"""What this room refuses."""

from miss.base.errors import Conflict
from miss.base.text import Text


class RestorationFork(Conflict):
    """The database holds another statement of the same epoch than the list beside ROOT's key."""

    code = "restoration_fork"
    text = Text(
        fr="La base porte une autre déclaration n° {epoch} que la liste gardée avec la clé racine. Ne signez rien : "
        "l'une des deux n'est pas de ce serveur.",
        en="The database holds another statement no. {epoch} than the list kept with the root key. Sign nothing: one "
        "of the two is not this server's.",
    )


class NothingWasRestored(Conflict):
    """Links are put back only on a server that says it was restored."""

    code = "nothing_was_restored"
    text = Text(
        fr="Ce serveur n'a pas été restauré : rien n'est à y remettre.",
        en="This server was not restored: there is nothing to put back.",
    )
