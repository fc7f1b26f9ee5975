"""What signing in through Pro Santé Connect may end in."""

from miss.base.errors import Forbidden, NotAuthenticated, Unavailable
from miss.base.text import Text


class PscRefused(NotAuthenticated):
    """The way back is not the one that was begun, or what came with it does not hold; `why` is for the log."""

    code = "psc_refused"
    text = Text(
        fr="Pro Santé Connect n’a pas confirmé votre identité, ou la demande a été annulée. Recommencez, ou "
        "connectez-vous autrement.",
        en="Pro Santé Connect did not confirm your identity, or the request was cancelled. Try again, or sign in "
        "another way.",
    )


class PscAccountMissing(Forbidden):
    """Their identity is sure; there is no account with that RPPS number."""

    code = "psc_account_missing"
    text = Text(
        fr="Pro Santé Connect confirme votre identité, mais aucun compte MiSS n’est ouvert à votre numéro RPPS. "
        "Demandez l’ouverture d’un compte à l’assistance : votre identité n’aura pas à être vérifiée de nouveau.",
        en="Pro Santé Connect confirms your identity, but no MiSS account is open for your RPPS number. Ask support "
        "to open one: your identity will not have to be verified again.",
    )


class PscUnavailable(Unavailable):
    """It does not answer, or not as OpenID Connect says."""

    code = "psc_unavailable"
    text = Text(
        fr="Pro Santé Connect ne répond pas pour l’instant. Réessayez dans quelques minutes, ou connectez-vous "
        "autrement.",
        en="Pro Santé Connect does not answer at present. Try again in a few minutes, or sign in another way.",
    )
