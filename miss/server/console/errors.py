"""What the console refuses."""

from miss.base.errors import BadInput, Forbidden
from miss.base.text import Text


class NotOnOneself(Forbidden):
    """Technicians act upon other people's accounts."""

    code = "not_on_oneself"
    text = Text(
        fr="C’est votre propre compte : demandez à un autre technicien d’agir.",
        en="This is your own account: ask another technician to act.",
    )


class NotConfirmed(BadInput):
    """An act that cannot be undone is confirmed by a box."""

    code = "not_confirmed"
    text = Text(
        fr="Cette action est définitive : cochez la case de confirmation pour l’exécuter.",
        en="This cannot be undone: tick the box to confirm.",
    )


class RoleUnknown(BadInput):
    """A role or a scope that this page does not grant."""

    code = "role_unknown"
    text = Text(
        fr="Choisissez un rôle de la liste et, pour un établissement, son identifiant (FINESS ou numéro du registre).",
        en="Choose a role of the list and, for an establishment, its identifier (FINESS or number of the register).",
    )


class SuccessorUnknown(BadInput):
    """Nobody in the directory has that RPPS number."""

    code = "successor_unknown"
    text = Text(
        fr="Aucun professionnel de l’annuaire n’a ce numéro RPPS. Vérifiez les onze chiffres du successeur.",
        en="Nobody in the directory has this RPPS number. Check the successor’s eleven digits.",
    )


class NameTooShort(BadInput):
    """Too little of a name to look for."""

    code = "name_too_short"
    text = Text(
        fr="Tapez au moins deux lettres du nom cherché.",
        en="Type at least two letters of the name you look for.",
    )
