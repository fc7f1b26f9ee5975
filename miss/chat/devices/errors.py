"""What this room refuses."""

from miss.base.errors import BadInput, Conflict, NotAuthenticated
from miss.base.text import Text


class StaleLink(Conflict):
    """Somebody's chain has grown meanwhile; the client reads it again and rebases."""

    code = "stale_link"
    text = Text(
        fr="Les appareils d'un membre ont changé entre-temps. Actualisez, puis recommencez.",
        en="A member's devices have changed meanwhile. Refresh, then try again.",
    )


class DeviceKnown(Conflict):
    """That device identifier is taken."""

    code = "device_known"
    text = Text(
        fr="Cet appareil est déjà relié. Ouvrez-le, ou réinstallez MiSS pour le relier à nouveau.",
        en="This device is linked already. Open it, or reinstall MiSS to link it again.",
    )


class AlreadyLinked(Conflict):
    """A first device for somebody who has one: no code starts a living chain over but the operator's reset."""

    code = "already_linked"
    text = Text(
        fr="Un appareil est déjà relié à ce compte. Ajoutez celui-ci depuis l'autre, ou avec votre clé de "
        "récupération ; si vous avez tout perdu, demandez une réinitialisation à l'assistance.",
        en="A device is linked to this account already. Add this one from the other, or with your recovery key; "
        "if everything is lost, ask support for a reset.",
    )


class NothingToReset(Conflict):
    """A reset for somebody who has no device yet."""

    code = "nothing_to_reset"
    text = Text(
        fr="Aucun appareil n'a encore été relié à ce compte : il n'y a rien à réinitialiser. "
        "Demandez à l'assistance un code d'activation d'appareil.",
        en="No device was ever linked to this account: there is nothing to reset. Ask support for a device "
        "activation code.",
    )


class DeviceNameRefused(BadInput):
    """A name that is empty, too long or not printable."""

    code = "device_name_refused"
    text = Text(
        fr="Donnez à cet appareil un nom de 1 à {max} caractères.",
        en="Give this device a name of 1 to {max} characters.",
    )


class AuthRefused(NotAuthenticated):
    """The signature is not that of a linked device for this connection and this host."""

    code = "auth_refused"
    text = Text(
        fr="Cet appareil n'a pas pu être reconnu. Reliez-le à nouveau avec un code d'activation.",
        en="This device could not be recognised. Link it again with an activation code.",
    )


class DeviceRevoked(NotAuthenticated):
    """The device was revoked by its owner."""

    code = "device_revoked"
    text = Text(
        fr="Cet appareil a été révoqué par son titulaire.",
        en="This device was revoked by its owner.",
    )


class TokenRefused(NotAuthenticated):
    """The token is missing, forged or older than ten minutes; the client asks for another one."""

    code = "token_refused"
    text = Text(
        fr="La session de cet appareil a expiré ; il se reconnecte.",
        en="This device's session has expired; it is connecting again.",
    )
