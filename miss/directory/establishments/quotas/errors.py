"""What a quota refuses."""

from miss.base.errors import BadInput, TooMany
from miss.base.text import Text


class EstablishmentQuotaReached(TooMany):
    """The establishment's programs have asked for all that they may, together."""

    code = "establishment_quota_reached"
    text = Text(
        fr="Les logiciels de l’établissement ont atteint leur quota commun de {allowed} requêtes par minute. Réessayez "
        "dans {retry_after_s} s ; l’exploitant peut relever ce quota.",
        en="The establishment’s programs have reached their common quota of {allowed} requests a minute. Try again in "
        "{retry_after_s} s; the operator can raise it.",
    )


class QuotaRefused(BadInput):
    """No whole number, or one out of bounds."""

    code = "establishment_quota_refused"
    text = Text(
        fr="Un quota est un nombre entier de {least} à {most} ; laissez vide pour la valeur de la plateforme.",
        en="A quota is a whole number from {least} to {most}; leave it empty for the platform’s own.",
    )
