"""What a relay may answer."""

from miss.base.errors import MissError, Unavailable
from miss.base.text import Text


class RelayAway(Unavailable):
    """The relay does not answer, or says « later » (4yz)."""

    code = "relay_away"
    text = Text(
        fr="Le relais de messagerie ne prend pas le message pour l'instant ({reason}) ; il sera représenté.",
        en="The mail relay does not take the message for now ({reason}); it will be tried again.",
    )


class RelayRefused(MissError):
    """The relay will never take this mail (5yz)."""

    code = "relay_refused"
    text = Text(
        fr="Le relais de messagerie refuse le message : {reply}.", en="The mail relay refuses the message: {reply}."
    )
