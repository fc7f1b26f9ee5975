"""What the commands of the service may refuse; each room has errors of its own."""

from miss.base.errors import NotFound
from miss.base.text import Text


class NobodyWithRpps(NotFound):
    """The directory has nobody with that number."""

    code = "nobody_with_rpps"
    text = Text(
        fr="L’annuaire ne contient personne sous le numéro RPPS {rpps}. Importez le registre, ou vérifiez le numéro.",
        en="The directory has nobody with RPPS number {rpps}. Import the register, or check the number.",
    )
