"""What looking for an organisation refuses."""

from miss.base.errors import NotFound
from miss.base.text import Text


class OrganizationNotFound(NotFound):
    """No organisation has that identifier."""

    code = "organization_not_found"
    text = Text(
        fr="Aucune structure du registre n’a cet identifiant. Vérifiez le numéro FINESS ou l’identifiant technique.",
        en="No organisation of the register has this identifier. Check the FINESS number or technical identifier.",
    )
