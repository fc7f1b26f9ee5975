"""What an establishment cannot show itself with."""

from miss.base.errors import BadInput
from miss.base.text import Text


class ColourRefused(BadInput):
    """No colour, or one too light for white words."""

    code = "branding_colour_refused"
    text = Text(
        fr="La couleur {colour} ne convient pas : du texte blanc doit s’y lire avec un contraste de 4,5 au moins "
        "(ici {contrast}). La plus proche qui convienne : {nearest}.",
        en="The colour {colour} does not do: white text must be readable on it with a contrast of at least 4.5 (here "
        "{contrast}). The nearest that does: {nearest}.",
    )


class LogoRefused(BadInput):
    """No picture, or one too heavy."""

    code = "branding_logo_refused"
    text = Text(
        fr="Ce logo ne peut pas être lu. Choisissez une image JPEG, PNG ou HEIC de 5 Mo au plus.",
        en="This logo cannot be read. Choose a JPEG, PNG or HEIC picture of at most 5 MB.",
    )


class SenderRefused(BadInput):
    """A name that mails cannot bear."""

    code = "branding_sender_refused"
    text = Text(
        fr="Le nom d’expéditeur a 60 caractères au plus, sans arobase ni retour à la ligne.",
        en="The sender’s name has 60 characters at most, no at sign and no line break.",
    )
