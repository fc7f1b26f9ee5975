"""What declaring a conflict may refuse."""

from miss.base.errors import BadInput
from miss.base.text import Text


class ConflictWithSelf(BadInput):
    """Nobody gets their own requests anyway."""

    code = "conflict_with_self"
    text = Text(
        fr="Vos propres demandes ne vous sont jamais proposées : il n’y a rien à déclarer.",
        en="Your own requests are never offered to you: there is nothing to declare.",
    )


class ConflictsFull(BadInput):
    """More conflicts than an expert can have."""

    code = "conflicts_full"
    text = Text(
        fr="Vous avez déjà déclaré {limit} personnes. Retirez celles qui n’ont plus lieu d’être, ou quittez le groupe.",
        en="You have declared {limit} people already. Remove those that are out of date, or leave the pool.",
    )
