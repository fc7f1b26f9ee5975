"""What a relay may answer."""

from miss.base.errors import Conflict, MissError, Unavailable
from miss.base.text import Text


class RelayAway(Unavailable):
    """No relay could be asked: none answers, or none lets us in.  No mail is to blame."""

    code = "relay_away"
    text = Text(
        fr="Aucun relais de messagerie ne répond pour l'instant ({reason}) ; le message sera représenté.",
        en="No mail relay answers for now ({reason}); the message will be tried again.",
    )


class RelayRefused(MissError):
    """The relay will never take this mail (5yz)."""

    code = "relay_refused"
    text = Text(
        fr="Le relais de messagerie refuse le message : {reply}.", en="The mail relay refuses the message: {reply}."
    )


class MailDeferred(Unavailable):
    """The relay wants this mail later (4yz: greylisting, a full box), or fell silent in the middle of it."""

    code = "mail_deferred"
    text = Text(
        fr="Le relais de messagerie remet ce message à plus tard ({reply}) ; il sera représenté.",
        en="The mail relay puts this mail off ({reply}); it will be tried again.",
    )


class MailNotRevivable(Conflict):
    """An operator wants a mail tried again that left, or of which nothing is kept."""

    code = "mail_not_revivable"
    text = Text(
        fr="Ce courriel ne peut plus être représenté : il est parti, ou son contenu a été détruit.",
        en="This mail cannot be tried again: it left, or what it said is destroyed.",
    )


class MailNotWaiting(Conflict):
    """An operator gives a mail up that does not wait."""

    code = "mail_not_waiting"
    text = Text(
        fr="Ce courriel n’attend plus : il est parti, part en ce moment, ou a déjà été abandonné. Rechargez la page.",
        en="This mail waits no more: it left, leaves right now, or was given up already. Reload the page.",
    )
