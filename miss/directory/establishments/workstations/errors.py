"""What an establishment cannot impose."""

from miss.base.errors import BadInput
from miss.base.text import Text


class LockRefused(BadInput):
    """No whole number of minutes, or one out of bounds."""

    code = "establishment_lock_refused"
    text = Text(
        fr="Le délai est un nombre entier de minutes, de {least} à {most} ; laissez vide pour que chacun choisisse.",
        en="The delay is a whole number of minutes, from {least} to {most}; leave it empty to let everybody choose.",
    )
