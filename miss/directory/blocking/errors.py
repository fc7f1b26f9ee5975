"""What the list of blocked correspondents refuses."""

from miss.base.errors import BadInput, Conflict, NotFound
from miss.base.text import Text


class BlockedPersonUnknown(BadInput):
    """Neither a number of the directory nor an address."""

    code = "blocked_person_unknown"
    text = Text(
        fr="Ce n’est ni le numéro RPPS d’un professionnel de l’annuaire, ni une adresse de messagerie. Vérifiez la "
        "saisie.",
        en="This is neither the RPPS number of somebody in the directory nor a mail address. Check what you typed.",
    )


class SelfBlocked(BadInput):
    """Somebody blocks themselves."""

    code = "self_blocked"
    text = Text(fr="Vous ne pouvez pas vous bloquer vous-même.", en="You cannot block yourself.")


class BlockExists(Conflict):
    """They are on the list already."""

    code = "block_exists"
    text = Text(
        fr="Ce correspondant est déjà bloqué. Pour changer de motif, débloquez-le d’abord.",
        en="This correspondent is blocked already. To change the reason, unblock them first.",
    )


class BlocksFull(Conflict):
    """Over `limit` lines."""

    code = "blocks_full"
    text = Text(
        fr="Votre liste compte déjà {limit} correspondants bloqués. Débloquez-en pour en ajouter.",
        en="Your list holds {limit} blocked correspondents already. Unblock some to add others.",
    )


class BlockNotFound(NotFound):
    """Not on the list, or on somebody else's."""

    code = "block_not_found"
    text = Text(
        fr="Ce correspondant n’est plus dans votre liste. Rechargez la page.",
        en="This correspondent is no longer on your list. Reload the page.",
    )
