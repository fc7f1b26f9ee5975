"""What the directory of practitioners refuses."""

from miss.base.errors import NotFound
from miss.base.text import Text


class PractitionerNotFound(NotFound):
    """No practitioner has that identifier."""

    code = "practitioner_not_found"
    text = Text(
        fr="Ce professionnel n’est pas dans l’annuaire. Vérifiez le numéro, ou importez le registre à jour.",
        en="This practitioner is not in the directory. Check the number, or import the current register.",
    )
