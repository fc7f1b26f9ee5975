"""What the pages may refuse before anything is judged."""

from miss.base.errors import TooLarge
from miss.base.text import Text


class FormTooLarge(TooLarge):
    """More bytes than the pages take in one form."""

    code = "form_too_large"
    text = Text(
        fr="Votre envoi dépasse {limit_mb} Mo. Réduisez le nombre ou la taille des fichiers, puis recommencez.",
        en="What you sent is over {limit_mb} MB. Reduce the number or size of the files, then try again.",
    )
