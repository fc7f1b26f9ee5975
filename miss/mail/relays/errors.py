"""What can be wrong with the operator's relays."""

from miss.base.errors import MissError
from miss.base.text import Text


class RelaysUnusable(MissError):
    """The file of relays cannot be used: `path`, `reason`."""

    code = "relays_unusable"
    text = Text(
        fr="Le fichier des relais « {path} » est inutilisable : {reason}.",
        en="The file of relays {path} cannot be used: {reason}.",
    )
